/**
 * Finds what a line of JSON is about: its id, its parent and its kind.
 *
 * Nothing is assumed about key order, spacing, escapes or nesting: the whole line is parsed, and only members of the outermost object
 * count. As with every JSON parser of the platform, the last of two equal keys wins.
 */

/** Where the source's own id of the record and of its parent stand. `__parentId`: https://shopify.dev/docs/api/usage/bulk-operations/queries */
const ID = "id";
const PARENT_ID = "__parentId";
const TYPENAME = "__typename";
const UNKNOWN_KIND = "record";

/** The vault's limit for a kind, an id or a parent id, in bytes of UTF-8. */
const MAX_NAME_BYTES = 4096;

/** The type in a Shopify global id: "gid://shopify/Customer/1" is a Customer. */
const GID_TYPE = /^gid:\/\/[^/]+\/([A-Za-z_][A-Za-z0-9_]*)\//;

const JSON_START = /^[ \t\r]*[{["tfn\d-]/;

export interface Identity {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
}

export type IdentifyOutcome = Identity | "invalid_json" | "missing_id";

/** `text` is one line, decoded. Ids that are numbers keep their digits exactly as written, however large. */
export function identify(text: string): IdentifyOutcome {
  // Cheap refusal of what is plainly another format: an exception per line would make a wrong file take minutes to refuse.
  if (!JSON_START.test(text)) return "invalid_json";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "invalid_json";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "missing_id";
  const members = value as Readonly<Record<string, unknown>>;

  const id = idText(members[ID], ID, text);
  if (id === null || id === undefined) return "missing_id";
  const parentId = idText(members[PARENT_ID], PARENT_ID, text);
  if (parentId === undefined) return "missing_id";
  return { kind: kindOf(id, members[TYPENAME]), id, parentId };
}

/** null: there is none. undefined: there is one that cannot be an id. */
function idText(value: unknown, member: string, text: string): string | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return isName(value) ? value : undefined;
  if (typeof value !== "number") return undefined;
  const literal = numberLiteral(text, member);
  return literal !== undefined && isName(literal) ? literal : undefined;
}

/** What a vault can hold as an id or a kind. A string that is not well-formed Unicode would be mistaken for others once stored as UTF-8. */
function isName(value: string): boolean {
  if (value === "" || value.length > MAX_NAME_BYTES || !value.isWellFormed() || value.includes("\0")) return false;
  return value.length * 3 <= MAX_NAME_BYTES || Buffer.byteLength(value) <= MAX_NAME_BYTES;
}

function kindOf(id: string, typename: unknown): string {
  const type = GID_TYPE.exec(id)?.[1];
  if (type !== undefined) return type;
  return typeof typename === "string" && isName(typename) ? typename : UNKNOWN_KIND;
}

/**
 * The characters of the outermost number member `name`, because JSON.parse would round 9007199254740993 to …992.
 * `text` is known to be a valid JSON object. A loop, not a recursion: nesting may be millions deep.
 */
function numberLiteral(text: string, name: string): string | undefined {
  let depth = 0;
  let key: string | null = null;
  let found: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1 && key === null) key = JSON.parse(text.slice(at, end)) as string;
      at = end - 1;
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) depth++;
    else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
    else if (c === COMMA && depth === 1) key = null;
    else if (depth === 1 && key === name && (c === MINUS || (c >= ZERO && c <= NINE))) {
      const literal = /[-+.eE0-9]+/y;
      literal.lastIndex = at;
      found = literal.exec(text)?.[0];
      at = literal.lastIndex - 1;
    }
  }
  return found;
}

function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; ; at++) {
    const c = text.charCodeAt(at);
    if (c === BACKSLASH) at++;
    else if (c === QUOTE) return at + 1;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
