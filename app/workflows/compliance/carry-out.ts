/**
 * Carries out erasure requests on a vault: customers/redact and shop/redact, with whoever's keys are at hand. Used by the app's worker and by the command
 * line alike. Safe to repeat at any point: what is erased already is found erased, its certificate is found, and the answer is given again.
 */
import type { Ledger, NewLedgerEntry } from "#app/ledger/index.ts";
import { answerRequest, barredBy, eraseVault, readCertificates, readHolds, Tombstones } from "#app/vault/index.ts";
import type { Clock, ContentKeys, HostKeys, IssuedCertificate, ObjectStore, Random, Vault } from "#app/vault/index.ts";
import type { ComplianceTopic } from "../ports.ts";
import { redactRecords, type RedactCode } from "../redact/redact-records.ts";
import { kindOfId, recordsOfPeople, recordsOfPerson } from "./person-records.ts";

export interface ErasureRequest {
  readonly id: string;
  readonly topic: Exclude<ComplianceTopic, "customers/data_request">;
  readonly customerId: string | null;
  readonly orderIds: readonly string[];
}

export interface CarryOut {
  readonly store: ObjectStore;
  readonly vault: Pick<Vault, "description">;
  readonly hostKeys: HostKeys;
  /** Null: no identity is at hand. Enough for shop/redact, which opens nothing, and for saying that a hold stands against a request. */
  readonly contentKeys: ContentKeys | null;
  readonly ledger: Pick<Ledger, "entries" | "append">;
  readonly clock: Clock;
  readonly random: Random;
  readonly actor: string;
  readonly shop?: string;
  readonly requests: readonly ErasureRequest[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly step: string; readonly done: number; readonly total: number }) => void;
}

export type AnswerCode =
  | "compliance.erased"
  /** Erased, but something that opens the old bytes is still held by a lock of the storage: it stays open. */
  | "compliance.erased_in_part"
  /** Nothing of this person is in the vault. */
  | "compliance.nothing_held"
  /** A legal hold with a named basis stands against it. */
  | "compliance.held"
  /** A hold keeps the snapshots, and nobody has named a basis in law for it: the request stays due. */
  | "compliance.hold_without_basis"
  /** It waits for somebody's identity. */
  | "compliance.identity_needed"
  | Exclude<RedactCode, "redaction.not_found" | "redaction.held" | "redaction.bad_reason">;

export interface Answer {
  readonly id: string;
  readonly code: AnswerCode;
  /** Answered for good: nothing is left to do. */
  readonly final: boolean;
  readonly certificate: { readonly object: string; readonly digest: string } | null;
  readonly hold: { readonly id: string; readonly until: string | null } | null;
}

/** One answer per request, in their order. Throws the families of vault, store and ledger; then running it again finishes it. */
export async function carryOutErasures(o: CarryOut): Promise<readonly Answer[]> {
  const answers = new Map<string, Answer>();
  const people: ErasureRequest[] = [];
  for (const request of o.requests) {
    const barred = await barredFor(o, request);
    if (barred !== null) answers.set(request.id, barred);
    else if (request.topic === "shop/redact") answers.set(request.id, await eraseShop(o, request));
    else people.push(request);
  }
  // Together: one pass over the packs, one redaction.
  if (people.length > 0) for (const answer of await erasePeople(o, people)) answers.set(answer.id, answer);
  const all = o.requests.map(({ id }) => answers.get(id)!);
  await tell(o, all);
  return all;
}

const none = { certificate: null, hold: null } as const;

/** Null: no legal hold stands against it. */
async function barredFor({ store, vault, hostKeys, clock }: CarryOut, request: ErasureRequest): Promise<Answer | null> {
  const barred = await barredBy({ store, description: vault.description, indexKey: hostKeys.indexKey, clock }, request.topic === "shop/redact" ? "all" : recordsOfPerson(request).ids);
  if (barred === null) return null;
  if (barred.code === "redaction.damaged_hold") return { id: request.id, code: barred.code, final: false, ...none };
  const { inForce } = await readHolds(store, vault.description);
  const legal = inForce.find(({ holdId, legal: basis }) => barred.details.includes(holdId) && basis !== undefined);
  if (legal === undefined) return { id: request.id, code: "compliance.hold_without_basis", final: false, ...none };
  return { id: request.id, code: "compliance.held", final: false, certificate: null, hold: { id: legal.holdId, until: legal.legal?.until ?? null } };
}

async function erasePeople(o: CarryOut, people: readonly ErasureRequest[]): Promise<Answer[]> {
  const { store, vault, contentKeys } = o;
  const { ids, references } = recordsOfPeople(people);
  const all = (code: AnswerCode, final: boolean): Answer[] => people.map(({ id }) => ({ id, code, final, ...none }));
  // The platform named nobody at all: there is nothing to look for.
  if (ids.length === 0) return all("compliance.nothing_held", true);
  if (contentKeys === null) return all("compliance.identity_needed", false);
  const outcome = await redactRecords({
    ...o,
    contentKeys,
    ids,
    tree: true,
    ...(references === undefined ? {} : { references }),
    reason: reasonOf(people),
  });
  if (outcome.kind === "refused" && outcome.code !== "redaction.not_found") {
    const { code } = outcome;
    // A hold that was placed in this very moment: the next run says which.
    return all(code === "redaction.held" || code === "redaction.bad_reason" ? "redaction.contended" : code, false);
  }
  const certificates = await readCertificates(store, vault.description);
  return people.map((request) => answerFrom(o, request, certificates));
}

