/**
 * One person's records as a sheet of fields, masked: what is shown before anything is asked for. The values stay in the records' bytes, which whoever opened them wipes; a field is
 * taken out again by its place when it is asked for.
 */
import { shown, type FieldClass } from "#app/phi/index.ts";
import type { SourceRecord } from "#app/vault/index.ts";

/** More than any record of the platform has; a record beyond it says so. */
const MOST_FIELDS = 400;
const MOST_DEPTH = 8;

export interface SheetField {
  /** Its place in the record. */
  readonly place: number;
  /** "Customer.defaultEmailAddress.emailAddress": how the ledger names it. No part of it comes from a value. */
  readonly name: string;
  /** The same in words: "Default email address, email address". No part of it comes from a value either. */
  readonly label: string;
  readonly class: FieldClass;
  readonly text: string;
  readonly open: boolean;
}

export interface SheetRecord {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly fields: readonly SheetField[];
  /** There are more fields than are shown. */
  readonly more: boolean;
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: string;
}

export function sheetRecord(record: SourceRecord): SheetRecord {
  const { leaves, more } = leavesOf(record);
  return { kind: record.kind, id: record.id, parentId: record.parentId, more, fields: leaves.map(({ path, value }, place) => fieldOf(record.kind, path, value, place)) };
}

/** Null: the record has no such place. */
export function valueAt(record: SourceRecord, place: number): string | null {
  return leavesOf(record).leaves[place]?.value ?? null;
}

function fieldOf(kind: string, path: readonly string[], value: string, place: number): SheetField {
  const how = shown(kind, path, value);
  return { place, name: nameOf(kind, path), label: labelOf(path), class: how.class, text: how.text, open: how.open };
}

/** Parts that are no words of a schema (somebody's own key in a file of JSON lines) become a star. */
function nameOf(kind: string, path: readonly string[]): string {
  const parts = [kind, ...path].map((part, n) => (n === 0 ? /^[A-Za-z_*][\w*-]{0,63}$/ : /^[\w*-]{1,63}$/).test(part) ? part : "*");
  const name = parts.join(".");
  return name.length <= 200 ? name : `${parts[0] ?? "*"}.*`;
}

function labelOf(path: readonly string[]): string {
  const label = path.map((part) => (/^\d+$/.test(part) ? `${String(Number(part) + 1)}` : words(part))).join(", ").replace(/, (\d+)/g, " $1") || "record";
  return label.charAt(0).toUpperCase() + label.slice(1);
}

/** "defaultEmailAddress" → "default email address"; "addressesV2" stays readable too. */
function words(part: string): string {
  return part
    .replace(/^__/, "")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
}

function leavesOf(record: SourceRecord): { readonly leaves: readonly Leaf[]; readonly more: boolean } {
  const text = Buffer.from(record.bytes).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { leaves: [{ path: ["record"], value: text }], more: false };
  }
  const leaves: Leaf[] = [];
  let more = false;
  const add = (path: readonly string[], at: string): void => {
    if (leaves.length < MOST_FIELDS) leaves.push({ path, value: at });
    else more = true;
  };
  const walk = (at: unknown, path: readonly string[]): void => {
    if (at === null || at === undefined) add(path, "");
    else if (typeof at !== "object") add(path, scalar(at));
    else if (path.length >= MOST_DEPTH) add(path, JSON.stringify(at));
    else if (Array.isArray(at)) {
      // A list of plain values is one field, as a person reads it.
      if (at.every((item) => item === null || typeof item !== "object")) add(path, at.map(scalar).join(", "));
      else at.forEach((item, n) => { walk(item, [...path, String(n)]); });
    } else for (const [name, member] of Object.entries(at)) walk(member, [...path, name]);
  };
  walk(value, []);
  return { leaves, more };
}

function scalar(value: unknown): string {
  return value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
