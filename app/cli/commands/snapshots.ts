/** `snapshots`: what there is, newest first. */
import { count, plural, type Cli, type CommandResult } from "../cli.ts";
import { openToRead, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export async function snapshots(cli: Cli, address: string, options: IdentityOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault } = await openToRead(cli, address, options, scratchDirectory);
    const list = (await vault.snapshots()).map(({ snapshotId, takenAt, startedAt, source, root, records, complete, gapCount, kinds, added, changed, removed, unchanged, bytesRead, bytesWritten, parent }) => ({
      snapshotId, takenAt, startedAt, source, root, records, complete, gapCount, kinds, added, changed, removed, unchanged, bytesRead, bytesWritten, parent: parent?.snapshotId ?? null,
    }));
    const lines = list.map((s) => `${s.snapshotId}  ${s.takenAt}  ${count(s.records).padStart(12)} records  ${s.complete ? "whole" : plural(s.gapCount, "gap")}  ${s.source.type}:${s.source.name}`);
    return { json: { snapshots: list }, text: lines.length === 0 ? "No snapshots yet." : lines.join("\n") };
  });
}
