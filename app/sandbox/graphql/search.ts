/**
 * Shopify's search syntax, as far as records can be asked for: terms of field, comparison and value, joined by AND (or a space), OR, NOT,
 * "-" and parentheses. As on the platform, a field that cannot be searched is left out with a warning.
 */

export interface Filter<R> {
  test(record: R): boolean;
  /** Every match was touched at or after this instant (ms). */
  readonly updatedFrom?: number;
  /** Every match has an id beyond the first and up to the second. */
  readonly ids?: IdRange;
  readonly warnings: readonly SearchWarning[];
}

export interface IdRange {
  readonly above: number;
  readonly upTo: number;
}

export interface SearchWarning {
  readonly field: string;
  readonly message: string;
  readonly code: "invalid_field";
}

/** How to read a searchable field. Times are milliseconds. */
export type SearchField<R> = { readonly kind: "number" | "time"; readonly of: (record: R) => number | null } | { readonly kind: "text"; readonly of: (record: R) => readonly (string | null)[] };

type Test<R> = (record: R) => boolean;
interface Clause<R> {
  readonly test: Test<R>;
  readonly updatedFrom?: number | undefined;
  readonly ids?: IdRange | undefined;
}

export function parseSearch<R>(query: string, fields: Readonly<Record<string, SearchField<R>>>): Filter<R> {
  const tokens = query.match(/\(|\)|-?[\w.]+:(?:<=|>=|<|>)?(?:"[^"]*"|'[^']*'|[^\s()]+)|"[^"]*"|[^\s()]+/g) ?? [];
  const warnings: SearchWarning[] = [];
  let at = 0;

  const either = (): Clause<R> => {
    let left = both();
    while (/^or$/i.test(tokens[at] ?? "")) {
      at++;
      const [a, b] = [left, both()];
      left = { test: (record) => a.test(record) || b.test(record), updatedFrom: a.updatedFrom === undefined || b.updatedFrom === undefined ? undefined : Math.min(a.updatedFrom, b.updatedFrom), ids: a.ids === undefined || b.ids === undefined ? undefined : { above: Math.min(a.ids.above, b.ids.above), upTo: Math.max(a.ids.upTo, b.ids.upTo) } };
    }
    return left;
  };
  const both = (): Clause<R> => {
    let left: Clause<R> = { test: () => true };
    while (at < tokens.length && tokens[at] !== ")" && !/^or$/i.test(tokens[at] ?? "")) {
      if (/^and$/i.test(tokens[at] ?? "")) {
        at++;
        continue;
      }
      const [a, b] = [left, one()];
      left = { test: (record) => a.test(record) && b.test(record), updatedFrom: a.updatedFrom === undefined ? b.updatedFrom : Math.max(a.updatedFrom, b.updatedFrom ?? -Infinity), ids: a.ids === undefined || b.ids === undefined ? (a.ids ?? b.ids) : { above: Math.max(a.ids.above, b.ids.above), upTo: Math.min(a.ids.upTo, b.ids.upTo) } };
    }
    return left;
  };
  const one = (): Clause<R> => {
    const token = tokens[at++] ?? "";
    if (/^not$/i.test(token)) {
      const clause = one();
      return { test: (record) => !clause.test(record) };
    }
    if (token === "(") {
      const clause = either();
      if (tokens[at] === ")") at++;
      return clause;
    }
    const negated = token.startsWith("-") && token.length > 1;
    const clause = term(negated ? token.slice(1) : token);
    return negated ? { test: (record) => !clause.test(record) } : clause;
  };
  const term = (token: string): Clause<R> => {
    const match = /^([\w.]+):(<=|>=|<|>)?(.*)$/s.exec(token);
    if (match === null) return { test: (record) => mentions(record, fields, unquote(token)) };
    const [, name = "", operator = "", raw = ""] = match;
    const field = fields[name];
    if (field === undefined) {
      warnings.push({ field: name, message: "Invalid search field for this query.", code: "invalid_field" });
      return { test: () => true };
    }
    return compareWith(field, operator, unquote(raw), name);
  };

  const clause = either();
  return { test: clause.test, warnings, ...(clause.updatedFrom === undefined || clause.updatedFrom === -Infinity ? {} : { updatedFrom: clause.updatedFrom }), ...(clause.ids === undefined ? {} : { ids: clause.ids }) };
}

function compareWith<R>(field: SearchField<R>, operator: string, value: string, name: string): Clause<R> {
  if (field.kind === "text") {
    const wanted = value.toLowerCase();
    const prefix = wanted.endsWith("*") ? wanted.slice(0, -1) : null;
    return { test: (record) => field.of(record).some((text) => text !== null && (wanted === "*" || (prefix === null ? text.toLowerCase() === wanted : text.toLowerCase().startsWith(prefix)))) };
  }
  const limit = field.kind === "time" ? Date.parse(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value) : Number(value.replace(/^gid:\/\/shopify\/\w+\//, ""));
  const test = (record: R): boolean => {
    const actual = field.of(record);
    if (actual === null || Number.isNaN(limit)) return false;
    if (operator === ">") return actual > limit;
    if (operator === ">=") return actual >= limit;
    if (operator === "<") return actual < limit;
    if (operator === "<=") return actual <= limit;
    return actual === limit;
  };
  if (Number.isNaN(limit)) return { test };
  return { test, updatedFrom: name === "updated_at" && !operator.startsWith("<") ? limit : undefined, ids: name === "id" ? idRange(operator, limit) : undefined };
}

/** Ids are whole numbers. */
function idRange(operator: string, limit: number): IdRange {
  const above = operator === ">" ? limit : operator.startsWith("<") ? -1 : limit - 1;
  const upTo = operator === "<" ? limit - 1 : operator.startsWith(">") ? Number.MAX_SAFE_INTEGER - 1 : limit;
  return { above, upTo };
}

/** A bare word matches any searchable text that contains it. */
function mentions<R>(record: R, fields: Readonly<Record<string, SearchField<R>>>, word: string): boolean {
  const wanted = word.toLowerCase();
  return wanted === "*" || Object.values(fields).some((field) => field.kind === "text" && field.of(record).some((text) => text?.toLowerCase().includes(wanted) === true));
}

function unquote(text: string): string {
  return /^(".*"|'.*')$/s.test(text) ? text.slice(1, -1) : text;
}
