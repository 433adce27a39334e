/** What a recovery says to the person who waits for it: the end in a few lines, and what to do about each reason that can stop it. */
import type { RecoverReport } from "./recover.ts";

const MOST_FINDINGS = 20;

export function inWords(report: RecoverReport, out: string, seconds: number): string {
  const { snapshot, records, unproven, lost } = report;
  const bytes = report.files.filter(({ name }) => name.endsWith("records.jsonl") || name === "unproven.jsonl").reduce((sum, file) => sum + file.bytes, 0);
  const lines: string[] = [];
  if (snapshot === null) lines.push(`No snapshot's manifest that could be asked for was readable, so nothing says which records belonged to it.`);
  else lines.push(`Snapshot ${snapshot.snapshotId}, taken ${snapshot.takenAt} from ${snapshot.source}: ${number(records)} of ${number(snapshot.records)} records recovered into ${out}.`);
  lines.push(`${number(bytes)} bytes in ${seconds.toFixed(1)} s (${(bytes / 1e6 / Math.max(seconds, 0.001)).toFixed(0)} MB/s).`);
  if (snapshot !== null && !snapshot.complete) lines.push(`The snapshot itself was taken with ${number(snapshot.gapCount)} gaps in the source; report.json names them.`);
  if (report.erased > 0) lines.push(`${number(report.erased)} records were erased on purpose.`);
  if (report.outcome === "whole" && snapshot !== null) {
    lines.push(`Whole: every digest and signature held, and the root is the one that was signed: ${snapshot.root}.`);
    return lines.join("\n");
  }
  if (lost !== null && lost > 0) lines.push(`${number(lost)} records are lost; lost.jsonl names those that can be named.`);
  if (lost === null) lines.push("How many records are lost cannot be told.");
  if (unproven > 0) lines.push(`${number(unproven)} records are in unproven.jsonl: they are genuine, but nothing left says whether they belong to this snapshot. It may hold several versions of one record, the oldest first.`);
  for (const name of report.unreadableSnapshots) lines.push(`${name} cannot be read, so that snapshot could not be recovered as such.`);
  lines.push(`Not whole. ${number(report.findingCount)} findings:`);
  for (const { code, object, detail } of report.findings.slice(0, MOST_FINDINGS)) lines.push(`  ${code}  ${object}${detail === undefined ? "" : `  (${detail})`}`);
  if (report.findingCount > MOST_FINDINGS) lines.push(`  and ${number(report.findingCount - MOST_FINDINGS)} more in report.json`);
  return lines.join("\n");
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}

/** Imperative, lower case, no full stop. */
const NEXT: Readonly<Record<string, string>> = {
  "recover.usage": "run it with --help to see how it is written",
  "recover.out_exists": "choose another --out",
  "recover.out_failed": "check that the folder may be written and has room, then run it again",
  "recover.no_terminal": "give --passphrase-file FILE",
  "recover.interrupted": "run it again when you like; it changes nothing in the vault",
  "keys.not_found": "check the path and who may read it",
  "keys.not_a_key": "give the identity.jwk that belongs to this vault",
  "keys.recipient_not_identity": "give the identity.jwk that belongs to it",
  "keys.unsupported": "give the identity.jwk that belongs to this vault",
  "keys.passphrase_needed": "give --passphrase-file FILE",
  "keys.passphrase_empty": "put the passphrase on the file's first line",
  "keys.passphrase_wrong": "check the passphrase, or use a copy of the identity",
  "keys.damaged": "use a copy of the identity",
  "keys.share_damaged": "compare it with the sheet, line by line, or use another officer's share",
  "keys.share_foreign": "give shares that were made together",
  "keys.shares_too_few": "give one more --share",
  "vault.not_found": "give the folder that holds vault.json, keys, packs, tree and snapshots",
  "vault.no_such_snapshot": "leave out --snapshot for the newest, or give the end of a name in the vault's snapshots folder",
  "vault.ambiguous_snapshot": "give more of its id",
  "vault.unsupported_format": "use the recovery program in the vault's recover folder with the highest version",
};

/** One sentence, and what to do. */
export function reasonInWords(code: string, message: string): string {
  const next = NEXT[code] ?? "please report this with the command you ran";
  return `${message.replace(/[.;\s]+$/, "")}; ${next}.`;
}
