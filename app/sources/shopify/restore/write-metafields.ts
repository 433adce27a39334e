/** Sets metafields that could not be created with their owner: in groups of 25, and one by one where a group is refused (it is atomic). */
import type { Node } from "../catalogue/kind.ts";
import { METAFIELDS_AT_ONCE, rewrite } from "../references.ts";
import { runBulkMutation, type BulkMutationOptions } from "./bulk-mutation.ts";
import type { RestoreProgress } from "./progress.ts";

export const METAFIELDS_SET = `#graphql
  mutation RestoreMetafields($metafields: [MetafieldsSetInput!]!) {
    metafieldsSet(metafields: $metafields) { metafields { id } userErrors { code field message } }
  }
`;
const WHAT = { mutation: METAFIELDS_SET, payload: "metafieldsSet", node: null };
const GROUPS_AT_ONCE = 1000;

interface Ready {
  readonly node: Node;
  readonly input: Readonly<Record<string, unknown>>;
}

export async function writeMetafields(nodes: readonly Node[], progress: RestoreProgress, options: BulkMutationOptions): Promise<void> {
  const ready: Ready[] = [];
  for (const node of nodes) {
    const { namespace, key, type, value } = node.fields;
    const ownerId = node.parentId === null ? undefined : progress.ids.get(node.parentId);
    const rewritten = typeof type === "string" && typeof value === "string" ? rewrite(type, value, (old) => progress.ids.get(old)) : null;
    if (ownerId === undefined) progress.refuse(node, "owner_not_restored");
    else if (rewritten === null) progress.refuse(node, "reference_not_restored");
    else ready.push({ node, input: { ownerId, namespace, key, type, value: rewritten } });
  }
  const refused = await writeGroups(grouped(ready, METAFIELDS_AT_ONCE), progress, options);
  const alone = refused.flatMap(({ group }) => group.map((one) => [one]));
  for (const { group, code } of await writeGroups(alone, progress, options)) for (const { node } of group) progress.refuse(node, code);
}

async function writeGroups(groups: readonly (readonly Ready[])[], progress: RestoreProgress, options: BulkMutationOptions): Promise<{ group: readonly Ready[]; code: string }[]> {
  const refused: { group: readonly Ready[]; code: string }[] = [];
  for (const file of grouped(groups, GROUPS_AT_ONCE)) {
    const variables = file.map((group) => ({ metafields: group.map(({ input }) => input) }));
    const results = await runBulkMutation(WHAT, variables, options);
    progress.charge(file.length);
    for (const [n, group] of file.entries()) {
      const result = results[n]!;
      if (result.done) progress.seen(group.length);
      else refused.push({ group, code: result.code });
    }
  }
  return refused;
}

function grouped<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size));
  return groups;
}
