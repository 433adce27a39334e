/**
 * References between records: where GIDs stand in values, and how they are rewritten from one shop's ids to another's.
 * Only places that the platform itself reads as references are touched; a GID that a person wrote into a note stays as it is.
 */
import { RESTORED_KINDS } from "./catalogue/restored-kinds.ts";
import { asObject, type Family, type Node } from "./catalogue/kind.ts";

/** "customer_reference", "list.metaobject_reference", "mixed_reference" … */
const REFERENCE_TYPE = /^(?:list\.)?\w+_reference$/;
const GID = /gid:\/\/shopify\/(\w+)\/[\w-]+/g;

/** Shopify's limit of metafieldsSet; kept for metafields written inline with their owner, too. */
export const METAFIELDS_AT_ONCE = 25;

export function isReferenceType(type: string): boolean {
  return REFERENCE_TYPE.test(type);
}

/** GIDs in a value of a reference type; none in any other. */
export function referencesIn(type: string, value: string): readonly string[] {
  return isReferenceType(type) ? [...value.matchAll(GID)].map((match) => match[0]) : [];
}

/** The value refers to something that no restore of this version creates (a product, a file). */
export function refersOutside(type: string, value: string): boolean {
  return isReferenceType(type) && [...value.matchAll(GID)].some((match) => !RESTORED_KINDS.has(match[1]!));
}

/** Replaces every GID of a reference value. Null when one of them is unknown to the map. */
export function rewrite(type: string, value: string, newId: (old: string) => string | undefined): string | null {
  if (!isReferenceType(type)) return value;
  let unknown = false;
  const rewritten = value.replace(GID, (old) => {
    const id = newId(old);
    if (id === undefined) unknown = true;
    return id ?? old;
  });
  return unknown ? null : rewritten;
}

/** What a write builder asks about references while it builds one family's input. Remembers what has to be written later. */
export class References {
  readonly #newId: (old: string) => string | undefined;
  /** What no restore creates is there all the same: the records go back into the shop they are of. */
  readonly #home: boolean;
  /** Metafields that could not stand in their owner's input: too many, or referring to something that does not exist yet. */
  readonly later: Node[] = [];
  /** A value was left out because what it refers to does not exist yet. */
  incomplete = false;

  constructor(ids: ReadonlyMap<string, string> | ((old: string) => string | undefined), o: { readonly home?: boolean } = {}) {
    this.#newId = typeof ids === "function" ? ids : (old) => ids.get(old);
    this.#home = o.home === true;
  }

  newId(old: string): string | undefined {
    return this.#newId(old);
  }

  /** It refers to something that is not restored and is not there either. */
  outside(type: string, value: string): boolean {
    return !this.#home && refersOutside(type, value);
  }

  value(type: string, value: string): string | null {
    const rewritten = rewrite(type, value, this.#newId);
    if (rewritten === null && !this.outside(type, value)) this.incomplete = true;
    return rewritten;
  }

  /** Validations of a definition; those that name a metaobject definition are rewritten, and left out when it is unknown. */
  validations(list: readonly unknown[]): { name: string; value: string }[] {
    return list.flatMap((item) => {
      const validation = asObject(item);
      if (validation === null || typeof validation["name"] !== "string" || typeof validation["value"] !== "string") return [];
      const { name, value } = validation as { name: string; value: string };
      if (!/^metaobject_definition_ids?$/.test(name)) return [{ name, value }];
      const rewritten = rewrite("metaobject_reference", value, this.#newId);
      if (rewritten === null) this.incomplete = true;
      return rewritten === null ? [] : [{ name, value: rewritten }];
    });
  }

  /** For owners whose input takes no metafields: all of them are in `later`. */
  laterMetafields(family: Family): void {
    for (const child of family.children) {
      const { type, value } = child.fields;
      if (child.kind === "Metafield" && child.parentId === family.root.id && typeof type === "string" && typeof value === "string" && !this.outside(type, value)) this.later.push(child);
    }
  }

  /** Metafields that can be created together with their owner; the others are in `later`. */
  inlineMetafields(family: Family): { metafields?: Record<string, unknown>[] } {
    const inline: Record<string, unknown>[] = [];
    for (const child of family.children) {
      if (child.kind !== "Metafield" || child.parentId !== family.root.id) continue;
      const { namespace, key, type, value } = child.fields;
      if (typeof type !== "string" || typeof value !== "string" || this.outside(type, value)) continue;
      const rewritten = rewrite(type, value, this.#newId);
      if (rewritten === null || inline.length >= METAFIELDS_AT_ONCE) this.later.push(child);
      else inline.push({ namespace, key, type, value: rewritten });
    }
    return inline.length === 0 ? {} : { metafields: inline };
  }
}
