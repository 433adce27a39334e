/** Puts the definition, the catalogue and the decisions together: what of the schema is covered, how, and what nobody has decided about. */
import type { GraphQLSchema } from "graphql";
import type { Kind } from "../catalogue/kind.ts";
import { carryingTypes, type CarryingField, type IntrospectedSchema } from "./carries.ts";
import { FIELD_DECISIONS, TYPE_DECISIONS, type Decision } from "./decisions.ts";
import { selectedFields } from "./selected.ts";

export interface CoverageRow {
  readonly type: string;
  readonly fields: readonly CarryingField[];
  /** Kinds that read it; none: see `decision`. */
  readonly kinds: readonly string[];
  readonly decision: Decision | null;
  /** Carrying fields of a covered type that are not read, and why. */
  readonly exceptions: readonly { readonly field: string; readonly decision: Decision }[];
}

export interface CoverageReport {
  readonly rows: readonly CoverageRow[];
  /** "Type" or "Type.field": carries customer data, is not read, and nobody has decided about it. Empty, or a test fails. */
  readonly undecided: readonly string[];
  /** Decisions about what is read after all, or is no longer there. Empty, or a test fails. */
  readonly stale: readonly string[];
}

/** `schema` is made of `introspection`. */
export function coverageReport(catalogue: readonly Kind[], schema: GraphQLSchema, introspection: IntrospectedSchema): CoverageReport {
  const selected = selectedFields(catalogue, schema, introspection);
  const rows: CoverageRow[] = [];
  const undecided: string[] = [];
  const used = new Set<string>();
  for (const { name, fields } of carryingTypes(introspection)) {
    const read = selected.get(name);
    // An id alone is a reference to something, not a copy of it.
    const kinds = [...new Set([...(read ?? [])].flatMap(([field, by]) => (field === "id" || field === "__typename" ? [] : [...by])))].sort();
    if (kinds.length === 0) {
      const decision = TYPE_DECISIONS[name] ?? null;
      if (decision === null) undecided.push(name);
      else used.add(name);
      rows.push({ type: name, fields, kinds, decision, exceptions: [] });
      continue;
    }
    const exceptions = fields.flatMap(({ name: field }) => {
      if (read?.has(field) === true) return [];
      const decision = FIELD_DECISIONS[`${name}.${field}`];
      if (decision === undefined) undecided.push(`${name}.${field}`);
      else used.add(`${name}.${field}`);
      return decision === undefined ? [] : [{ field, decision }];
    });
    rows.push({ type: name, fields, kinds, decision: null, exceptions });
  }
  const stale = [...Object.keys(TYPE_DECISIONS), ...Object.keys(FIELD_DECISIONS)].filter((name) => !used.has(name));
  return { rows, undecided, stale };
}
