/** Opens one person's record with what belongs to it, masked. The bytes are the caller's to wipe. */
import { actorName, type AccessRefusal } from "#app/access/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";
import { refusalOf } from "./admit.ts";
import { recordRef } from "./record-ref.ts";
import { sheetRecord, type SheetRecord } from "./sheet.ts";
import { about, ownCopy, type FoundRoot, type ViewStep } from "./view.ts";

/** Orders and the like that are shown with a person, the newest first. The others are opened by themselves. */
const MOST_BELONGING = 20;
/** Of one person, all together. */
const MOST_RECORDS = 500;

export interface OpenPerson {
  readonly root: FoundRoot;
  readonly records: readonly SourceRecord[];
  readonly sheet: readonly SheetRecord[];
  /** Positions in `sheet` at which another family begins; the first is 0. */
  readonly families: readonly number[];
  /** There is more that belongs to this person than is shown. */
  readonly more: boolean;
  /** The snapshot this rests on, and how many messages of changes came after it. */
  readonly asOf: { readonly takenAt: string | null; readonly segments: number };
  wipe(): void;
}

export type OpenOutcome =
  | { readonly kind: "opened"; readonly person: OpenPerson }
  | { readonly kind: "not-found" }
  /** It was there, and has been erased on request. */
  | { readonly kind: "erased" }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export async function openPerson(step: ViewStep, id: string): Promise<OpenOutcome> {
  const { viewer, source } = step;
  const code = await refusalOf(viewer, "record.view");
  if (code !== null) return { kind: "refused", code };
  const there = await source.state.get(id);
  if (there === null) return { kind: "not-found" };
  if (there.record === null) return { kind: "erased" };
  const root = { kind: there.record.kind, id: there.record.id };
  const belonging = await source.belongingTo(id, MOST_BELONGING);
  const families = await Promise.all([root, ...belonging.roots.filter((other) => other.id !== id)].map((one) => source.state.tree(one.id)));
  const own = families.filter((family) => family.length > 0);
  const all = own.flat();
  const records = all.slice(0, MOST_RECORDS).map(ownCopy);
  const { overlay } = source.state;
  // Recorded before any of it is handed out.
  await viewer.events.keep([
    {
      actor: actorName(viewer.actor),
      action: "record.viewed",
      subject: { ...about(step), record: recordRef(source.indexKey, root.id), records: records.length, ...(overlay.base === null ? {} : { snapshot: overlay.base.snapshotId }) },
      outcome: "done",
    },
  ]);
  let at = 0;
  return {
    kind: "opened",
    person: {
      root,
      records,
      sheet: records.map(sheetRecord),
      families: own.map((family) => (at += family.length) - family.length).filter((begins) => begins < MOST_RECORDS),
      more: belonging.more || all.length > MOST_RECORDS,
      asOf: { takenAt: overlay.base?.takenAt ?? null, segments: overlay.segments },
      wipe: () => { for (const { bytes } of records) bytes.fill(0); },
    },
  };
}
