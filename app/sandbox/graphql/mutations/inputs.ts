/** What mutations are given, and how it becomes records. Ids are always the shop's own choice. */
import type { AddressRecord, MetafieldRecord } from "../../data/records.ts";
import { STATES } from "../../data/wording.ts";
import { parseGid } from "../../data/gid.ts";
import type { Context } from "../context.ts";
import { definitionOf } from "../fields/metafields.ts";

export interface UserError {
  readonly field: readonly string[] | null;
  readonly message: string;
  readonly code?: string;
  readonly elementIndex?: number | null;
}

export interface AddressInput {
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly company?: string | null;
  readonly address1?: string | null;
  readonly address2?: string | null;
  readonly city?: string | null;
  readonly province?: string | null;
  readonly provinceCode?: string | null;
  readonly country?: string | null;
  readonly countryCode?: string | null;
  readonly zip?: string | null;
  readonly phone?: string | null;
}

export interface MetafieldInput {
  readonly id?: string | null;
  readonly namespace?: string | null;
  readonly key?: string | null;
  readonly type?: string | null;
  readonly value?: string | null;
}

const COUNTRIES = new Intl.DisplayNames(["en"], { type: "region" });

export function addressFrom(input: AddressInput, id: number): AddressRecord {
  const province = STATES.find((state) => state.code === input.provinceCode) ?? STATES.find((state) => state.name === input.province);
  const code = input.countryCode ?? null;
  return {
    id,
    firstName: input.firstName ?? null,
    lastName: input.lastName ?? null,
    company: input.company ?? null,
    address1: input.address1 ?? null,
    address2: input.address2 ?? null,
    city: input.city ?? null,
    province: province?.name ?? input.province ?? null,
    provinceCode: province?.code ?? input.provinceCode ?? null,
    country: input.country ?? (code === null ? null : (COUNTRIES.of(code) ?? code)),
    countryCode: code,
    zip: input.zip ?? null,
    phone: input.phone ?? null,
  };
}

/** An amount as it is written ("12.5") in hundredths. */
export function hundredths(amount: string | number): number {
  return Math.round(Number(amount) * 100);
}

/** As the platform keeps tags: trimmed, each once whatever its case, sorted. */
export function tagsFrom(tags: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const tag of tags.map((one) => one.trim()).filter((one) => one !== "")) if (!byName.has(tag.toLowerCase())) byName.set(tag.toLowerCase(), tag);
  return [...byName.values()].sort();
}

const JSON_TYPES = /^(json|rich_text_field|list\..*|money|rating|dimension|volume|weight|link)$/;
const KNOWN_TYPES = /^(list\.)?(single_line_text_field|multi_line_text_field|rich_text_field|json|boolean|number_integer|number_decimal|date|date_time|url|color|id|money|rating|dimension|volume|weight|link|language|[a-z_]+_reference)$/;

/** Null when the value is good for its type; else the platform's sentence. */
export function refuseValue(type: string, value: string): { readonly code: string; readonly message: string } | null {
  if (!KNOWN_TYPES.test(type)) return { code: "INVALID_TYPE", message: `Type must be one of the following: boolean, json, list.single_line_text_field, multi_line_text_field, number_integer, single_line_text_field, … (got '${type}').` };
  if (value === "") return { code: "BLANK", message: "Value can't be blank." };
  if (Buffer.byteLength(value) > (type === "json" ? 2_000_000 : 65_536)) return { code: "TOO_LONG", message: "Value is too long." };
  if (type === "single_line_text_field" && /[\r\n]/.test(value)) return { code: "INVALID_VALUE", message: "Value must be a single line text string." };
  if (type === "boolean" && value !== "true" && value !== "false") return { code: "INVALID_VALUE", message: "Value must be true or false." };
  if (type === "number_integer" && !/^-?\d+$/.test(value)) return { code: "INVALID_VALUE", message: "Value must be an integer." };
  if (JSON_TYPES.test(type)) {
    try {
      const parsed = JSON.parse(value) as unknown;
      if (type.startsWith("list.") && !Array.isArray(parsed)) return { code: "INVALID_VALUE", message: "Value must be an array." };
    } catch {
      return { code: "INVALID_VALUE", message: "Value is invalid JSON." };
    }
  }
  return null;
}

/** The type a metafield gets: what is said, else its definition's. */
export function metafieldType(context: Context, ownerType: string, namespace: string, key: string, said: string | null | undefined): string | null {
  return definitionOf(context.data, ownerType, namespace, key)?.type ?? said ?? null;
}

/** The app's own namespace: "$app" and "$app:name" are short for it. */
export function ownNamespace({ facts }: Context, given: string | null | undefined): string {
  const own = `app--${facts.apiKey.slice(0, 8)}`;
  return given == null || given === "$app" ? own : given.startsWith("$app:") ? `${own}--${given.slice("$app:".length)}` : given;
}

function isOwn({ facts }: Context, namespace: string): boolean {
  const own = `app--${facts.apiKey.slice(0, 8)}`;
  return namespace === own || namespace.startsWith(`${own}--`);
}

/** Puts inputs over the metafields there are. Refusals come back, and nothing is kept then. */
export function mergeMetafields(context: Context, ownerType: string, existing: readonly MetafieldRecord[], inputs: readonly MetafieldInput[], now: number, at: (index: number) => readonly string[]): { readonly fields: readonly MetafieldRecord[]; readonly errors: readonly UserError[] } {
  const fields = [...existing];
  const errors: UserError[] = [];
  inputs.forEach((input, index) => {
    const known = input.id == null ? undefined : fields.find((field) => field.id === parseGid(input.id ?? "")?.id);
    if (input.id != null && known === undefined) return errors.push({ field: [...at(index), "id"], message: "Metafield does not exist", code: "INVALID" });
    const namespace = ownNamespace(context, input.namespace ?? known?.namespace);
    if (namespace.startsWith("app--") && !isOwn(context, namespace)) return errors.push({ field: [...at(index), "namespace"], message: "Access to this namespace and key on Metafields for this resource type is not allowed.", code: "APP_NOT_AUTHORIZED" });
    const key = input.key ?? known?.key;
    if (key === undefined) return errors.push({ field: [...at(index), "key"], message: "Key can't be blank", code: "BLANK" });
    const before = known ?? fields.find((field) => field.namespace === namespace && field.key === key);
    const type = metafieldType(context, ownerType, namespace, key, input.type) ?? before?.type ?? null;
    if (type === null) return errors.push({ field: [...at(index), "type"], message: "Type can't be blank", code: "BLANK" });
    if (input.type != null && input.type !== type) return errors.push({ field: [...at(index), "type"], message: `Type '${input.type}' must be consistent with the definition's type: '${type}'.`, code: "INVALID_TYPE" });
    const value = input.value ?? before?.value ?? "";
    const refusal = refuseValue(type, value);
    if (refusal !== null) return errors.push({ field: [...at(index), "value"], ...refusal });
    const record: MetafieldRecord = before === undefined ? { id: context.data.newId(), createdAt: now, updatedAt: now, namespace, key, type, value } : { ...before, type, value, updatedAt: before.value === value && before.type === type ? before.updatedAt : now };
    if (before === undefined) fields.push(record);
    else fields[fields.indexOf(before)] = record;
    return undefined;
  });
  return { fields: errors.length === 0 ? fields : existing, errors };
}
