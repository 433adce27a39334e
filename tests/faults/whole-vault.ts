/** A vault in which everything has happened that can: parity, snapshots, a rotation, a hold, a redaction, rosters, changes between snapshots, a package about a person, a recovery program, a prune in both its phases, and each entered into the ledger, which a witness has cosigned. */
import { createHash } from "node:crypto";
import { openLedger, originOf, parseWitnessKey, verifierKey } from "#app/ledger/index.ts";
import type { Ed25519Key, Ledger } from "#app/ledger/index.ts";
import { answerRequest, contentKeys, createVault, openJournalWriter, openVault, parsePolicy, placeHold, prune, putDrillCertification, putDrillResult, putRecoveryKit, putRequest, putRestoreObject, putRoster, readVaultDescription, redact, rotateRecipients, sealMessage } from "#app/vault/index.ts";
import type { HostKeys, KeepPolicy, ObjectStore, SnapshotManifest } from "#app/vault/index.ts";
import { checkVault } from "#app/workflows/verify/check-vault.ts";
import type { CheckedVault } from "#app/workflows/verify/check-vault.ts";
import { enterMissing } from "#app/workflows/snapshot/enter-snapshots.ts";
import { record, SCRATCH, seededRandom, testIdentity } from "#tests/support/vault-kit.ts";
import { testTerms } from "#tests/support/search-terms.ts";
import type { TestIdentity } from "#tests/support/vault-kit.ts";
import { WitnessServer } from "#tests/ledger/witness-server.ts";
import { RetentionStore } from "./retention-store.ts";

/** A bucket: anything may be removed, nothing locked. */
export class Bucket extends RetentionStore {
  override readonly traits = { name: "bucket", objectLock: false, versioned: false, strongListing: true };
}

const HOUR = 3_600_000;

export interface WholeVault {
  readonly store: Bucket;
  readonly hostKeys: HostKeys;
  readonly identity: TestIdentity;
  /** The key of the witness who has cosigned. */
  readonly witness: string;
  /** The ledger's signed head at the end, as an officer would keep it. */
  readonly kept: string;
  /** The store as it was before its last snapshot, with the head of that time. */
  readonly older: { readonly store: Bucket; readonly kept: string };
}

