/** What is new around a shop's records, as tasks: somebody has to say that it is covered, or take the gap. Pure. */
import type { CoverageTask, DefinedField, InventoryEntry, NewCoverageTask, PlatformSurroundings } from "../ports.ts";

/** How long somebody may take to decide before coverage is red. */
export const DECIDE_MS = 7 * 24 * 3_600_000;

type Found = Omit<NewCoverageTask, "shop">;

/**
 * `before` null: the first look. What is there then is what the merchant set up with; only what this app cannot see by itself needs a word: other apps, missing
 * scopes and what cannot be read.
 */
export function tasksOf(before: PlatformSurroundings | null, now: PlatformSurroundings): readonly Found[] {
  return [...appTasks(before, now), ...scopeTasks(now), ...unreadableTasks(now), ...(before === null ? [] : definitionTasks(before, now))];
}

/** Namespaces that records carry and that had never been seen: metafields need no definition. */
export function namespaceTasks(unseen: readonly InventoryEntry[], known: readonly InventoryEntry[]): readonly Found[] {
  const nameOf = ({ kind, owner, namespace, key }: InventoryEntry): string => [kind, owner, namespace, key].join("\n");
  const fields = new Set(unseen.map(nameOf));
  const there = new Set(known.filter((entry) => !fields.has(nameOf(entry))).map(({ owner, namespace }) => `${ownerName(owner)}/${namespace}`));
  const fresh = new Map<string, number>();
  for (const { owner, namespace } of unseen) {
    const name = `${ownerName(owner)}/${namespace}`;
    if (namespace !== "" && !there.has(name)) fresh.set(name, (fresh.get(name) ?? 0) + 1);
  }
  return [...fresh].map(([name, keys]): Found => ({ kind: "namespace", subject: subject("namespace", name), facts: { keys, seen: "records" } }));
}

/** Open tasks whose subject is not there any more. */
export function goneTasks(open: readonly CoverageTask[], now: PlatformSurroundings): readonly CoverageTask[] {
  const there = new Set([
    ...(now.apps ?? []).map(appSubject),
    ...now.definitions.flatMap((one) => [definitionSubject(one), namespaceSubject(one), subject("unreadable", privateName(one))]),
    ...missingScopes(now).map((scope) => subject("scope", scope)),
  ]);
  return open.filter((task) => {
    if (task.state !== "open" || there.has(task.subject)) return false;
    // Not being told which apps there are is not the same as their having gone; namespaces of records are the inventory's affair.
    if (task.kind === "app") return now.apps !== null && !now.apps.some((app) => task.subject.startsWith(`${appSubject(app)}:`));
    return task.facts["seen"] !== "records";
  });
}

function appTasks(before: PlatformSurroundings | null, now: PlatformSurroundings): Found[] {
  const known = new Map((before?.apps ?? []).map((app) => [app.id, app.scopes]));
  return (now.apps ?? []).flatMap((app): Found[] => {
    const scopes = known.get(app.id);
    const more = scopes === undefined ? app.scopes : app.scopes.filter((scope) => !scopes.includes(scope));
    if (scopes !== undefined && more.length === 0) return [];
    // The same app with more access is looked at again.
    const grown = scopes !== undefined;
    return [{ kind: "app", subject: grown ? `${appSubject(app)}:scopes:${more.length}` : appSubject(app), facts: { title: app.title.slice(0, 100), scopes: app.scopes.length, ...(grown ? { added: more.join(",").slice(0, 200) } : {}) } }];
  });
}

function scopeTasks(now: PlatformSurroundings): Found[] {
  return missingScopes(now).map((scope): Found => ({ kind: "scope", subject: subject("scope", scope), facts: { scope, granted: false } }));
}

/** A scope to write comes with the one to read. */
function missingScopes({ scopes, needed }: PlatformSurroundings): readonly string[] {
  const granted = new Set(scopes.flatMap((scope) => [scope, scope.replace(/^write_/, "read_")]));
  return needed.filter((scope) => !granted.has(scope));
}

function unreadableTasks(now: PlatformSurroundings): Found[] {
  const groups = new Map<string, number>();
  for (const one of now.definitions) {
    const name = privateName(one);
    if (!one.readable) groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  return [...groups].map(([name, definitions]): Found => ({ kind: "unreadable", subject: subject("unreadable", name), facts: { definitions } }));
}

function definitionTasks(before: PlatformSurroundings, now: PlatformSurroundings): Found[] {
  const known = new Set(before.definitions.map(definitionSubject));
  const namespaces = new Set(before.definitions.map(namespaceSubject));
  const fresh = now.definitions.filter((one) => one.readable && !known.has(definitionSubject(one)));
  const found = new Map<string, Found>();
  for (const one of fresh) {
    // A new namespace is one question, however many fields it has.
    const whole = one.namespace !== "" && !namespaces.has(namespaceSubject(one));
    const name = whole ? namespaceSubject(one) : definitionSubject(one);
    const keys = Number(found.get(name)?.facts["keys"] ?? 0) + 1;
    found.set(name, whole ? { kind: "namespace", subject: name, facts: { keys, seen: "definitions" } } : { kind: "definition", subject: name, facts: { type: one.type } });
  }
  return [...found.values()];
}

function appSubject({ handle, id }: { readonly handle: string | null; readonly id: string }): string {
  return subject("app", handle ?? (id.split("/").at(-1) ?? id));
}

function definitionSubject({ owner, namespace, key }: DefinedField): string {
  return subject("definition", `${ownerName(owner)}/${namespace === "" ? "" : `${namespace}.`}${key}`);
}

function namespaceSubject({ owner, namespace }: DefinedField): string {
  return subject("namespace", `${ownerName(owner)}/${namespace}`);
}

/** A type of metaobject has no namespace: its name says whose it is. */
function privateName({ owner, namespace, key }: DefinedField): string {
  return `${ownerName(owner)}/${namespace === "" ? key : namespace}`;
}

/** The schema says COMPANY_LOCATION and PRODUCTVARIANT, a record's id CompanyLocation and ProductVariant. */
export function ownerName(owner: string): string {
  return owner.replaceAll("_", "").toUpperCase();
}

/** As alerts and the ledger take it: 1 to 128 of letters, digits and ._:/-. */
function subject(kind: string, name: string): string {
  return `${kind}:${name.replace(/[^A-Za-z0-9._:/-]/g, "_")}`.slice(0, 128);
}
