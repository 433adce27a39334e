/** Values by the type that the platform gives them: metafields, fields of metaobjects. Each type keeps its form, so that the platform's validation passes. */
import { isIsoDate, shifted, type Shift } from "./dates.ts";
import { prose, scrambled, type TextContext } from "./text.ts";

export interface ValueContext extends TextContext {
  readonly shift: Shift;
  readonly asOf: Date;
  /** Values that a definition lists as the only ones: words of a configuration, which stay. */
  readonly isChoice: (value: string) => boolean;
}

/** From this many digits on a number can be somebody's. */
const LONG_DIGITS = 5;
const MARKDOWN_TYPES = /^(?:rich_text_field|json|money|rating|dimension|volume|weight|link)$/;
/** Members of these types' JSON that say of what form it is. */
const STRUCTURE = new Set(["type", "listType", "unit", "currency_code", "scale_min", "scale_max", "target"]);

/** `type`: as the platform calls it, "list.single_line_text_field". */
export function sanitizedValue(type: string, value: string, context: ValueContext): string {
  if (type.startsWith("list.")) {
    const items = json(value);
    if (!Array.isArray(items)) return prose(value, context);
    const inner = type.slice("list.".length);
    return JSON.stringify(items.map((item: unknown) => (typeof item === "string" ? sanitizedValue(inner, item, context) : sanitizedJson(item, context, inner !== "json"))));
  }
  const { pseudonyms } = context;
  if (type.endsWith("_reference")) return value.replace(/gid:\/\/[\w-]+\/\w+\/[\w-]+/g, (gid) => pseudonyms.gid(gid));
  if (MARKDOWN_TYPES.test(type)) {
    const parsed = json(value);
    return parsed === undefined ? prose(value, context) : JSON.stringify(sanitizedJson(parsed, context, type !== "json"));
  }
  switch (type) {
    case "boolean":
    case "color":
    case "language":
      return /^[\w#-]{0,20}$/.test(value) ? value : prose(value, context);
    case "date":
    case "date_time":
      return isIsoDate(value) ? shifted(value, context.shift, context.asOf) : prose(value, context);
    case "number_integer":
    case "number_decimal":
      return /^-?\d+(?:\.\d+)?$/.test(value) ? number(value, context) : prose(value, context);
    case "url":
      return pseudonyms.url(value);
    case "multi_line_text_field":
      return context.isChoice(value) ? value : prose(value, context);
    default:
      return context.isChoice(value) ? value : text(value, context);
  }
}

/** Any JSON. `structured`: a form that the platform knows, whose own words stay. */
export function sanitizedJson(value: unknown, context: ValueContext, structured = false): unknown {
  if (typeof value === "string") return text(value, context);
  if (typeof value === "number") return Number(number(String(value), context));
  if (Array.isArray(value)) return value.map((item) => sanitizedJson(item, context, structured));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [memberName(name, context), structured && STRUCTURE.has(name) && (typeof item !== "string" || /^[\w-]{1,40}$/.test(item)) ? item : structured && name === "url" && typeof item === "string" ? context.pseudonyms.url(item) : structured && typeof item === "number" ? item : structured && /^-?\d+(?:\.\d+)?$/.test(String(item)) ? item : sanitizedJson(item, context, structured)]));
  }
  return value;
}

/** One line. JSON within is opened, a date is moved, an id is mapped. */
function text(value: string, context: ValueContext): string {
  const { pseudonyms } = context;
  if (isIsoDate(value)) return shifted(value, context.shift, context.asOf);
  if (/^gid:\/\/[\w-]+\/\w+\/[\w-]+$/.test(value)) return pseudonyms.gid(value);
  const inner = /^\s*[[{]/.test(value) ? json(value) : undefined;
  if (typeof inner === "object" && inner !== null) return JSON.stringify(sanitizedJson(inner, context));
  return scrambled(value, context);
}

/** A name in JSON is a word of whoever made the form; one that is long, or has digits, may be a person's. */
function memberName(name: string, context: ValueContext): string {
  return /^[A-Za-z_][A-Za-z_-]{0,39}$/.test(name) ? name : scrambled(name, context);
}

/** A measure stays; a number that is long enough to be somebody's does not. */
function number(value: string, { pseudonyms }: ValueContext): string {
  const [whole = "", fraction = ""] = value.replace("-", "").split(".");
  if (/e/i.test(value)) return "0";
  const mapped = whole.length >= LONG_DIGITS ? pseudonyms.number(whole) : whole;
  // Three decimals of a degree are a street.
  const kept = fraction.length > 2 ? fraction.slice(0, 2) : fraction;
  return `${value.startsWith("-") ? "-" : ""}${mapped}${kept === "" ? "" : `.${kept}`}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