/** `given`: the recipient from the start, and the one a rotation adds. */
export async function wholeVault(seed: string, given?: readonly [TestIdentity, TestIdentity]): Promise<WholeVault> {
  const store = new Bucket();
  const [identity, second] = given ?? [await testIdentity(), await testIdentity("P-384")];
  const random = seededRandom(seed);
  let time = Date.parse("2026-03-02T00:00:00.000Z");
  const clock = { now: () => new Date((time += 1000)) };
  const { hostKeys, vaultId } = await createVault({ store, recipients: [identity.recipient], clock, random, parity: true });
  const description = await readVaultDescription(store);
  const ledger = ledgerOf(store, vaultId, hostKeys, clock);
  const enter = async (action: string, subject: Record<string, string | number | boolean>): Promise<void> => void (await ledger.append([{ actor: "cli", action, subject, outcome: "done" }]));
  await enter("vault.created", { vault: vaultId, recipients: 1 });

  const noise = seededRandom(`${seed} noise`);
  const text = (): string => `synthetic ${Buffer.from(noise(90)).toString("hex")}`;
  let shop = Array.from({ length: 60 }, (_, i) => record("customers", `id${i}`, text()));
  const take = async (): Promise<void> => {
    const vault = await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH, tuning: { frameBytes: 2000, packBytes: 6000 } });
    const head = await ledger.head();
    const writer = await vault.beginSnapshot({ source: { type: "jsonl", name: "s" }, terms: testTerms, ...(head === null ? {} : { checkpoint: { size: head.size, root: head.root } }) });
    await writer.write(shop, "s");
    await writer.commit();
    await enterMissing(ledger, await vault.snapshots(), clock);
    time += 26 * HOUR;
  };
  await take();
  shop = shop.map((item, i) => (i % 3 === 0 ? record("customers", item.id, text()) : item));
  await take();
  const rotated = await rotateRecipients({ store, opener: identity.opener, add: [second.recipient], remove: [], clock, signingKey: hostKeys.signingKey });
  await enter("keys.rotated", { vault: vaultId, sequence: rotated.sequence, recipients: rotated.recipients.length, ...(rotated.digest === null ? {} : { digest: rotated.digest }) });
  shop = shop.map((item, i) => (i % 4 === 0 ? record("customers", item.id, text()) : item));
  await take();
  const redacted = await redact({ store, description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, contentKeys: contentKeys(store, identity.opener), clock, random, ids: ["id7"], tree: false, actor: "cli", reason: "asked to be forgotten", terms: testTerms });
  if (redacted.kind !== "done") throw new Error(redacted.code);
  shop = shop.filter(({ id }) => id !== "id7");
  await take();
  const oldest = (await (await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH })).snapshots()).at(-1)?.snapshotId as string;
  await placeHold({ store, description, signingKey: hostKeys.signingKey, clock, random }, { name: "hold", reason: "litigation", by: "cli", snapshots: [oldest] });
  const keeper = { store, description, indexKey: hostKeys.indexKey, signingKey: hostKeys.signingKey, clock, random: seededRandom(`${seed} requests`) };
  await putRestoreObject(keeper, "plan-of-a-restore", "plan-1", Buffer.from(JSON.stringify({ format: 1, note: "SYNTHETIC: ids and names of fields" })));
  await putRequest(keeper, { requestId: "delivery-1", topic: "customers/redact", customerId: "id7", orderIds: [], receivedAt: "2026-03-02T00:00:00.000Z", dueAt: "2026-04-01T00:00:00.000Z" });
  await answerRequest(keeper, { requestId: "delivery-1", by: "cli", code: "compliance.erased" });
  const newest = (await (await openVault({ store, hostKeys, clock, random, scratchDirectory: SCRATCH })).snapshots())[0] as SnapshotManifest;
  const drillKeeper = { store, description, signingKey: hostKeys.signingKey };
  const drilled = await putDrillResult(drillKeeper, [{ name: newest.objectKey, digest: { sha256: newest.digest } }], { vaultId, drillId: "drill-1", startedAt: clock.now().toISOString(), passed: true });
  await enter("drill.finished", { vault: vaultId, drill: "drill-1", record: drilled.digest });
  const certified = await putDrillCertification({ ...drillKeeper, random: seededRandom(`${seed} drills`) }, drilled, { verdict: "accepted" });
  await enter("drill.certified", { vault: vaultId, drill: "drill-1", record: drilled.digest, certificate: certified.digest });
  for (const responders of [["a".repeat(43)], []]) {
    const { roster, digest } = await putRoster({ ...drillKeeper, clock }, { shop: "synthetic.myshopify.com", signIn: null, responders });
    await enter("roster.published", { vault: vaultId, sequence: roster.sequence, digest, responders: responders.length, groups: 0 });
  }
  const journal = await openJournalWriter({ store, description, hostKeys, clock, random: seededRandom(`${seed} journal`), orderedKinds: new Set() });
  const moment = clock.now();
  for (const id of ["id1", "id2"]) {
    const { segment } = await journal.append([{ change: "upsert", kind: "customers", id, occurredAt: moment, receivedAt: moment, fetchedAt: moment, records: [record("customers", id, text())] }]);
    await enter("journal.sealed", { vault: vaultId, sequence: segment.sequence, digest: segment.digest });
  }
  const files = new Map([["recover.mjs", "a stand-in"], ["FORMAT.md", "SYNTHETIC"], ["README.txt", "ten lines"]].map(([name, words]) => [name as string, Buffer.from(words as string)]));
  const recovery = await putRecoveryKit({ store, hostKeys, clock, kit: { version: "1.0.0", make: () => Promise.resolve({ version: "1.0.0", files }) } });
  await enter("recovery.written", { vault: vaultId, version: "1.0.0", folder: recovery?.folder ?? "", program: recovery?.digest ?? "" });
  const disclosed = await sealMessage(Buffer.from("SYNTHETIC\n"), { typ: "holdfast-disclosure", vault: vaultId, request: "delivery-1" }, [identity.recipient]);
  await store.putIfAbsent("disclosures/delivery-1-00000000.jwe", disclosed);
  await enter("disclosure.made", { vault: vaultId, request: "delivery-1", records: 1, versions: 1, fromShop: 0, unopened: 0, package: digestOf(disclosed) });
  const witness = await cosignedBy(ledger, originOf(vaultId), description.signingPublicKey);
  const before = { store: cloneOf(store), kept: (await ledger.head())?.note ?? "" };
  await take();
  const pruned = await prune({ store, description, signingKey: hostKeys.signingKey, clock, policy: parsePolicy("last=2") as KeepPolicy, actor: "cli", verified: new Set(), graceMs: HOUR });
  if (pruned.kind !== "done") throw new Error(pruned.code);
  return { store, hostKeys, identity, witness, kept: (await ledger.head())?.note ?? "", older: before };
}

export function ledgerOf(store: ObjectStore, vaultId: string, hostKeys: HostKeys | null, clock = { now: () => new Date(0) }): Ledger {
  const origin = originOf(vaultId);
  return openLedger({ store, origin, signer: hostKeys === null ? undefined : { name: origin, privateKey: { ...hostKeys.signingKey } }, clock, check: () => undefined });
}

async function cosignedBy(ledger: Ledger, origin: string, publicKey: Ed25519Key): Promise<string> {
  const server = new WitnessServer();
  await server.start();
  try {
    server.logs.set(origin, verifierKey(origin, publicKey));
    const answer = await ledger.cosign({ url: server.url, key: parseWitnessKey(server.vkey)! });
    if (answer.kind !== "cosigned") throw new Error(answer.kind);
    return server.vkey;
  } finally {
    await server.stop();
  }
}

export function cloneOf(store: Bucket): Bucket {
  const copy = new Bucket();
  for (const [key, body] of store.objects) copy.objects.set(key, Uint8Array.from(body));
  return copy;
}

/** What a fresh verifier says that has nothing but the store, and, if given, a checkpoint that was kept elsewhere. */
export function freshlyChecked(store: ObjectStore, kept: string | undefined): Promise<CheckedVault> {
  return checkVault({ store, readData: true, opener: null, hostKeys: null, scratchDirectory: SCRATCH, keptCheckpoint: kept, ledger: (vaultId) => ledgerOf(store, vaultId, null), onProgress: () => undefined });
}

export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
