/** `search rebuild`: makes a vault searchable that was written before there was a search, or whose search objects are damaged. */
import { contentKeys, rebuildSearch } from "#app/vault/index.ts";
import { recordTerms } from "#app/terms/index.ts";
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { HostKeyring } from "../host-keyring.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { openToDecrypt, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export async function searchRebuild(cli: Cli, address: string, options: IdentityOptions & { readonly identity: string }): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store: reading, opener } = await openToDecrypt(cli, address, options, scratchDirectory);
    const { description } = vault;
    const store = await openStore(address);
    const made = await rebuildSearch({
      store,
      description,
      contentKeys: contentKeys(reading, opener, description),
      terms: recordTerms,
      random: cli.random,
      signal: cli.signal,
      onProgress: ({ done, total }) => cli.progress(`looking through packs · ${count(done)} of ${count(total)}`),
    });
    const { packs, opened, parts, unopened, damaged } = made;
    const hostKeys = await new HostKeyring(cli.home).get(description.vaultId);
    if (hostKeys !== null && opened > 0) await ledgerOf(cli, store, description.vaultId, hostKeys).append([{ actor: "cli", action: "search.rebuilt", subject: { vault: description.vaultId, packs: opened, parts, unopened }, outcome: "done" }]);
    return {
      json: { packs, opened, parts, unopened, damaged },
      text: [
        opened === 0 ? "Everything can be searched already." : `${plural(opened, "pack")} of ${count(packs)} made searchable.`,
        ...(unopened === 0 ? [] : [`${plural(unopened, "pack")} could not be opened with this identity.`]),
        ...damaged.map((object) => `${object} is damaged or missing: run 'holdfast vault repair', then this again.`),
      ].join("\n"),
      finding: unopened > 0 || damaged.length > 0,
    };
  });
}
