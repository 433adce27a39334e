/** `disclose`: what the vault holds about one person, in clear, on the merchant's own machine. */
import { contentKeys, readRequests } from "#app/vault/index.ts";
import { disclose } from "#app/workflows/compliance/disclose.ts";
import { recordRef } from "#app/workflows/view/record-ref.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { enterDeed, reasonOf } from "../enter-deed.ts";
import { openToDecrypt, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";
import { writeWhole } from "../write-file.ts";

export interface DiscloseOptions extends IdentityOptions {
  readonly identity: string;
  readonly out: string;
  readonly request?: string;
  readonly person?: string;
  readonly reason?: string;
}

export async function discloseCommand(cli: Cli, address: string, options: DiscloseOptions): Promise<CommandResult> {
  const { request: id, person: whose } = options;
  if ((id === undefined) === (whose === undefined)) throw new CliError("cli.usage", "Give --request with a data request's id, or --person with a customer's");
  if (options.out === "-" && cli.json) throw new CliError("cli.usage", "With --json the result is on stdout: write the records to a file with --out FILE");
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store, opener } = await openToDecrypt(cli, address, options, scratchDirectory);
    const { indexKey, description } = vault;
    const asked = id === undefined ? null : (await readRequests(store, description, indexKey)).requests.find(({ requestId }) => requestId === id);
    if (asked === undefined) throw new CliError("cli.record_not_found", `The vault has no request ${id}`);
    const made = await disclose({
      store,
      description,
      indexKey,
      contentKeys: contentKeys(store, opener),
      current: null,
      request: asked === null ? { id: "none", shop: "", customerId: whose!, orderIds: [] } : { id: asked.requestId, shop: "", customerId: asked.customerId, orderIds: asked.orderIds },
      clock: cli.clock,
      signal: cli.signal,
      onProgress: ({ done, total }) => cli.progress(`looking through packs · ${count(done)} of ${count(total)}`),
    });
    const { records, versions, fromShop, unopened } = made;
    const customer = asked === null ? whose! : asked.customerId;
    const recorded = await enterDeed(cli, address, description.vaultId, { action: "disclosure.made", subject: { vault: description.vaultId, request: asked?.requestId ?? "none", ...(customer === null ? {} : { person: recordRef(indexKey, customer) }), records, versions, fromShop, unopened }, ...reasonOf(options) });
    await writeWhole(cli, options.out, (sink) => sink.write(made.lines));
    made.lines.fill(0);
    return {
      json: { records, versions, unopened, recorded },
      text: options.out === "-" ? "" : [`${plural(records, "record")} in ${plural(versions, "version")} written to ${options.out}, in clear: guard it, and give it only to whom it is about.`, ...(unopened === 0 ? [] : [`${plural(unopened, "pack")} could not be opened with this identity.`])].join("\n"),
      finding: unopened > 0,
    };
  });
}
