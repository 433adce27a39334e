/** The eight scenarios, in the order in which the screen offers them. */
import { digestOf } from "../digest.ts";
import { ResponseError } from "../errors.ts";
import { TreeOf, type Tree } from "../tree.ts";
import { appOverwrite } from "./app-overwrite.ts";
import { brokenExtraction } from "./broken-extraction.ts";
import { erroneousRedaction } from "./erroneous-redaction.ts";
import { extractionGap } from "./extraction-gap.ts";
import { keyCompromise } from "./key-compromise.ts";
import { platformOutage } from "./platform-outage.ts";
import { ransomware } from "./ransomware.ts";
import { staffDeletion } from "./staff-deletion.ts";

export const TREES: readonly Tree[] = [appOverwrite, staffDeletion, ransomware, keyCompromise, platformOutage, extractionGap, erroneousRedaction, brokenExtraction];

/** A tree as a run keeps it: canonical data, and what it is called by. */
export interface FrozenTree {
  readonly tree: Tree;
  /** SHA-256 of the canonical tree, hex. */
  readonly digest: string;
}

/** Throws ResponseError response.bad_tree; and where a digest is given, for a tree that is another. */
export function freeze(tree: unknown, digest?: string): FrozenTree {
  // A digest that was seen to belong to a well-formed tree says so of every equal one.
  const known = digest === undefined ? undefined : wellFormed.get(digest);
  if (known !== undefined && digestOf(tree) === digest) return known;
  const parsed = TreeOf.safeParse(tree);
  if (!parsed.success) throw new ResponseError("response.bad_tree", `a tree does not have the form of one (${parsed.error.issues.map(({ path }) => path.join(".")).join(", ")})`);
  const found = digestOf(parsed.data);
  if (digest !== undefined && digest !== found) throw new ResponseError("response.bad_tree", "a tree is not the one that was frozen");
  const made = { tree: parsed.data, digest: found };
  if (wellFormed.size < MOST_KNOWN) wellFormed.set(found, made);
  return made;
}

const MOST_KNOWN = 100;
const wellFormed = new Map<string, FrozenTree>();
const frozen = new Map<string, FrozenTree>();

/** The tree of a scenario as it is today. Null: there is none. */
export function treeOf(scenario: string): FrozenTree | null {
  const there = frozen.get(scenario);
  if (there !== undefined) return there;
  const tree = TREES.find(({ id }) => id === scenario);
  if (tree === undefined) return null;
  const made = freeze(tree);
  frozen.set(scenario, made);
  return made;
}
