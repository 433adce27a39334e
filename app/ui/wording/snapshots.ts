/** First lines and phrases of the snapshot screens. */
import type { SnapshotModel, SnapshotRow, SnapshotsModel } from "../models.ts";
import { isCountedTogether, isUncounted } from "./counted.ts";
import { gapInShort } from "./gaps.ts";
import { count, number } from "./numbers.ts";
import { clockTime, day, dayAndTime } from "./time.ts";

/** "214 snapshots since 3 March. 1 has a gap: 312 draft orders on 9 May." */
export function snapshotsAnswer(model: SnapshotsModel, now: string, zone: string): string {
  const have = `${count(model.total, "snapshot")}${model.since ? ` since ${day(model.since, now, zone)}` : ""}.`;
  if (model.withGaps === 0) return `${have} None has a gap.`;
  const which = model.withGaps === 1 ? "1 has a gap" : `${number(model.withGaps)} have gaps`;
  const newest = model.newestGap;
  if (!newest) return `${have} ${which}.`;
  const on = `on ${day(newest.takenAt, now, zone)}`;
  const what = newest.gap ? `${gapInShort(newest.gap)} ${on}` : on;
  return `${have} ${which}${model.withGaps === 1 ? `: ${what}.` : `; the newest: ${what}.`}`;
}

/** "Whole. 48,211 records counted here, 48,211 by the shop, at 14:03:11." or the gaps by name and number. */
export function snapshotAnswer(model: SnapshotModel, zone: string): string {
  if (model.changesOnly === true && model.gapCount === 0) return `Changes only. What had changed was read, and the rest of ${number(model.records)} records is carried from the snapshot before. What was deleted meanwhile shows in the next full one.`;
  const shop = countedByShop(model);
  const at = clockTime(latestCount(model) ?? model.takenAt, zone);
  const counted = shop === null
    ? `${number(model.records)} records counted here at ${at}; the shop gave no count.`
    : shop.all
      ? `${number(model.records)} records counted here, ${number(shop.shop)} by the shop, at ${at}.`
      : `${number(shop.here)} records counted here, ${number(shop.shop)} by the shop, at ${at}${besides(model, shop.here)}.`;
  if (model.complete) return `Whole. ${counted}`;
  const [first, second] = model.gaps;
  const named = [first, second].filter((g) => g !== undefined).map(gapInShort);
  const more = model.gapCount - named.length;
  const gaps = named.length === 0 ? "" : `: ${named.join("; ")}${more > 0 ? `; and ${number(more)} more` : ""}`;
  return `Not whole. ${count(model.gapCount, "gap")}${gaps}. ${counted}`;
}

/** ", 20,000 more that come with them, and 312 of kinds that Shopify does not count" */
function besides({ kinds, records }: Pick<SnapshotModel, "kinds" | "records">, here: number): string {
  const of = (is: (kind: string) => boolean): number => kinds.filter((k) => k.shop === undefined && is(k.kind)).reduce((n, k) => n + k.here, 0);
  const [uncounted, together] = [of(isUncounted), of(isCountedTogether)];
  const along = records - here - uncounted - together;
  const parts = [along > 0 ? `${number(along)} more that come with them` : "", together > 0 ? `${number(together)} that it counts by sort` : "", uncounted > 0 ? `${number(uncounted)} of kinds that Shopify does not count` : ""].filter(Boolean);
  return parts.length === 0 ? "" : `, and ${parts.join(", and ")}`;
}

/** Over the kinds the store counts itself: how many here, how many there, and whether those are all. Null: it counts none. */
export function countedByShop(model: Pick<SnapshotModel, "kinds" | "records">): { here: number; shop: number; all: boolean } | null {
  const counted = model.kinds.filter((k) => k.shop !== undefined);
  if (counted.length === 0) return null;
  const here = counted.reduce((n, k) => n + k.here, 0);
  return { here, shop: counted.reduce((n, k) => n + (k.shop ?? 0), 0), all: here === model.records && counted.length === model.kinds.length };
}

function latestCount(model: SnapshotModel): string | null {
  return model.kinds.map((k) => k.at).filter((at) => at !== undefined).sort().at(-1) ?? null;
}

/** "12 new, 3 changed, 1 gone", or "No changes". */
export function changes(row: Pick<SnapshotRow, "added" | "changed" | "removed">): string {
  const said = [
    row.added > 0 ? `${number(row.added)} new` : "",
    row.changed > 0 ? `${number(row.changed)} changed` : "",
    row.removed > 0 ? `${number(row.removed)} gone` : "",
  ].filter(Boolean);
  return said.length === 0 ? "No changes" : said.join(", ");
}

export function snapshotTitle(takenAt: string, now: string, zone: string): string {
  return `Snapshot of ${dayAndTime(takenAt, now, zone)}`;
}
