/** Erases records from every snapshot and enters it into the ledger, with the certificate's digest. No id of a record leaves this file. */
import type { Ledger, NewLedgerEntry } from "#app/ledger/index.ts";
import { readCertificates, redact } from "#app/vault/index.ts";
import type { Clock, ContentKeys, HostKeys, IssuedCertificate, ObjectStore, Random, RedactInput, RedactReport, Vault } from "#app/vault/index.ts";
import { recordTerms } from "#app/terms/index.ts";
import { failureOf } from "../shared/failure.ts";

export interface RedactRecords {
  readonly store: ObjectStore;
  readonly vault: Pick<Vault, "description">;
  readonly hostKeys: HostKeys;
  /** Opened with the identity that was brought for this. */
  readonly contentKeys: ContentKeys;
  readonly ledger: Pick<Ledger, "entries" | "append">;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: readonly string[];
  readonly kind?: string;
  readonly tree: boolean;
  readonly references?: NonNullable<RedactInput["references"]>;
  readonly actor: string;
  /** Stored and entered in clear: a case number, no name. */
  readonly reason: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: NonNullable<RedactInput["onProgress"]>;
}

export type RedactCode =
  | "redaction.not_found"
  | "redaction.ambiguous"
  | "redaction.contended"
  | "redaction.damaged_redaction"
  | "redaction.held"
  | "redaction.damaged_hold"
  /** A reason is one line of at most 500 characters, without an @. */
  | "redaction.bad_reason";

export type RedactedRecords =
  | { readonly kind: "done"; readonly report: RedactReport }
  | { readonly kind: "refused"; readonly code: RedactCode; readonly details: readonly string[] };

/** What the ledger takes for a reason. */
const REASON = /^[^\p{Cc}@]{1,500}$/u;

/** Throws the families of vault, store and ledger; then nothing was erased, or the next run finishes it. */
export async function redactRecords(o: RedactRecords): Promise<RedactedRecords> {
  const { store, vault, ledger, actor, reason } = o;
  const { description } = vault;
  if (!REASON.test(reason)) return { kind: "refused", code: "redaction.bad_reason", details: [] };
  const refused = (code: string): Promise<unknown> => ledger.append([{ actor, action: "redaction.refused", subject: { vault: description.vaultId, code }, reason, outcome: "refused" }]);
  let outcome;
  try {
    outcome = await redact({
      store,
      description,
      indexKey: o.hostKeys.indexKey,
      signingKey: o.hostKeys.signingKey,
      contentKeys: o.contentKeys,
      clock: o.clock,
      random: o.random,
      ids: o.ids,
      tree: o.tree,
      actor,
      reason,
      terms: recordTerms,
      ...(o.kind === undefined ? {} : { kind: o.kind }),
      ...(o.references === undefined ? {} : { references: o.references }),
      ...(o.signal === undefined ? {} : { signal: o.signal }),
      ...(o.onProgress === undefined ? {} : { onProgress: o.onProgress }),
    });
  } catch (error) {
    // The store's own failures would fail the entry, too; an identity that opens too little is a refusal worth knowing of.
    const code = failureOf(error)?.code;
    if (code === "vault.no_key") await refused(code);
    throw error;
  }
  await enterCertificates(ledger, await readCertificates(store, description), actor);
  if (outcome.kind === "refused") {
    await refused(outcome.code);
    return { kind: "refused", code: outcome.code, details: outcome.details };
  }
  return { kind: "done", report: outcome.report };
}

/** Those of a process that ended before its entry was made, too. */
async function enterCertificates(ledger: Pick<Ledger, "entries" | "append">, certificates: readonly IssuedCertificate[], actor: string): Promise<void> {
  if (certificates.length === 0) return;
  const entered = new Set<string>();
  for await (const { action, subject } of ledger.entries()) if (action === "redaction.done") entered.add(String(subject["certificate"]));
  const late: NewLedgerEntry[] = certificates
    .filter(({ digest }) => !entered.has(digest))
    .map(({ digest, certificate }) => ({
      actor: certificate.issue === 1 ? certificate.actor : actor,
      action: "redaction.done",
      subject: {
        vault: certificate.vaultId,
        redaction: certificate.redaction,
        records: certificate.records,
        versions: certificate.versions,
        packs: certificate.destroyed.packs.length,
        remaining: certificate.remaining.length,
        certificate: digest,
      },
      reason: certificate.reason,
      outcome: "done",
    }));
  if (late.length > 0) await ledger.append(late);
}
