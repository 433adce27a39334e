/** `redact`: erases records from every snapshot, by rewriting packs and destroying keys, and certifies it. */
import { contentKeys } from "#app/vault/index.ts";
import { redactRecords } from "#app/workflows/redact/redact-records.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openerFrom, openToWrite, type IdentityOptions } from "../open-vault.ts";
import { Refused } from "../refused.ts";
import { withScratch } from "../scratch.ts";
import { writeWhole } from "../write-file.ts";
import { keptLine } from "./prune.ts";
import { redactRequests } from "./redact-requests.ts";

export interface RedactOptions extends IdentityOptions {
  readonly identity: string;
  readonly reason?: string;
  readonly request?: readonly string[];
  readonly tree?: boolean;
  readonly kind?: string;
  readonly certificate?: string;
}

const STEPS: Readonly<Record<string, string>> = { search: "looking through packs", rewrite: "rewriting packs", destroy: "destroying keys" };

export async function redact(cli: Cli, address: string, ids: readonly string[], options: RedactOptions): Promise<CommandResult> {
  if (options.certificate === "-") throw new CliError("cli.usage", "--certificate takes a file; with --json the certificate is on stdout");
  const { request, reason } = options;
  if ((request === undefined) === (ids.length === 0)) throw new CliError("cli.usage", "Erasing takes the ids of records, or --request with those of requests");
  if (request !== undefined) return redactRequests(cli, address, request, options);
  if (reason === undefined) throw new CliError("cli.usage", "Erasing takes --reason TEXT");
  return withScratch(cli.home, async (scratchDirectory) => {
    const opener = await openerFrom(cli, options);
    if (opener === null) throw new CliError("cli.usage", "Erasing takes --identity FILE");
    const { vault, store, hostKeys } = await openToWrite(cli, address, scratchDirectory);
    const outcome = await redactRecords({
      store,
      vault,
      hostKeys,
      contentKeys: contentKeys(store, opener),
      ledger: ledgerOf(cli, store, hostKeys.vaultId, hostKeys),
      clock: cli.clock,
      random: cli.random,
      ids,
      tree: options.tree === true,
      actor: "cli",
      reason,
      ...(options.kind === undefined ? {} : { kind: options.kind }),
      signal: cli.signal,
      onProgress: ({ step, done, total }) => cli.progress(`${STEPS[step] ?? step} · ${count(done)} of ${count(total)}`),
    });
    if (outcome.kind === "refused") throw refusal(outcome.code, outcome.details);
    const { sequence, records, versions, packs, unknown, unopened, certificates } = outcome.report;
    const newest = certificates.at(-1);
    if (options.certificate !== undefined && newest !== undefined) await writeWhole(cli, options.certificate, (sink) => sink.write(Buffer.from(newest.jws, "utf8")));
    const remaining = certificates.flatMap(({ certificate }) => certificate.remaining);
    const versioned = certificates.some(({ certificate }) => certificate.store.earlierVersionsMayRemain);
    return {
      json: { sequence, records, versions, packs, unknown, unopened, remaining, certificates: certificates.map(({ object, digest, certificate, jws }) => ({ object, digest, certificate, jws: JSON.parse(jws) as unknown })) },
      text: [
        sequence === null ? "Nothing was left to erase." : `Erased ${plural(records, "record")} in ${plural(versions, "version")} from every snapshot; ${plural(packs, "pack")} rewritten, their old keys destroyed.`,
        ...(unknown === 0 ? [] : [`${plural(unknown, "id")} of those given ${unknown === 1 ? "is" : "are"} in no snapshot and no pack: check the spelling.`]),
        ...(unopened === 0 ? [] : [`${plural(unopened, "pack")} could not be opened with this identity. No snapshot has any of these records there.`]),
        ...remaining.map(keptLine),
        ...(remaining.length === 0 ? [] : ["Packs without their keys open for nobody. Run the same command when the locks have ended."]),
        ...(versioned ? ["This storage may keep earlier versions of what was removed. Let it remove them (docs/stores.md)."] : []),
        ...certificates.map(({ object, digest }) => `Certificate ${object}, SHA-256 ${digest}.`),
      ].join("\n"),
      finding: unknown > 0 || remaining.some(({ object }) => object.endsWith(".key")),
    };
  });
}

function refusal(code: Refused["code"], details: readonly string[]): Refused {
  if (code === "redaction.ambiguous") return new Refused(code, `An id stands for records of several kinds (${details.join(", ")})`);
  return new Refused(code, "Nothing was erased", details[0]);
}
