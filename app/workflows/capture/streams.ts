/** Which stream a record belongs to: the one its root is read by. */
import type { RecordKey } from "#app/vault/index.ts";
import type { CaptureCatalogue, CaptureKind } from "../ports.ts";

const TYPE = /^gid:\/\/[a-z-]+\/([A-Za-z]+)\//;

/** Answers null for a record of no kind that is captured. */
export function streamFinder({ kinds }: CaptureCatalogue): (key: RecordKey) => CaptureKind | null {
  const roots = new Map<string, CaptureKind>();
  const children = new Map<string, CaptureKind>();
  for (const kind of kinds) {
    for (const name of kind.kinds) if (!children.has(name)) children.set(name, kind);
    roots.set(kind.kind, kind);
  }
  return ({ kind, parentId }) => {
    if (parentId === null) return roots.get(kind) ?? children.get(kind) ?? null;
    // The type in the parent's id: a root, or a child that belongs to one.
    const type = TYPE.exec(parentId)?.[1] ?? "";
    return roots.get(type) ?? children.get(type) ?? children.get(kind) ?? null;
  };
}
