/**
 * Which types of the Admin schema carry customer data: the definition that docs/coverage.md stands on, as a function of the schema alone.
 *
 * A type carries customer data when it is an object type, can be reached from the query root, is none of the API's own shapes (connections, edges, mutation
 * payloads, user errors), and has a field that is one of:
 *   protected    flagged by Shopify as protected customer data (name, address, e-mail, phone)
 *   text         text that people write into: notes, messages, comments, bodies, instructions, values, tags, receipts
 *   person       text by which a person is known although Shopify does not flag it: names, e-mail and IP addresses, phones, tax numbers
 *   attributes   custom attributes (key and value, written by themes, apps and customers)
 *   address      an object that has an address1
 *   refers       the customer or the contact it is about
 *   metafields   custom data of merchants and apps (HasMetafields)
 *   timeline     events and staff comments (HasEvents)
 *   file         what an uploaded file is and where it lies (File)
 * Whether the merchant, staff or a customer stands behind a name no schema says: that is what decisions.ts is for.
 */

interface TypeRef {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType?: TypeRef | null;
}

export interface IntrospectedField {
  readonly name: string;
  readonly type: TypeRef;
  readonly isDeprecated?: boolean;
  /** Only in the schema as Shopify publishes it; a live shop's introspection has none. */
  readonly isProtected?: boolean;
  readonly requiredAccess?: string | null;
}

export interface IntrospectedType {
  readonly kind: string;
  readonly name: string;
  readonly fields?: readonly IntrospectedField[] | null;
  readonly interfaces?: readonly { readonly name: string }[] | null;
  readonly possibleTypes?: readonly { readonly name: string }[] | null;
  readonly requiredAccess?: string | null;
}

export interface IntrospectedSchema {
  readonly types: readonly IntrospectedType[];
}

export type Carrying = "protected" | "text" | "person" | "attributes" | "address" | "refers" | "metafields" | "timeline" | "file";

export interface CarryingField {
  readonly name: string;
  readonly as: Carrying;
  readonly deprecated: boolean;
}

export interface CarryingType {
  readonly name: string;
  readonly fields: readonly CarryingField[];
}

const ROOT = "QueryRoot";
const TEXT_SCALARS: ReadonlySet<string> = new Set(["String", "HTML", "FormattedString", "JSON", "URL"]);
const OWN_SHAPES = /(?:Connection|Edge|Payload|UserError)$/;
const PERSON =
  /^(?:firstName|lastName|displayName|preferredName|recipient|email|emailAddress|phone|phoneNumber|address1|address2|zip|clientIp|ip|companyName|taxRegistrationId|accountNumber|multipassIdentifier|userAgent)$/;
const WRITTEN =
  /(?:note|notes|note2|message|comment|body|memo|instructions)$|^(?:bodyHtml|value|answer|arguments|additionalContent|additionalData|receiptJson|poNumber|tags)$/i;

/** By name, in the order of the alphabet. */
export function carryingTypes(schema: IntrospectedSchema): readonly CarryingType[] {
  const types = new Map(schema.types.map((type) => [type.name, type]));
  const carrying: CarryingType[] = [];
  for (const name of reachable(types)) {
    const type = types.get(name);
    if (type?.kind !== "OBJECT" || name === ROOT || OWN_SHAPES.test(name)) continue;
    const fields = (type.fields ?? []).flatMap((field): CarryingField[] => {
      const as = carries(field, type, types);
      return as === null ? [] : [{ name: field.name, as, deprecated: field.isDeprecated === true }];
    });
    if (fields.length > 0) carrying.push({ name, fields });
  }
  return carrying.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function carries(field: IntrospectedField, owner: IntrospectedType, types: ReadonlyMap<string, IntrospectedType>): Carrying | null {
  const base = named(field.type);
  const is = (name: string): boolean => (owner.interfaces ?? []).some((one) => one.name === name);
  if (field.isProtected === true) return "protected";
  if (TEXT_SCALARS.has(base) && WRITTEN.test(field.name)) return "text";
  if (TEXT_SCALARS.has(base) && PERSON.test(field.name)) return "person";
  if (base === "Attribute" || base === "TypedAttribute") return "attributes";
  if (types.get(base)?.kind === "OBJECT" && (types.get(base)?.fields ?? []).some(({ name }) => name === "address1")) return "address";
  if (base === "Customer" || base === "CompanyContact") return "refers";
  if (field.name === "metafields" && is("HasMetafields")) return "metafields";
  if (field.name === "events" && is("HasEvents")) return "timeline";
  if (is("File") && /^(?:alt|url|originalSource|originUrl)$/.test(field.name)) return "file";
  return null;
}

function reachable(types: ReadonlyMap<string, IntrospectedType>): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = [ROOT];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const type = types.get(name);
    if (type === undefined || seen.has(name)) continue;
    seen.add(name);
    for (const field of type.fields ?? []) waiting.push(named(field.type));
    for (const possible of type.possibleTypes ?? []) waiting.push(possible.name);
  }
  return seen;
}

function named(type: TypeRef): string {
  let at: TypeRef = type;
  while (at.ofType !== null && at.ofType !== undefined) at = at.ofType;
  return at.name ?? "";
}
