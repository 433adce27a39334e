/** What differs between the metafields of a record then and now. The same for every kind that can have them. */
import { childrenOf, type Node } from "../catalogue/kind.ts";
import type { Delta } from "../catalogue/revise/index.ts";
import type { References } from "../references.ts";
import { isReferenceType, rewrite } from "../references.ts";

export interface MetafieldToSet {
  readonly of: Node;
  /** As it is in the target; null: there is none of this name. */
  readonly before: Node | null;
  readonly value: string;
}

export interface MetafieldChanges {
  readonly set: readonly MetafieldToSet[];
  readonly remove: readonly Node[];
  /** Their value refers to something that is not in the target. */
  readonly dangling: readonly Node[];
}

export function metafieldChanges(delta: Delta, references: References): MetafieldChanges {
  const left = new Map(childrenOf(delta.now, "Metafield").map((node) => [nameOf(node), node]));
  const set: MetafieldToSet[] = [];
  const dangling: Node[] = [];
  for (const of of childrenOf(delta.then, "Metafield")) {
    const before = left.get(nameOf(of)) ?? null;
    left.delete(nameOf(of));
    const { type, value } = of.fields;
    if (typeof type !== "string" || typeof value !== "string") continue;
    const wanted = isReferenceType(type) ? rewrite(type, value, (old) => references.newId(old)) : value;
    if (wanted === null) dangling.push(of);
    else if (before === null || before.fields["value"] !== wanted || before.fields["type"] !== type) set.push({ of, before, value: wanted });
  }
  return { set, remove: delta.extras === "remove" ? [...left.values()] : [], dangling };
}

/** As plans spell it. */
export function fieldName({ fields }: Node): string {
  return `metafield:${String(fields["namespace"])}.${String(fields["key"])}`;
}

/** Ids that the value refers to. */
export function idsIn(node: Node): readonly string[] {
  const { type, value } = node.fields;
  return typeof type === "string" && typeof value === "string" && isReferenceType(type) ? [...value.matchAll(/gid:\/\/shopify\/\w+\/[\w-]+/g)].map(([id]) => id) : [];
}


function nameOf({ fields }: Node): string {
  return `${String(fields["namespace"])} ${String(fields["key"])}`;
}
