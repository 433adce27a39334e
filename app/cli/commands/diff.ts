/** `diff`: what changed from one snapshot to another, by id; needs no key that opens records. */
import { count, type Cli, type CommandResult } from "../cli.ts";
import { openToRead, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export interface DiffOptions extends IdentityOptions {
  /** Ids listed of each sort. */
  readonly limit: number;
}

export async function diff(cli: Cli, address: string, a: string, b: string, options: DiffOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault } = await openToRead(cli, address, options, scratchDirectory);
    const [from, to] = [await vault.resolve(a), await vault.resolve(b)];
    const { added, changed, removed, moved, byKind, ids, capped } = await vault.diff(from, to, { idLimit: options.limit });
    const lines = [`${from.snapshotId} to ${to.snapshotId}: ${count(added)} added, ${count(changed)} changed, ${count(removed)} removed${moved === 0 ? "" : `, ${count(moved)} in another order`}.`];
    for (const [sign, list] of [["+", ids.added], ["~", ids.changed], ["-", ids.removed], ["=", ids.moved]] as const) lines.push(...list.map((id) => `${sign} ${id}`));
    if (capped) lines.push("(and more; raise --limit to list them)");
    return { json: { from: from.snapshotId, to: to.snapshotId, added, changed, removed, moved, byKind, ids, capped }, text: lines.join("\n") };
  });
}
