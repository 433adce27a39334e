/**
 * Creates roots that are not there any more, each once. What will be asked for is in the log before it is asked for; of what nobody knows whether it was carried
 * out, the shop's newest records of the kind are compared with what was asked for.
 */
import { z } from "zod";
import { asList, asObject, type Family, type Kind, type Node, type WrittenKind } from "../catalogue/kind.ts";
import { contentOf } from "../catalogue/content.ts";
import { References } from "../references.ts";
import type { LineResult } from "../restore/bulk-mutation.ts";
import { uploadFile } from "../restore/write-files.ts";
import type { UploadOptions } from "../restore/staged-upload.ts";
import type { History } from "./history.ts";
import type { Identities } from "./identities.ts";
import { isCopyOf, type Look } from "./look.ts";
import { isUnknown, type Requests, type Variables } from "./requests.ts";

/** How often what was lost is looked for and asked for again. */
const ATTEMPTS = 4;

export interface CreationTools {
  readonly requests: Requests;
  readonly history: History;
  readonly identities: Identities;
  readonly look: Look;
  readonly uploads: UploadOptions;
}

/** What became of one: its new id, or a code. */
export type Created = { readonly newId: string; /** Without its metafields, one of which was refused. */ readonly bare?: true } | { readonly code: string };

interface Wanted {
  readonly family: Family;
  readonly variables: Variables;
}

export async function createAll(kind: WrittenKind, families: readonly Family[], tools: CreationTools): Promise<ReadonlyMap<string, Created>> {
  const outcome = new Map<string, Created>();
  let left = await foundOf(kind, await free(kind, families, outcome, tools), outcome, tools);
  for (let attempt = 0; left.length > 0; attempt++) {
    const lost: Family[] = [];
    for (const file of files(left.map((family) => ({ family, variables: inputOf(kind, family, tools, true) })))) lost.push(...(await createFile(kind, file, outcome, tools)));
    if (lost.length === 0) break;
    // Of lines that came to nothing known: those that are there after all are found, the others asked for again.
    left = await foundOf(kind, lost, outcome, tools);
    if (attempt + 1 < ATTEMPTS) continue;
    for (const { root } of left) outcome.set(root.id, { code: "no_answer" });
    break;
  }
  return outcome;
}

/** Answers those of which nobody knows. */
async function createFile(kind: WrittenKind, file: readonly Wanted[], outcome: Map<string, Created>, tools: CreationTools): Promise<Family[]> {
  const { history, look } = tools;
  const batch = history.newBatch();
  await history.ask(batch, "create", kind.kind, file.map(({ family }) => family.root.id), await look.newest(kind));
  const results = kind.write.how === "files" ? await uploaded(kind, file, tools) : await asked(kind, file, batch, tools);
  return settle(kind, file, results, outcome, tools);
}

async function settle(kind: WrittenKind, file: readonly Wanted[], results: readonly LineResult[], outcome: Map<string, Created>, tools: CreationTools): Promise<Family[]> {
  const created: [string, string][] = [];
  const plain: Wanted[] = [];
  const lost: Family[] = [];
  for (const [n, { family }] of file.entries()) {
    const result = results[n]!;
    if (result.done && result.id !== null) created.push([family.root.id, result.id]);
    else if (isUnknown(result) || (!result.done && result.code === "no_result")) lost.push(family);
    // One bad metafield must not cost its owner: without them now, one by one afterwards.
    else if (!result.done && result.field.includes("metafields")) plain.push({ family, variables: inputOf(kind, family, tools, false) });
    else outcome.set(family.root.id, { code: result.done ? "no_result" : result.code });
  }
  await keep(created, outcome, tools);
  if (plain.length > 0) lost.push(...(await createPlain(kind, plain, outcome, tools)));
  return lost;
}

async function createPlain(kind: WrittenKind, file: readonly Wanted[], outcome: Map<string, Created>, tools: CreationTools): Promise<Family[]> {
  const batch = tools.history.newBatch();
  await tools.history.ask(batch, "create", kind.kind, file.map(({ family }) => family.root.id), await tools.look.newest(kind));
  const results = await asked(kind, file, batch, tools);
  const created: [string, string][] = [];
  const lost: Family[] = [];
  for (const [n, { family }] of file.entries()) {
    const result = results[n]!;
    if (result.done && result.id !== null) created.push([family.root.id, result.id]);
    else if (isUnknown(result)) lost.push(family);
    else outcome.set(family.root.id, { code: result.done ? "no_result" : result.code });
  }
  await keep(created, outcome, tools);
  for (const [id, newId] of created) outcome.set(id, { newId, bare: true });
  return lost;
}

async function keep(created: readonly [string, string][], outcome: Map<string, Created>, { history, identities }: CreationTools): Promise<void> {
  await history.create(created);
  for (const [id, newId] of created) {
    identities.pair(id, newId);
    outcome.set(id, { newId });
  }
}

/** Upserts by a handle set what is there; everything else would be made a second time. */
function isHarmless(kind: Kind): boolean {
  return kind.kind === "Metaobject";
}

/** Another shop's own entry of the same handle is not ours to overwrite, which an upsert would do. What an earlier life asked for is ours. */
async function free(kind: WrittenKind, families: readonly Family[], outcome: Map<string, Created>, { history, identities, look }: CreationTools): Promise<readonly Family[]> {
  if (!isHarmless(kind) || identities.home) return families;
  const doubtful = history.unfinished("create");
  const wanted = families.filter(({ root }) => !doubtful.has(root.id));
  const there = await look.handles(wanted.map(({ root }) => root));
  for (const { root } of wanted) if (there.has(root.id)) outcome.set(root.id, { code: "handle_taken" });
  return families.filter(({ root }) => !outcome.has(root.id));
}

