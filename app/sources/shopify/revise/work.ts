/** What there is to do for one family: requests, what differs and no request would settle, and what the platform keeps to itself. Pure. */
import type { SourceRecord } from "#app/vault/index.ts";
import type { Extras, FamilyChange, PlannedLoss } from "../../port.ts";
import { CATALOGUE } from "../catalogue/all.ts";
import type { Family, Kind, Node } from "../catalogue/kind.ts";
import { NO_REVISION, REVISIONS, type Delta, type Request, type ReviseStep, type Revision } from "../catalogue/revise/index.ts";
import { canonical, comparable, differingFields } from "../comparable.ts";
import { References } from "../references.ts";
import { parseNode } from "../restore/families.ts";
import type { Identities } from "./identities.ts";
import { metafieldChanges, type MetafieldChanges } from "./metafields.ts";

const KINDS = new Map<string, Kind>(CATALOGUE.flatMap((kind) => kind.types.map((type) => [type, kind] as const)));

/** Reasons that follow from writing at all, or from other records: not worth naming for a record that is changed in place. */
const FOLLOWS: ReadonlySet<string> = new Set(["platform.assigns", "platform.computes"]);

export interface Work {
  readonly delta: Delta;
  readonly requests: readonly { readonly step: ReviseStep; readonly requests: readonly Request[] }[];
  readonly metafields: MetafieldChanges;
  /** Something refers to what is to be created later in the run. */
  readonly waits: boolean;
  readonly losses: readonly PlannedLoss[];
}

export function kindOf(type: string): Kind | null {
  return KINDS.get(type) ?? null;
}

export function revisionOf(kind: Kind): Revision {
  return REVISIONS[kind.kind] ?? NO_REVISION;
}

export function familyOf(records: readonly SourceRecord[]): Family {
  const [root, ...children] = records.map(parseNode);
  if (root === undefined) throw new TypeError("a family has a root");
  return { root, children };
}

export function deltaOf(change: FamilyChange & { readonly then: NonNullable<FamilyChange["then"]>; readonly now: NonNullable<FamilyChange["now"]> }, extras: Extras): Delta {
  return { then: familyOf(change.then), now: familyOf(change.now), extras };
}

/** What one step asks for. Contacts that an earlier step made are known by now, and what a later one does depends on it. */
export function requestsOf(step: ReviseStep, delta: Delta, identities: Identities): readonly Request[] {
  return step.each(delta, new References((old) => identities.newId(old), { home: identities.home }));
}

export function workFor(kind: Kind, delta: Delta, identities: Identities): Work {
  // A family whose root changed its id in the shop is compared under the old one.
  if (delta.now.root.id !== delta.then.root.id) identities.pair(delta.then.root.id, delta.now.root.id);
  const references = new References((old) => identities.newId(old), { home: identities.home });
  const requests = revisionOf(kind).steps.map((step) => ({ step, requests: step.each(delta, references) })).filter((one) => one.requests.length > 0);
  const metafields = metafieldChanges(delta, references);
  const waits = references.incomplete || metafields.dangling.length > 0;
  return { delta, requests, metafields, waits, losses: lossesOf(kind, delta, identities, requests.flatMap((one) => one.requests), metafields) };
}

function lossesOf(kind: Kind, delta: Delta, identities: Identities, requests: readonly Request[], metafields: MetafieldChanges): PlannedLoss[] {
  const losses = new Map<string, PlannedLoss>();
  const add = (of: string, field: string, reason: string): void => void losses.set(`${of} ${field}`, { kind: of, field, reason });
  const root = delta.then.root.kind;
  const setOfRoot = new Set(requests.filter(({ of }) => of.id === delta.then.root.id).flatMap(({ fields }) => fields));
  const settled = new Set(requests.flatMap(({ of, covers }) => [...(of.id === delta.then.root.id ? [] : [of.kind]), ...(covers ?? [])]));
  for (const { of, fields, extra } of differences(delta, identities)) {
    if (extra && delta.extras === "keep") continue;
    if (of === "Metafield") continue;
    const child = kind.children.find((one) => one.kind === of);
    if (of === root && child === undefined) for (const field of fields) if (!setOfRoot.has(field)) add(of, field, kind.losses[field] ?? (kind.write === null ? (kind.notRestored ?? "platform.history") : "platform.history"));
    if (child !== undefined && !settled.has(of)) for (const field of fields) add(of, field, child.losses[field] ?? "platform.history");
  }
  for (const { fields } of metafields.dangling) add("Metafield", `${String(fields["namespace"])}.${String(fields["key"])}`, "kind.not_restored");
  const differs = (name: string): boolean => canonical(delta.then.root.fields[name] ?? null) !== canonical(delta.now.root.fields[name] ?? null);
  for (const [field, reason] of Object.entries(kind.losses)) if (!FOLLOWS.has(reason) && !setOfRoot.has(field) && differs(field)) add(root, field, reason);
  if (kind.write === null) for (const field of Object.keys(delta.then.root.fields)) if (field !== "updatedAt" && differs(field)) add(root, field, kind.notRestored ?? "platform.history");
  for (const child of kind.children) {
    const { notRestored } = child;
    if (notRestored === undefined || FOLLOWS.has(notRestored)) continue;
    const of = (family: Family): string => family.children.filter((node) => node.kind === child.kind).map(({ fields }) => canonical(fields)).sort().join("\n");
    if (of(delta.then) !== of(delta.now)) add(child.kind, "(all)", notRestored);
  }
  return [...losses.values()];
}

interface Difference {
  readonly of: string;
  readonly fields: readonly string[];
  /** It is only there now. */
  readonly extra: boolean;
}

/** In the comparable form: what a restored copy has to be equal in. */
export function differences(delta: Delta, identities: Identities): Difference[] {
  const then = comparableFamily(delta.then, (id) => id);
  const now = comparableFamily(delta.now, (id) => (id === delta.now.root.id ? delta.then.root.id : identities.oldId(id)));
  const found: Difference[] = [];
  for (const [id, was] of then) {
    const is = now.get(id);
    now.delete(id);
    if (is === undefined) found.push({ of: was.kind, fields: ["(all)"], extra: false });
    else if (Buffer.compare(was.bytes, is.bytes) !== 0) found.push({ of: was.kind, fields: differingFields(was.bytes, is.bytes), extra: false });
  }
  for (const is of now.values()) found.push({ of: is.kind, fields: ["(all)"], extra: true });
  return found;
}

/** By comparable id. */
export function comparableFamily(family: Family, oldId: (id: string) => string | undefined): Map<string, SourceRecord> {
  const form = comparable(oldId, true);
  const map = new Map<string, SourceRecord>();
  for (const node of [family.root, ...family.children]) {
    const record = form(recordOf(node));
    if (record !== null) map.set(record.id, record);
  }
  return map;
}

function recordOf({ kind, id, parentId, fields }: Node): SourceRecord {
  return { kind, id, parentId, bytes: Buffer.from(JSON.stringify(fields)) };
}
