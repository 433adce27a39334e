/**
 * Holds what the catalogue needs against the live schema, before a run finds out the hard way. The documents are walked with the live types; a member that is
 * gone, of another type than it was, or on its way out is a finding that names it as the schema does: "Customer.note".
 */
import { createHash } from "node:crypto";
import { Kind, OperationTypeNode, parse, type ArgumentNode, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode, type TypeNode } from "graphql";
import type { LiveMember, LiveSchema, LiveType } from "./schema-live.ts";
import type { Need, Use } from "./schema-needs.ts";

export type SchemaFindingCode =
  /** The type has no such field, or the schema no such type, argument, enum value or input field. */
  | "schema.removed"
  /** It is of another type than when this version was found good, or no longer what a query takes it for. */
  | "schema.retyped"
  /** Something must be given now that nobody gives. */
  | "schema.required"
  /** Still there; announced to go. */
  | "schema.deprecated";

export interface SchemaFinding {
  readonly code: SchemaFindingCode;
  /** "Customer.note", "QueryRoot.customers(sortKey)", "CustomerSortKeys.ID", "CustomerInput.note", "MailingAddress". */
  readonly member: string;
  readonly use: Use;
  /** Streams that need it, sorted. */
  readonly streams: readonly string[];
}

/** Members that are needed, with their types as they were when this version was found good. */
export type Signatures = Readonly<Record<string, string>>;

export interface SchemaReport {
  readonly findings: readonly SchemaFinding[];
  readonly signatures: Signatures;
  /** SHA-256 over the signatures, hex, 64 digits. */
  readonly fingerprint: string;
}

const LEAVES = new Set(["SCALAR", "ENUM"]);
/** Types are fetched as the walk meets them; a schema is not deeper than this. */
const MAX_ROUNDS = 20;

export async function checkSchema(schema: LiveSchema, needs: readonly Need[], known: Signatures | null): Promise<SchemaReport> {
  const roots = await schema.roots();
  const documents = needs.map((need) => ({ need, document: parse(need.text) }));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const walk = new Walk(schema, known);
    for (const { need, document } of documents) walk.document(document, roots, need);
    if (walk.unknown.size === 0) return walk.report();
    await schema.fetch(walk.unknown);
  }
  throw new Error("the walk over the schema did not come to an end");
}

class Walk {
  readonly unknown = new Set<string>();
  readonly #schema: LiveSchema;
  readonly #known: Signatures | null;
  readonly #findings = new Map<string, { code: SchemaFindingCode; member: string; use: Use; streams: Set<string> }>();
  readonly #signatures = new Map<string, string>();
  #need: Need = { text: "", use: "read", stream: "" };
  #fragments: ReadonlyMap<string, FragmentDefinitionNode> = new Map();

  constructor(schema: LiveSchema, known: Signatures | null) {
    this.#schema = schema;
    this.#known = known;
  }

  document(document: DocumentNode, roots: { readonly query: string; readonly mutation: string }, need: Need): void {
    this.#need = need;
    this.#fragments = new Map(document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])));
    for (const one of document.definitions) {
      if (one.kind !== Kind.OPERATION_DEFINITION) continue;
      for (const { type } of one.variableDefinitions ?? []) this.#input(namedType(type));
      this.#selection(one.selectionSet, one.operation === OperationTypeNode.MUTATION ? roots.mutation : roots.query);
    }
  }

  report(): SchemaReport {
    const signatures = Object.fromEntries([...this.#signatures].sort(([a], [b]) => (a < b ? -1 : 1)));
    const findings = [...this.#findings.values()].map((finding): SchemaFinding => ({ ...finding, streams: [...finding.streams].sort() }));
    findings.sort((a, b) => (a.member < b.member ? -1 : a.member > b.member ? 1 : 0));
    return { findings, signatures, fingerprint: createHash("sha256").update(JSON.stringify(signatures)).digest("hex") };
  }

  #type(name: string): LiveType | null {
    const type = this.#schema.get(name);
    if (type === undefined) this.unknown.add(name);
    if (type === null) this.#find("schema.removed", name);
    return type ?? null;
  }

  #selection(set: SelectionSetNode, on: string): void {
    const type = this.#type(on);
    if (type === null) return;
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) this.#field(type, node);
      else if (node.kind === Kind.INLINE_FRAGMENT) this.#selection(node.selectionSet, node.typeCondition?.name.value ?? on);
      else {
        const fragment = this.#fragments.get(node.name.value);
        if (fragment !== undefined) this.#selection(fragment.selectionSet, fragment.typeCondition.name.value);
      }
    }
  }

  #field(type: LiveType, node: FieldNode): void {
    const name = node.name.value;
    if (name === "__typename") return;
    const member = `${type.name}.${name}`;
    const field = type.fields.get(name);
    if (field === undefined) return this.#find("schema.removed", member);
    this.#note(member, field.type);
    if (field.deprecated) this.#find("schema.deprecated", member);
    this.#args(member, field, node.arguments ?? []);
    if ((node.selectionSet === undefined) !== LEAVES.has(field.namedKind)) return this.#find("schema.retyped", member);
    if (node.selectionSet !== undefined) this.#selection(node.selectionSet, field.named);
  }

  #args(member: string, field: LiveMember, given: readonly ArgumentNode[]): void {
    for (const { name, value } of given) {
      const arg = field.args.get(name.value);
      const place = `${member}(${name.value})`;
      if (arg === undefined) {
        this.#find("schema.removed", place);
        continue;
      }
      this.#note(place, arg.type);
      if (value.kind !== Kind.ENUM) continue;
      const values = this.#type(arg.named);
      if (values !== null && !values.values.has(value.value)) this.#find("schema.removed", `${arg.named}.${value.value}`);
    }
    const named = new Set(given.map(({ name }) => name.value));
    for (const arg of field.args.values()) if (arg.type.endsWith("!") && !arg.hasDefault && !named.has(arg.name)) this.#find("schema.required", `${member}(${arg.name})`);
  }

  /** Which members of an input are given is decided by data, so all that were there when this version was found good count as needed. */
  #input(name: string): void {
    const type = this.#type(name);
    if (type?.kind !== "INPUT_OBJECT") return;
    for (const field of type.inputs.values()) {
      const member = `${name}.${field.name}`;
      if (this.#known !== null && this.#known[member] === undefined && field.type.endsWith("!") && !field.hasDefault) this.#find("schema.required", member);
      this.#note(member, field.type);
    }
    for (const member of Object.keys(this.#known ?? {})) {
      if (member.startsWith(`${name}.`) && !type.inputs.has(member.slice(name.length + 1))) this.#find("schema.removed", member);
    }
  }

  #note(member: string, type: string): void {
    this.#signatures.set(member, type);
    const before = this.#known?.[member];
    // What may be null and what may not makes no difference to what is kept.
    if (before !== undefined && bare(before) !== bare(type)) this.#find("schema.retyped", member);
  }

  #find(code: SchemaFindingCode, member: string): void {
    const { use, stream } = this.#need;
    const key = `${code} ${member} ${use}`;
    const there = this.#findings.get(key);
    if (there === undefined) this.#findings.set(key, { code, member, use, streams: new Set([stream]) });
    else there.streams.add(stream);
  }
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function bare(signature: string): string {
  return signature.replaceAll("!", "");
}
