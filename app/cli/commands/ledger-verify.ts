/** `ledger verify`: the ledger alone, or one proof from it, offline: from a copy of the directory and nothing else but, at most, a public key. */
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { checkProof, originOf, openLedger, parseVerifierKey, type CheckedProof, type LedgerFinding, type LedgerReport, type WitnessKey } from "#app/ledger/index.ts";
import { ReadOnlyStore } from "#app/stores/index.ts";
import { readVaultDescription, type ObjectStore } from "#app/vault/index.ts";
import { count, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { findingLines } from "../findings.ts";
import { readKeptCheckpoint } from "../kept-checkpoint.ts";
import { openStore } from "../open-store.ts";
import { readWitnessKey } from "../witness-key.ts";

export interface LedgerVerifyOptions {
  readonly checkpoint?: string;
  readonly proof?: string;
  readonly key?: string;
  readonly witnessKey?: readonly string[];
}

interface Whose {
  readonly origin: string;
  readonly publicKey: { readonly x?: string | undefined };
}

type Finding = Omit<LedgerFinding, "code"> & { readonly code: LedgerFinding["code"] | "ledger.bad_proof" };

export async function ledgerVerify(cli: Cli, place: string | undefined, options: LedgerVerifyOptions): Promise<CommandResult> {
  const witnesses = (options.witnessKey ?? []).map(readWitnessKey);
  const store = place === undefined ? null : new ReadOnlyStore(await openStore(/^[a-z][a-z0-9+.-]+:\/\//i.test(place) ? place : pathToFileURL(place).href));
  const whose = options.key === undefined ? await fromVault(store) : fromKey(options.key);
  const proof = options.proof === undefined ? null : checkProof(await readProof(options.proof), { publicKey: whose.publicKey, witnesses });
  const report = store === null ? null : await checkLedger(cli, store, whose, { kept: await readKeptCheckpoint(options.checkpoint), witnesses, proof });
  const findings: readonly Finding[] = [...proofFindings(proof, whose), ...(report?.findings ?? [])];
  const proven = proof?.ok === true ? { index: proof.index, entry: proof.entry, size: proof.checkpoint.size, cosignatures: proof.cosignatures } : null;
  return {
    json: { ok: findings.length === 0, findings, origin: whose.origin, ...(report === null ? {} : { size: report.size, root: report.root, checkpoints: report.checkpoints, cosignatures: report.cosignatures }), ...(proof === null ? {} : { proven }) },
    text: findings.length > 0 ? findingLines(findings).join("\n") : [...said(report, whose), ...(proven === null ? [] : [`Entry ${proven.index} is in it: ${JSON.stringify(proven.entry)}`])].join("\n"),
    finding: findings.length > 0,
  };
}

async function checkLedger(cli: Cli, store: ObjectStore, { origin, publicKey }: Whose, o: { readonly kept: string | undefined; readonly witnesses: readonly WitnessKey[]; readonly proof: CheckedProof | null }): Promise<LedgerReport> {
  // A proof that holds speaks of a head that this ledger must have had.
  const heads = o.proof?.ok === true ? [{ object: "proof", size: o.proof.checkpoint.size, root: o.proof.checkpoint.root }] : [];
  return openLedger({ store, origin, clock: cli.clock }).verify({ publicKey, checkpoint: o.kept, witnesses: o.witnesses, heads });
}

function proofFindings(proof: CheckedProof | null, { origin }: Whose): Finding[] {
  if (proof === null) return [];
  if (proof.ok) return proof.checkpoint.origin === origin ? [] : [{ code: "ledger.bad_proof", object: "proof", detail: "it is of another ledger" }];
  const said = { "not-a-proof": "not a C2SP tlog-proof", "not-signed": "its checkpoint is not signed by the vault's key", "no-entry": "it carries no entry", "not-included": "the entry is not in the tree that was signed" };
  return [{ code: proof.reason === "not-signed" ? "ledger.bad_signature" : "ledger.bad_proof", object: "proof", detail: said[proof.reason] }];
}

function said(report: LedgerReport | null, { origin }: Whose): string[] {
  if (report === null) return ["The proof holds."];
  const last = report.cosignatures.at(-1);
  const witnessed = last === undefined ? [] : [`Last cosigned by ${last.witness} at ${last.at.toISOString()}, over ${count(last.size)} entries.`];
  return [`The ledger ${origin} holds: ${count(report.size)} entries under ${count(report.checkpoints)} checkpoints.`, ...witnessed];
}

async function fromVault(store: ObjectStore | null): Promise<Whose> {
  if (store === null) throw new CliError("cli.usage", "Without a path, --proof and --key say what to check and with which key");
  const { vaultId, signingPublicKey } = await readVaultDescription(store);
  return { origin: originOf(vaultId), publicKey: signingPublicKey };
}

function fromKey(text: string): Whose {
  const parsed = parseVerifierKey(text);
  if (parsed === null) throw new CliError("cli.usage", "--key is not a verifier key as 'holdfast ledger prove' prints it");
  return { origin: parsed.name, publicKey: parsed.key };
}

async function readProof(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new CliError("cli.checkpoint_unreadable", `The proof file ${file} cannot be read`, { cause });
  }
}

