/** Which records are meant: those with the given ids and, for a tree, everything beneath them, in whatever snapshot or pack they are met. */
import { asBuffer } from "../format/bytes.ts";
import { partsOf } from "../format/sort-key.ts";

interface References {
  readonly kinds: ReadonlySet<string>;
  readonly needles: readonly Buffer[];
}

/**
 * An id as a whole JSON string. Inside another string (a note that quotes it) its closing quote has a backslash before it, so a mention is no reference.
 * A solidus may be written with a backslash (RFC 8259 section 7).
 */
function needlesOf(id: string): Buffer[] {
  const plain = JSON.stringify(Buffer.from(id, "latin1").toString("utf8"));
  const escaped = plain.replaceAll("/", "\\/");
  return [...new Set([plain, escaped])].map((text) => Buffer.from(text, "utf8"));
}

/** Byte strings, all of it. */
export class Targets {
  private readonly roots: ReadonlySet<string>;
  private readonly kind: string | null;
  private readonly tree: boolean;
  private readonly references: References | null;
  private referring = 0;
  /** Ids whose children are meant too. */
  private readonly parents = new Set<string>();
  /** Sort keys of every record met so far that is meant. */
  readonly sortKeys = new Set<string>();
  /** By root id: kinds it was met in. */
  readonly kinds = new Map<string, Set<string>>();
  constructor(ids: readonly string[], kind: string | null, tree: boolean, references: { readonly ids: readonly string[]; readonly kinds: ReadonlySet<string> } | null = null) {
    this.roots = new Set(ids);
    this.kind = kind;
    this.tree = tree;
    this.references = references === null ? null : { kinds: references.kinds, needles: references.ids.flatMap(needlesOf) };
  }

  /** Whether a record is meant, and remembers it. A later record may make an earlier one a descendant: go on until `size` stands still. */
  meets(kind: string, id: string, parentId: string | null, sortKey: string): boolean {
    let meant = this.tree && parentId !== null && this.parents.has(parentId);
    if (this.roots.has(id)) {
      let kinds = this.kinds.get(id);
      if (kinds === undefined) this.kinds.set(id, (kinds = new Set()));
      if (!meant) kinds.add(kind);
      if (this.kind === null || this.kind === kind) meant = true;
    }
    if (!meant) return this.sortKeys.has(sortKey);
    this.sortKeys.add(sortKey);
    if (this.tree) this.parents.add(id);
    return true;
  }

  /** As above, for a record whose bytes are at hand: one of the kinds that stand by themselves and name one of the ids is meant too, in all its versions. */
  meetsRecord(kind: string, id: string, parentId: string | null, sortKey: string, bytes: Uint8Array): boolean {
    if (this.meets(kind, id, parentId, sortKey)) return true;
    const { references } = this;
    if (references === null || parentId !== null || !references.kinds.has(kind)) return false;
    const text = asBuffer(bytes);
    if (!references.needles.some((needle) => text.includes(needle))) return false;
    this.sortKeys.add(sortKey);
    this.referring++;
    if (this.tree) this.parents.add(id);
    return true;
  }

  meetsKey(sortKey: string): boolean {
    const parts = partsOf(sortKey);
    return parts !== null && this.meets(parts.kind, parts.id, parts.parentId, sortKey);
  }

  /** Grows as descendants are met. */
  get size(): number {
    return this.parents.size + this.referring;
  }

  /** Root ids that stand for records of several kinds, when no kind was given. */
  get ambiguous(): string[] {
    return this.kind !== null ? [] : [...this.kinds].filter(([, kinds]) => kinds.size > 1).map(([id]) => id);
  }

  get unmet(): string[] {
    return [...this.roots].filter((id) => !(this.kind === null ? (this.kinds.get(id)?.size ?? 0) > 0 : this.kinds.get(id)?.has(this.kind) === true) && !this.parents.has(id));
  }
}