function answerFrom({ hostKeys }: CarryOut, request: ErasureRequest, certificates: readonly IssuedCertificate[]): Answer {
  const tombstones = new Tombstones(hostKeys.indexKey);
  const own = new Set(recordsOfPerson(request).ids.map((id) => tombstones.of({ kind: kindOfId(id), id, parentId: null })));
  const about = certificates.filter(({ certificate }) => certificate.tombstones.some((tombstone) => own.has(tombstone)));
  const newest = about.at(-1);
  if (newest === undefined) return { id: request.id, code: "compliance.nothing_held", final: true, ...none };
  const open = newest.certificate.remaining.some(({ object }) => object.endsWith(".key"));
  return { id: request.id, code: open ? "compliance.erased_in_part" : "compliance.erased", final: !open, certificate: { object: newest.object, digest: newest.digest }, hold: null };
}

async function eraseShop(o: CarryOut, request: ErasureRequest): Promise<Answer> {
  const { store, vault, hostKeys, ledger, clock, actor, shop } = o;
  const { description } = vault;
  const outcome = await eraseVault({
    store,
    description,
    indexKey: hostKeys.indexKey,
    signingKey: hostKeys.signingKey,
    clock,
    actor,
    reason: reasonOf([request]),
    ...(o.signal === undefined ? {} : { signal: o.signal }),
    onProgress: ({ done, total }) => o.onProgress?.({ step: "destroy", done, total }),
  });
  if (outcome.kind === "refused") return { id: request.id, code: outcome.code === "redaction.held" ? "redaction.contended" : outcome.code, final: false, ...none };
  const newest = (await readCertificates(store, description)).at(-1);
  const { snapshots, packs, kept } = outcome.report;
  const vaultId = description.vaultId;
  if (snapshots + packs > 0) {
    const entry: NewLedgerEntry = { actor, action: "vault.erased", subject: { vault: vaultId, ...(shop === undefined ? {} : { shop }), snapshots, packs, remaining: kept.length, ...(newest === undefined ? {} : { certificate: newest.digest }) }, reason: reasonOf([request]), outcome: kept.length === 0 ? "done" : "failed" };
    await ledger.append([entry]);
  }
  if (newest === undefined) return { id: request.id, code: "compliance.nothing_held", final: true, ...none };
  const open = kept.length > 0 || newest.certificate.remaining.length > 0;
  return { id: request.id, code: open ? "compliance.erased_in_part" : "compliance.erased", final: !open, certificate: { object: newest.object, digest: newest.digest }, hold: null };
}

/** Into the vault, for whoever comes with nothing but the bucket, and into the ledger. */
async function tell({ store, vault, hostKeys, ledger, clock, random, actor, shop, requests }: CarryOut, answers: readonly Answer[]): Promise<void> {
  const { description } = vault;
  const entries: NewLedgerEntry[] = [];
  const told = await toldBefore(ledger);
  for (const { id, code, final, certificate, hold } of answers) {
    // What is only put off is no answer.
    if (!final && code !== "compliance.held" && code !== "compliance.erased_in_part") continue;
    if (told.get(id) === `${code} ${certificate?.digest ?? ""} ${hold?.id ?? ""}`) continue;
    await answerRequest({ store, description, signingKey: hostKeys.signingKey, clock, random }, { requestId: id, by: actor, code, ...(certificate === null ? {} : certificate), ...(hold === null ? {} : { hold: hold.id }) });
    entries.push({
      actor,
      action: "compliance.answered",
      subject: {
        vault: description.vaultId,
        ...(shop === undefined ? {} : { shop }),
        request: id,
        topic: requests.find((request) => request.id === id)!.topic,
        code,
        ...(certificate === null ? {} : { certificate: certificate.digest }),
        ...(hold === null ? {} : { hold: hold.id, ...(hold.until === null ? {} : { until: new Date(hold.until).toISOString() }) }),
      },
      outcome: code === "compliance.held" ? "refused" : "done",
    });
  }
  if (entries.length > 0) await ledger.append(entries);
}

/** The last answer to each request, as the ledger has it: a run that was broken off after it does not say it twice. */
async function toldBefore(ledger: Pick<Ledger, "entries">): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  for await (const { action, subject } of ledger.entries()) {
    if (action === "compliance.answered") told.set(String(subject["request"]), `${String(subject["code"])} ${String(subject["certificate"] ?? "")} ${String(subject["hold"] ?? "")}`);
  }
  return told;
}

/** For the certificate and the ledger: which requests, and nobody's name. */
function reasonOf(requests: readonly ErasureRequest[]): string {
  const named = requests.slice(0, 8).map(({ id }) => id.slice(0, 40));
  return `privacy request ${named.join(", ")}${requests.length > named.length ? ` and ${requests.length - named.length} more` : ""}`;
}