function asked(kind: WrittenKind, file: readonly Wanted[], batch: string, { requests, history }: CreationTools): Promise<readonly LineResult[]> {
  return requests.ask(kind.write, file.map(({ variables }) => variables), { batch, harmless: isHarmless(kind), onStarted: (operation) => history.started(batch, operation) });
}

function inputOf(kind: WrittenKind, family: Family, { identities }: CreationTools, withMetafields: boolean): Variables {
  const references = new References((old) => identities.newId(old), { home: identities.home });
  const variables = kind.write.variables(family, references);
  if (withMetafields) return variables;
  const strip = (value: unknown): unknown => {
    const object = asObject(value);
    return object === null ? value : Object.fromEntries(Object.entries(object).filter(([name]) => name !== "metafields"));
  };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, strip(value)]));
}

/** Files have their bytes uploaded first, one after the other. */
async function uploaded(kind: WrittenKind, file: readonly Wanted[], { requests, uploads, history }: CreationTools): Promise<readonly LineResult[]> {
  const results: LineResult[] = [];
  for (const { family, variables } of file) {
    const source = await uploadFile(family.root, () => contentOf(family.children), uploads);
    if ("code" in source) {
      results.push({ done: false, code: source.code, field: [] });
      continue;
    }
    const [input] = asList(variables["files"]).map(asObject);
    results.push(...(await requests.ask(kind.write, [{ files: [{ ...input, ...source }] }], { batch: history.newBatch(), harmless: false })));
  }
  return results;
}

/** Looks for those of which an earlier asking may have been carried out; answers those that are surely not there. */
async function foundOf(kind: WrittenKind, families: readonly Family[], outcome: Map<string, Created>, tools: CreationTools): Promise<Family[]> {
  const { history, identities, look } = tools;
  const doubtful = history.unfinished("create");
  const sought = families.filter(({ root }) => doubtful.has(root.id));
  const left = families.filter(({ root }) => !doubtful.has(root.id));
  if (sought.length === 0) return left;
  if (isHarmless(kind)) return [...families];
  if (kind.write.how === "single") return [...left, ...(await foundDefinitions(kind, sought, outcome, tools))];
  const oldest = sought.map(({ root }) => doubtful.get(root.id)!.after).reduce((a, b) => (a === null || b === null ? null : number(a) <= number(b) ? a : b));
  const free = (await look.createdAfter(kind, oldest)).filter((id) => !identities.isTaken(id));
  const pairs: [string, string][] = [];
  const missing = [...sought];
  for (const [id, candidate] of await look.all(kind, free)) {
    if (candidate === null) continue;
    const at = missing.findIndex((family) => family.root.kind === candidate.root.kind && isCopyOf(kind.write.how === "files" ? alone(family.root) : family, kind.write.how === "files" ? alone(candidate.root) : candidate, identities));
    if (at < 0) continue;
    pairs.push([missing[at]!.root.id, id]);
    missing.splice(at, 1);
  }
  await keep(pairs, outcome, tools);
  return [...left, ...missing];
}

/** Definitions have names of their own: what there is under a name is the one. */
async function foundDefinitions(kind: WrittenKind, sought: readonly Family[], outcome: Map<string, Created>, tools: CreationTools): Promise<Family[]> {
  const missing: Family[] = [];
  for (const family of sought) {
    const id = await definitionOf(family.root, tools);
    if (id === null) missing.push(family);
    else await keep([[family.root.id, id]], outcome, tools);
  }
  return missing;
}

export const METAFIELD_DEFINITION = `#graphql
  query DefinitionOfMetafield($ownerType: MetafieldOwnerType!, $namespace: String!, $key: String!) {
    metafieldDefinitions(first: 1, ownerType: $ownerType, namespace: $namespace, key: $key) { nodes { id } }
  }
`;
export const METAOBJECT_DEFINITION = `#graphql
  query DefinitionOfMetaobject($type: String!) { metaobjectDefinitionByType(type: $type) { id } }
`;

async function definitionOf({ kind, fields }: Node, { uploads: { client, signal } }: CreationTools): Promise<string | null> {
  const data = z.record(z.string(), z.unknown());
  const found =
    kind === "MetaobjectDefinition"
      ? asObject((await client.query(METAOBJECT_DEFINITION, { type: fields["type"] }, data, signal))["metaobjectDefinitionByType"])
      : asObject(asList(asObject((await client.query(METAFIELD_DEFINITION, { ownerType: fields["ownerType"], namespace: fields["namespace"], key: fields["key"] }, data, signal))["metafieldDefinitions"])?.["nodes"])[0]);
  return typeof found?.["id"] === "string" ? found["id"] : null;
}

const alone = (root: Node): Family => ({ root, children: [] });
const number = (id: string): number => Number(/\/(\d+)$/.exec(id)?.[1] ?? 0);

const FILE_BYTES = 8 * 1024 * 1024;

/** Each is one file of a bulk mutation. */
function* files(wanted: readonly Wanted[]): Generator<readonly Wanted[]> {
  let file: Wanted[] = [];
  let bytes = 0;
  for (const one of wanted) {
    file.push(one);
    bytes += JSON.stringify(one.variables).length;
    if (bytes < FILE_BYTES) continue;
    yield file;
    file = [];
    bytes = 0;
  }
  if (file.length > 0) yield file;
}
