/** Writes families of one kind by bulk mutations: files of bounded size, a few at once, results mapped by line. */
import type { Family, WrittenKind } from "../catalogue/kind.ts";
import { References } from "../references.ts";
import { runBulkMutation, type BulkMutationOptions } from "./bulk-mutation.ts";
import type { RestoreProgress } from "./progress.ts";
import { writeAfter } from "./write-after.ts";

/** The platform takes 100 MB; smaller files keep memory low and results coming. */
const FILE_BYTES = 4 * 1024 * 1024;
const FILE_LINES = 5_000;
const FILES_AT_ONCE = 3;

interface Prepared {
  readonly family: Family;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly references: References;
}

/** `onIncomplete`: a family whose own fields refer to something that does not exist yet; it was written without them. */
export async function writeMany(
  kind: WrittenKind,
  families: AsyncIterable<Family>,
  progress: RestoreProgress,
  options: BulkMutationOptions,
  onIncomplete: (family: Family) => void,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | null = null;
  const send = async (file: readonly Prepared[]): Promise<void> => {
    while (running.size >= FILES_AT_ONCE) await Promise.race(running);
    const one: Promise<void> = writeFile(kind, file, progress, options, onIncomplete)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(one));
    running.add(one);
  };

  let file: Prepared[] = [];
  let bytes = 0;
  for await (const family of families) {
    if (failure !== null) break;
    if (kind.write.skips?.(family.root) === true) {
      progress.seen(1 + family.children.length);
      continue;
    }
    const references = new References(progress.ids);
    const variables = kind.write.variables(family, references);
    file.push({ family, variables, references });
    bytes += JSON.stringify(variables).length;
    if (bytes < FILE_BYTES && file.length < FILE_LINES) continue;
    await send(file);
    file = [];
    bytes = 0;
  }
  if (file.length > 0 && failure === null) await send(file);
  await Promise.all(running);
  const failed = failure as { readonly error: unknown } | null;
  if (failed !== null) throw failed.error;
}

async function writeFile(kind: WrittenKind, file: readonly Prepared[], progress: RestoreProgress, options: BulkMutationOptions, onIncomplete: (family: Family) => void): Promise<void> {
  const results = await runBulkMutation(
    kind.write,
    file.map(({ variables }) => variables),
    options,
  );
  progress.charge(file.length);
  const again: Prepared[] = [];
  for (const [n, { family, references, variables }] of file.entries()) {
    const result = results[n]!;
    if (result.done && result.id !== null) {
      progress.created(family, result.id, references.later.length);
      progress.later.push(...references.later);
      if (references.incomplete) onIncomplete(family);
    } else if (!result.done && result.field.includes("metafields")) {
      again.push(withoutMetafields({ family, references, variables }));
    } else {
      progress.refuse(family.root, result.done ? "no_result" : result.code);
    }
  }
  if (again.length > 0) await writeWithout(kind, again, progress, options);
  if (kind.write.after !== undefined) await writeAfter(kind.write.after, file.map(({ family }) => family), progress, options);
}

/** One bad metafield must not cost its owner: the owner is written alone and its metafields one group at a time. */
async function writeWithout(kind: WrittenKind, file: readonly Prepared[], progress: RestoreProgress, options: BulkMutationOptions): Promise<void> {
  const results = await runBulkMutation(
    kind.write,
    file.map(({ variables }) => variables),
    options,
  );
  progress.charge(file.length);
  for (const [n, { family }] of file.entries()) {
    const result = results[n]!;
    const metafields = family.children.filter((child) => child.kind === "Metafield");
    if (result.done && result.id !== null) {
      progress.created(family, result.id, metafields.length);
      progress.later.push(...metafields);
    } else progress.refuse(family.root, result.done ? "no_result" : result.code);
  }
}

function withoutMetafields({ family, variables, references }: Prepared): Prepared {
  const strip = (value: unknown): unknown =>
    typeof value === "object" && value !== null && "metafields" in value ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== "metafields")) : value;
  return { family, references, variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, strip(value)])) };
}
