/**
 * Makes of real records others of the same shape in which nobody can be recognised: all 18 identifiers of 45 CFR 164.514(b)(2) are gone, relations and formats stay. What a
 * field is decides by its name (fields.ts) and a value's type (values.ts); what neither knows is replaced as text. Deterministic: the same key and data give the same
 * records, so that what belonged together does. Pure; the key comes from outside, one per vault.
 */
import { Pseudonyms } from "./pseudonyms.ts";
import { isIsoDate, shiftOf, shifted, type Shift } from "./dates.ts";
import { ruleFor } from "./fields.ts";
import { blankContent, blankRecords } from "./files.ts";
import { Identifying } from "./identifying.ts";
import type { PhiRecord } from "./record.ts";
import { detect } from "../detect/detect.ts";
import { html, prose, scrambled } from "./text.ts";
import { sanitizedJson, sanitizedValue, type ValueContext } from "./values.ts";

export interface SanitizerOptions {
  /** At least 32 bytes, of this vault only and of no other use: who has it can match pseudonyms to guesses. */
  readonly key: Uint8Array;
  /** The time of the data: when the snapshot was taken. */
  readonly asOf: Date;
}

export interface Sanitizer {
  /** A root with all that belongs to it, as a snapshot gives it: parents before children. Answers as many or a few other records. */
  family(records: readonly PhiRecord[]): PhiRecord[];
}

/** Ids of records that are made of another's keep that one's number: mapped by number alone, in all of them. */
const GID = /^gid:\/\/[\w-]+\/\w+\/[\w-]+(?:\?.*)?$/;
const COORDINATE = "coordinate";
/** From this many digits on a bare number can be somebody's; sizes, quantities and amounts are shorter. */
const LONG_NUMBER = 1_000_000;
const SIZES = /size$|quantity$|count$|amount$|limit$/i;

interface Place {
  readonly kind: string;
  readonly country: string | null;
  readonly state: string | null;
  readonly values: ValueContext;
}

export function sanitizer({ key, asOf }: SanitizerOptions): Sanitizer {
  if (key.byteLength < 32) throw new RangeError("a key for pseudonyms has at least 32 bytes");
  const pseudonyms = new Pseudonyms(key);
  const choices = new Set<string>();

  const record = (original: PhiRecord, shift: Shift, gives: ValueContext["gives"]): PhiRecord => {
    learnChoices(original, choices);
    const values: ValueContext = { pseudonyms, shift, asOf, isChoice: (value) => choices.has(value), gives };
    const fields = object(original.fields, "", { kind: original.kind, country: null, state: null, values });
    const { type, value } = original.fields;
    if (original.kind === "Metafield" && typeof type === "string" && typeof value === "string") fields["value"] = sanitizedValue(type, value, values);
    return { kind: original.kind, id: pseudonyms.gid(original.id), parentId: original.parentId === null ? null : pseudonyms.gid(original.parentId), fields };
  };

  return {
    family: (records) => {
      const [root] = records;
      if (root === undefined) return [];
      const shift = shiftOf(personOf(root), pseudonyms);
      const mimeType = mimeTypeOf(root);
      const isFile = records.some(({ kind }) => kind === "FileContent");
      const identifying = new Identifying(records);
      return records.flatMap((one) => {
        if (one.kind === "FilePiece") return [];
        const made = record(one, shift, (text) => identifying.in(text).length > 0);
        if (one.kind === "FileContent") return blankRecords(made, mimeType);
        return isFile && one === root ? [withSize(made, blankContent(mimeType).length)] : [made];
      });
    },
  };
}

/** The size of what stands for a file, wherever its record says one. */
function withSize(record: PhiRecord, size: number): PhiRecord {
  const source = record.fields["originalSource"];
  const fields = { ...record.fields, ...("originalFileSize" in record.fields ? { originalFileSize: size } : {}) };
  return { ...record, fields: typeof source === "object" && source !== null && "fileSize" in source ? { ...fields, originalSource: { ...source, fileSize: size } } : fields };
}

/** Whose dates these are: the customer a record is about, or the record itself. */
function personOf({ kind, id, fields }: PhiRecord): string {
  if (kind === "Customer") return id;
  const customer = fields["customer"];
  const of = typeof customer === "object" && customer !== null && "id" in customer ? customer.id : null;
  return typeof of === "string" ? of : id;
}

function mimeTypeOf({ kind, fields }: PhiRecord): string {
  if (typeof fields["mimeType"] === "string") return fields["mimeType"];
  return kind === "MediaImage" ? "image/png" : "application/octet-stream";
}

