/** View models of the screens about privacy requests, erasure, retention and keys. Invented figures, no records. */
import type { CertificatesModel, EraseModel, KeysModel, PruneDraft, RequestModel, RequestRow, RequestsModel, RetentionModel, VaultKeysModel } from "#app/ui/models/privacy.ts";
import { ago, keyId, NOW } from "./fixtures.ts";

const DAY = 86_400_000;
const ahead = (ms: number): string => ago(-ms);

export const vaultKeys: VaultKeysModel = { recipientKeyIds: [keyId], sealedKeys: Array.from({ length: 37 }, (_, i) => ({ keyId: i.toString(16).padStart(32, "0"), jwe: { ciphertext: "x", recipients: [{ header: { kid: keyId } }] } })) };

const row = (over: Partial<RequestRow> = {}): RequestRow => ({ id: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", topic: "erase", receivedAt: ago(18 * DAY), dueAt: ahead(12 * DAY + 3_600_000), state: "open", code: "compliance.identity_needed", ...over });
const held = row({ id: "held-1", state: "held", code: "compliance.held", answeredAt: ago(2 * DAY), heldUntil: ahead(90 * DAY) });
const answered = row({ id: "done-1", state: "answered", code: "compliance.erased", answeredAt: ago(40 * DAY), receivedAt: ago(60 * DAY), dueAt: ago(30 * DAY) });

export const requestLists: Record<string, RequestsModel> = {
  empty: { now: NOW, ready: true, rows: [], run: null },
  due: { now: NOW, ready: true, rows: [row({ id: "late-1", topic: "data", receivedAt: ago(33 * DAY), dueAt: ago(3 * DAY) }), row(), row({ id: "shop-1", topic: "erase-shop", receivedAt: ago(25 * DAY), dueAt: ahead(5 * DAY), code: "store.refused" }), held, answered, row({ id: "done-2", topic: "data", state: "answered", code: "compliance.disclosed", answeredAt: ago(DAY) })], run: null },
  answered: { now: NOW, ready: true, rows: [answered], run: null },
  running: { now: NOW, ready: true, rows: [row()], run: { id: "run_07", job: "erasure", phase: "search", startedAt: ago(30_000), records: 120, expected: 480 } },
};

const page: RequestModel = { ...row(), now: NOW, customerId: "7712300001", orders: 3, snapshots: 214, shop: "maple-apothecary.myshopify.com", hold: null, certificate: null, package: null, keys: vaultKeys, run: null };

export const requestPages: Record<string, RequestModel> = {
  erase: page,
  data: { ...page, topic: "data" },
  shop: { ...page, topic: "erase-shop", customerId: null, orders: 0 },
  held: { ...page, ...held, keys: null, hold: { id: "00112233445566ff", name: "case 2026/14", basis: "Litigation", citation: "Doe v. Roe, No. 14-2026", until: ahead(90 * DAY) } },
  erased: { ...page, ...answered, keys: null, certificate: { name: "0000000007.certificate-1", digest: "9f".repeat(32) } },
  disclosed: { ...page, topic: "data", state: "answered", code: "compliance.disclosed", answeredAt: ago(DAY), package: { digest: "7c".repeat(32), until: ahead(29 * DAY) } },
  away: { ...page, keys: null, code: "store.refused", problem: { code: "store.refused" } },
  running: { ...page, run: { id: "run_07", job: "erasure", phase: "rewrite", startedAt: ago(30_000), records: 3, expected: 9 } },
};

const erase: EraseModel = { now: NOW, ready: true, snapshots: 214, keys: vaultKeys, run: null, last: null };
export const erasePages: Record<string, EraseModel> = {
  ready: erase,
  done: { ...erase, last: { code: "redaction.done", at: ago(60_000), certificate: "0000000008.certificate-1" } },
  held: { ...erase, last: { code: "redaction.held", at: ago(60_000), certificate: null } },
  beforeSetup: { ...erase, ready: false, keys: null, snapshots: 0 },
};

export const certificateLists: Record<string, CertificatesModel> = {
  empty: { now: NOW, ready: true, rows: [] },
  some: {
    now: NOW,
    ready: true,
    rows: [
      { name: "0000000008.certificate-2", erasedAt: ago(60_000), issuedAt: ago(50_000), records: 14, versions: 96, packs: 11, remaining: 0, reason: "privacy request b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", digest: "9f".repeat(32) },
      { name: "0000000007.certificate-1", erasedAt: ago(20 * DAY), issuedAt: ago(20 * DAY), records: 1_204, versions: 9_811, packs: 310, remaining: 2, reason: "case 17", digest: "7c".repeat(32) },
    ],
  },
};

const retention: RetentionModel = {
  now: NOW,
  ready: true,
  snapshots: 214,
  policy: null,
  holds: [],
  damagedHolds: [],
  recent: Array.from({ length: 5 }, (_, i) => ({ id: i.toString(16).padStart(16, "0"), takenAt: ago(i * DAY) })),
  run: null,
};
export const retentions: Record<string, RetentionModel> = {
  new: retention,
  held: {
    ...retention,
    policy: { keep: "last=3,daily=14,monthly=12,yearly=7", enabled: true, prunedAt: ago(5 * 3_600_000) },
    holds: [
      { id: "00112233445566ff", name: "incident 7", reason: "suspected intrusion", at: ago(9 * DAY), snapshots: 3, legal: null },
      { id: "00112233445566fe", name: "case 2026/14", reason: "litigation", at: ago(30 * DAY), snapshots: "all", legal: { basis: "Litigation", citation: "Doe v. Roe, No. 14-2026", until: ahead(90 * DAY), persons: 2 } },
      { id: "00112233445566fd", name: "case 2024/3", reason: "litigation", at: ago(700 * DAY), snapshots: "all", legal: { basis: "Litigation", citation: "No. 3-2024", until: ago(2 * DAY), persons: "all" } },
    ],
  },
  damaged: { ...retention, damagedHolds: ["holds/00112233445566ff.json"] },
  beforeSetup: { ...retention, ready: false, snapshots: 0, recent: [] },
};

export const prunePlan: PruneDraft = {
  keep: "last=3,hourly=24,daily=14,weekly=8,monthly=12,yearly=7",
  expire: Array.from({ length: 40 }, (_, i) => ({ id: (i + 300).toString(16).padStart(16, "0"), takenAt: ago((60 + i) * DAY), why: i % 3 === 0 ? "too-old" : "superseded" })),
  kept: Array.from({ length: 12 }, (_, i) => ({ id: i.toString(16).padStart(16, "0"), takenAt: ago(i * DAY), reasons: i === 0 ? [{ code: "newest" }, { code: "verified" }] : i === 1 ? [{ code: "held", detail: "incident 7" }] : [{ code: "daily", detail: "2026-11-20" }] })),
  freedNow: 0,
  freedLater: 1_532_000_000,
  dueAt: ahead(DAY),
  partlyDead: { packs: 310, bytes: 98_000_000 },
  youngerThanSixYears: 40,
};

const keys: KeysModel = {
  now: NOW,
  ready: true,
  recipients: [{ keyId, algorithm: "P-256, ECDH-ES+A256KW", since: ago(400 * DAY), neededUntil: ahead(1_800 * DAY) }],
  due: [
    { at: ago(35 * DAY), overdue: true, what: "replace recipient", key: keyId, why: "a key seals for 1 year, and for 2 years at most" },
    { at: ago(400 * DAY), overdue: true, what: "add a second recipient", key: keyId, why: "if this one identity is lost, everything is; split it among officers, or add a second one kept elsewhere" },
    { at: ahead(330 * DAY), overdue: false, what: "wrap anew", key: null, why: "what is kept is wrapped anew every 2 years, so that no key opens for more than 5 years" },
  ],
  refusals: [],
  keys: vaultKeys,
  run: null,
  last: null,
};
export const keyPages: Record<string, KeysModel> = {
  one: keys,
  two: { ...keys, due: [], recipients: [...keys.recipients, { keyId: `${keyId.slice(0, -3)}xyz`, algorithm: "P-384, ECDH-ES+A256KW", since: ago(3 * DAY) }], last: { code: "keys.rotated", at: ago(60_000) } },
  refused: { ...keys, last: { code: "vault.recipients_contended", at: ago(60_000) } },
  beforeSetup: { ...keys, ready: false, recipients: [], due: [], keys: null },
};
