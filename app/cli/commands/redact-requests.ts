/** `redact --request`: carries out erasure requests of the platform, as the vault keeps them: for a merchant whose app is long gone. */
import { contentKeys, readCertificates, readRequests } from "#app/vault/index.ts";
import { carryOutErasures, type Answer, type ErasureRequest } from "#app/workflows/compliance/carry-out.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openerFrom, openToWrite, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";
import { writeWhole } from "../write-file.ts";

const OUTCOMES: Readonly<Record<string, string>> = {
  "compliance.erased": "erased",
  "compliance.erased_in_part": "erased; a lock of the storage still holds on to a key, so run it again when that has ended",
  "compliance.nothing_held": "nothing of this person is in the vault",
  "compliance.held": "not erased: a legal hold stands against it",
  "compliance.hold_without_basis": "not erased: a hold keeps the snapshots, and names no basis in law; release it, or place one with --basis",
};

export async function redactRequests(cli: Cli, address: string, ids: readonly string[], options: IdentityOptions & { readonly certificate?: string }): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const opener = await openerFrom(cli, options);
    if (opener === null) throw new CliError("cli.usage", "Erasing takes --identity FILE");
    const { vault, store, hostKeys } = await openToWrite(cli, address, scratchDirectory);
    const { requests } = await readRequests(store, vault.description, hostKeys.indexKey);
    const asked = ids.map((id): ErasureRequest => {
      const found = requests.find(({ requestId }) => requestId === id);
      if (found === undefined) throw new CliError("cli.record_not_found", `The vault has no request ${id}`);
      if (found.topic !== "customers/redact" && found.topic !== "shop/redact") throw new CliError("cli.usage", `Request ${id} asks for data (${found.topic}); 'holdfast disclose' answers it`);
      return { id, topic: found.topic, customerId: found.customerId, orderIds: found.orderIds };
    });
    const answers = await carryOutErasures({
      store,
      vault,
      hostKeys,
      contentKeys: contentKeys(store, opener),
      ledger: ledgerOf(cli, store, hostKeys.vaultId, hostKeys),
      clock: cli.clock,
      random: cli.random,
      actor: "cli",
      requests: asked,
      signal: cli.signal,
      onProgress: ({ step, done, total }) => cli.progress(`${step} · ${count(done)} of ${count(total)}`),
    });
    const certificates = (await readCertificates(store, vault.description)).filter(({ object }) => answers.some(({ certificate }) => certificate?.object === object));
    const newest = certificates.at(-1);
    if (options.certificate !== undefined && newest !== undefined) await writeWhole(cli, options.certificate, (sink) => sink.write(Buffer.from(newest.jws, "utf8")));
    return {
      json: { answers, certificates: certificates.map(({ object, digest, certificate, jws }) => ({ object, digest, certificate, jws: JSON.parse(jws) as unknown })) },
      text: [...answers.map(line), ...certificates.map(({ object, digest, certificate: { records, versions } }) => `Certificate ${object}, SHA-256 ${digest}: ${plural(records, "record")} in ${plural(versions, "version")}.`)].join("\n"),
      finding: answers.some(({ final }) => !final),
    };
  });
}

function line({ id, code, hold }: Answer): string {
  const held = hold === null ? "" : ` (${hold.id}${hold.until === null ? "" : ` until ${hold.until}`})`;
  return `${id}  ${OUTCOMES[code] ?? `not erased: ${code}`}${held}`;
}