/** A definition's list of allowed values is a merchant's configuration; a value among them must stay one of them. */
function learnChoices({ kind, fields }: PhiRecord, choices: Set<string>): void {
  if (kind !== "MetafieldDefinition" && kind !== "MetaobjectDefinition") return;
  const lists = [fields["validations"], ...(Array.isArray(fields["fieldDefinitions"]) ? fields["fieldDefinitions"].map((field: unknown) => (field as { validations?: unknown } | null)?.validations) : [])];
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    for (const item of list as readonly { name?: unknown; value?: unknown }[]) {
      if (item.name !== "choices" || typeof item.value !== "string") continue;
      try {
        for (const choice of JSON.parse(item.value) as unknown[]) if (typeof choice === "string" && detect(choice).length === 0) choices.add(choice);
      } catch {
        // No list: then nothing is allowed to stay for it.
      }
    }
  }
}

function object(fields: Readonly<Record<string, unknown>>, path: string, place: Place): Record<string, unknown> {
  const country = stringOf(fields["countryCodeV2"]) ?? stringOf(fields["countryCode"]) ?? place.country;
  const state = stringOf(fields["provinceCode"]) ?? stringOf(fields["zoneCode"]) ?? place.state;
  const here = { ...place, country, state };
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) out[name] = member(value, path === "" ? name : `${path}.${name}`, here);
  // One field of a metaobject: its value is of the type that stands beside it.
  if (place.kind === "Metaobject" && typeof fields["type"] === "string" && typeof fields["value"] === "string") out["value"] = sanitizedValue(fields["type"], fields["value"], place.values);
  return out;
}

function member(value: unknown, path: string, place: Place): unknown {
  if (typeof value === "string") return text(value, path, place);
  if (typeof value === "number") return numberOf(value, path, place);
  if (Array.isArray(value)) {
    const items = value.map((item) => member(item, `${path}[]`, place));
    // As the platform keeps them: sorted, each once.
    return /(?:^|\.)tags$/.test(path) ? [...new Set(items)].sort() : items;
  }
  if (typeof value === "object" && value !== null) return object(value as Record<string, unknown>, path, place);
  return value;
}

function numberOf(value: number, path: string, place: Place): number {
  if (/(?:^|\.)(?:latitude|longitude)$/.test(path)) return 0;
  if (Math.abs(value) < LONG_NUMBER || SIZES.test(path)) return value;
  return Number(sanitizedJson(value, place.values));
}

function text(value: string, path: string, { kind, country, state, values }: Place): string | null {
  const { pseudonyms, shift, asOf } = values;
  if (value === "") return value;
  if (GID.test(value)) return pseudonyms.gid(value);
  if (isIsoDate(value)) return shifted(value, shift, asOf);
  switch (ruleFor(kind, path, value)) {
    case "definition":
      return detect(value).length === 0 ? value : pseudonyms.slug(value);
    case "word":
      return detect(value).length === 0 ? value : scrambled(value, values);
    case "first-name":
      return pseudonyms.firstName(value);
    case "last-name":
      return pseudonyms.lastName(value);
    case "full-name":
      return pseudonyms.fullName(value);
    case "email":
      return pseudonyms.email(value);
    case "phone":
      return pseudonyms.phone(value);
    case "zip":
      return pseudonyms.zip(value, country, state);
    case "city":
      return pseudonyms.city(value);
    case "street":
      return pseudonyms.street(value);
    case "unit":
      return pseudonyms.unit(value);
    case "url":
      return pseudonyms.url(value);
    case "ip":
      return pseudonyms.ip(value);
    case "slug":
      return pseudonyms.slug(value);
    case "tag":
      return pseudonyms.tag(value);
    case "uuid":
      return pseudonyms.uuid(value);
    case "order-name":
      return value.replace(/\d{2,}/, (digits) => pseudonyms.number(digits.padStart(9, "9"))).replace(/[A-Za-z]{3,}/g, "SYNTHETIC");
    case "last-characters":
      return value.replace(/[A-Za-z0-9]/g, "0");
    case "domain":
      return `${pseudonyms.slug(value)}.myshopify.com`;
    case "query":
      return value.replace(/'[^']*'|"[^"]*"/g, (quoted) => `'${quoted.length === 2 ? "" : pseudonyms.tag(quoted.slice(1, -1))}'`);
    case "prose":
      return prose(value, values);
    case "html":
      return html(value, values);
    case COORDINATE:
      return "0";
    case "code":
    case "number":
    case "text":
      return /^\s*[[{]/.test(value) ? jsonText(value, values) : scrambled(value, values);
  }
}

function jsonText(value: string, values: ValueContext): string {
  try {
    return JSON.stringify(sanitizedJson(JSON.parse(value), values));
  } catch {
    return prose(value, values);
  }
}

function stringOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
