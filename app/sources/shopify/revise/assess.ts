/** What putting one family back would do, for a plan. Pure. */
import type { Assessment, Extras, FamilyChange, PlannedField, PlannedLoss } from "../../port.ts";
import { MUTATION_COST, type Family, type Kind } from "../catalogue/kind.ts";
import { METAFIELDS_AT_ONCE } from "../references.ts";
import { fieldName } from "./metafields.ts";
import { Identities } from "./identities.ts";
import { deltaOf, familyOf, kindOf, revisionOf, workFor, type Work } from "./work.ts";

const NOTHING: Assessment = { action: "none", changes: [], losses: [], costPoints: 0 };
/** Nodes by id cost a point each: whether it was changed since, and the digest of each metafield. */
const LOOK_COST = 1;

/** `identities`: those of the shop the snapshot is of, with nothing created anew, when absent. */
export function assess(change: FamilyChange, extras: Extras, identities = new Identities({ known: new Map(), home: true })): Assessment {
  const kind = kindOf(change.kind);
  if (kind === null) return { ...NOTHING, action: "refuse", losses: [{ kind: change.kind, field: "(all)", reason: "kind.not_restored" }] };
  const { then, now } = change;
  if (then === null) return now === null || extras === "keep" ? NOTHING : removal(kind, familyOf(now));
  if (now === null) return creation(kind, familyOf(then));
  return update(workFor(kind, deltaOf({ ...change, then, now }, extras), identities));
}

function removal(kind: Kind, { root, children }: Family): Assessment {
  if (revisionOf(kind).remove === null) return refusal(root.kind, kind.write === null ? (kind.notRestored ?? "platform.history") : "platform.history");
  return { action: "remove", changes: [root, ...children].map(({ kind: name, id, fields }) => ({ kind: name, id, fields: Object.keys(fields) })), losses: [], costPoints: MUTATION_COST };
}

function creation(kind: Kind, family: Family): Assessment {
  const { root, children } = family;
  const { write } = kind;
  if (write === null) return refusal(root.kind, kind.notRestored ?? "platform.history");
  if (write.skips?.(root) === true) return refusal(root.kind, "platform.history");
  const losses = new Map<string, PlannedLoss>();
  const changes: PlannedField[] = [];
  for (const node of [root, ...children]) {
    const child = node === root ? null : kind.children.find((one) => one.kind === node.kind);
    if (child?.notRestored !== undefined) {
      losses.set(node.kind, { kind: node.kind, field: "(all)", reason: child.notRestored });
      continue;
    }
    const lost = child?.losses ?? (child === null ? kind.losses : {});
    const there = Object.keys(node.fields).filter((name) => name !== "__parentId" && node.fields[name] !== null);
    for (const field of there) if (lost[field] !== undefined) losses.set(`${node.kind} ${field}`, { kind: node.kind, field, reason: lost[field] });
    changes.push({ kind: node.kind, id: node.id, fields: there.filter((name) => lost[name] === undefined) });
  }
  const metafields = children.filter(({ kind: name }) => name === "Metafield").length;
  const after = write.after === undefined ? 0 : children.filter(({ kind: name }) => name === "CompanyContact" || name === "StoreCreditAccount").length;
  const requests = 1 + after + Math.ceil(Math.max(0, metafields - METAFIELDS_AT_ONCE) / METAFIELDS_AT_ONCE);
  return { action: "create", changes, losses: [...losses.values()], costPoints: requests * MUTATION_COST };
}

function update({ delta, requests, metafields, losses }: Work): Assessment {
  const { root } = delta.then;
  const byRecord = new Map<string, { kind: string; id: string; fields: Set<string> }>();
  const add = (of: { readonly kind: string; readonly id: string }, fields: readonly string[]): void => {
    const known = byRecord.get(of.id) ?? { kind: of.kind, id: of.id, fields: new Set<string>() };
    for (const field of fields) known.fields.add(field);
    byRecord.set(of.id, known);
  };
  for (const { requests: lines } of requests) for (const { of, fields } of lines) add(of, fields);
  for (const { of } of metafields.set) add(root, [fieldName(of)]);
  for (const node of metafields.remove) add(root, [fieldName(node)]);
  const asked = requests.reduce((sum, { requests: lines }) => sum + lines.length, 0) + Math.ceil(metafields.set.length / METAFIELDS_AT_ONCE) + Math.ceil(metafields.remove.length / METAFIELDS_AT_ONCE);
  if (asked === 0) return losses.length === 0 ? NOTHING : { ...NOTHING, action: "refuse", losses };
  const changes = [...byRecord.values()].map(({ kind, id, fields }) => ({ kind, id, fields: [...fields].sort() }));
  return { action: "update", changes, losses, costPoints: asked * MUTATION_COST + LOOK_COST * (1 + metafields.set.length) };
}

function refusal(kind: string, reason: string): Assessment {
  return { ...NOTHING, action: "refuse", losses: [{ kind, field: "(all)", reason }] };
}
