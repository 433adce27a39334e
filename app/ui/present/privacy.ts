/** From requests, certificates, holds and plans, as workflows answer them, to what the screens show. Pure. */
import type { Hold, IssuedCertificate, PruneReport } from "#app/vault/index.ts";
import type { KeyPlan } from "#app/workflows/keys/plan-rotation.ts";
import type { KeptRequest, Run } from "#app/workflows/ports.ts";
import type { CertificateRow, HoldRow, KeysModel, LegalHoldModel, PruneDraft, RequestModel, RequestRow, RequestTopic } from "../models/privacy.ts";

const TOPIC: Readonly<Record<KeptRequest["topic"], RequestTopic>> = { "customers/data_request": "data", "customers/redact": "erase", "shop/redact": "erase-shop" };

export function requestRow(request: KeptRequest): RequestRow {
  const { id, topic, receivedAt, dueAt, state, code, answeredAt, heldUntil } = request;
  return { id, topic: TOPIC[topic], receivedAt: receivedAt.toISOString(), dueAt: dueAt.toISOString(), state, code, ...(answeredAt === null ? {} : { answeredAt: answeredAt.toISOString() }), ...(heldUntil === null ? {} : { heldUntil: heldUntil.toISOString() }) };
}

export function requestPage(request: KeptRequest, holds: readonly Hold[], packageLivesMs: number): Pick<RequestModel, "customerId" | "orders" | "hold" | "certificate" | "package"> {
  const { customerId, orderIds, object, digest, hold: holdId, answeredAt, topic } = request;
  const hold = holds.find((one) => one.holdId === holdId);
  const found = object === null || digest === null ? null : { object, digest };
  return {
    customerId: customerId === null ? null : (/(\d+)$/.exec(customerId)?.[1] ?? customerId),
    orders: orderIds.length,
    hold: hold?.legal === undefined ? null : legalHold(hold, hold.legal),
    certificate: found === null || topic === "customers/data_request" ? null : { name: certificateName(found.object), digest: found.digest },
    package: found === null || topic !== "customers/data_request" ? null : { digest: found.digest, until: new Date((answeredAt?.getTime() ?? 0) + packageLivesMs).toISOString() },
  };
}

function legalHold({ holdId, name }: Hold, { basis, citation, until }: NonNullable<Hold["legal"]>): LegalHoldModel {
  return { id: holdId, name, basis, citation, ...(until === null ? {} : { until }) };
}

/** "0000000001.certificate-1": what stands in an address. */
export function certificateName(object: string): string {
  return object.replace(/^redactions\//, "").replace(/\.json$/, "");
}

export function certificateRow({ object, digest, certificate }: IssuedCertificate): CertificateRow {
  const { erasedAt, issuedAt, records, versions, destroyed, remaining, reason } = certificate;
  return { name: certificateName(object), erasedAt, issuedAt, records, versions, packs: destroyed.packs.length, remaining: remaining.length, reason, digest };
}

/** The newest certificate of each erasure: a later one says what an earlier one could not yet. */
export function certificateRows(certificates: readonly IssuedCertificate[]): CertificateRow[] {
  const newest = new Map<number, IssuedCertificate>();
  for (const issued of certificates) if ((newest.get(issued.certificate.redaction)?.certificate.issue ?? 0) < issued.certificate.issue) newest.set(issued.certificate.redaction, issued);
  return [...newest.values()].map(certificateRow).sort((a, b) => (a.erasedAt < b.erasedAt ? 1 : -1));
}

export function holdRow({ holdId, name, reason, at, snapshots, legal }: Hold): HoldRow {
  return {
    id: holdId,
    name,
    reason,
    at,
    snapshots: snapshots === "all" ? "all" : snapshots.length,
    legal: legal === undefined ? null : { basis: legal.basis, citation: legal.citation, persons: legal.subjects === "all" ? "all" : legal.subjects.length, ...(legal.until === null ? {} : { until: legal.until }) },
  };
}

export function pruneDraft(keep: string, { plan, removed, waiting, partlyDead }: PruneReport, youngerThanSixYears: number): PruneDraft {
  return {
    keep,
    expire: plan.expire.map(({ snapshotId, takenAt, why }) => ({ id: snapshotId, takenAt, why })),
    kept: plan.keep.map(({ snapshotId, takenAt, reasons }) => ({ id: snapshotId, takenAt, reasons })),
    freedNow: removed.bytes,
    freedLater: waiting.bytes,
    ...(waiting.dueAt === null ? {} : { dueAt: waiting.dueAt }),
    partlyDead,
    youngerThanSixYears,
  };
}

export function presentKeys(plan: KeyPlan, algorithms: ReadonlyMap<string, string>): Pick<KeysModel, "recipients" | "due" | "refusals"> {
  return {
    recipients: plan.recipients.filter(({ removed }) => removed === null).map(({ keyId, since, neededUntil }) => ({ keyId, algorithm: algorithms.get(keyId) ?? "ECDH-ES+A256KW", since, ...(neededUntil === null ? {} : { neededUntil }) })),
    due: plan.due,
    refusals: plan.refusals.map(({ sentence }) => sentence),
  };
}

/** How the newest run of this sort ended; null: none has. */
export function lastOf(runs: readonly Run[], what: string): { code: string; at: string; result: string | null } | null {
  const run = runs.find(({ kind, input, finishedAt }) => kind === "custody" && input["what"] === what && finishedAt !== null);
  return run?.finishedAt == null ? null : { code: run.code ?? "unexpected", at: run.finishedAt.toISOString(), result: run.result };
}
