/** Labels of a part's rows (docs/design.md 11.2): rows of one token are numbered in order of arrival, and each gets a label of its own. */
import { HMAC_BYTES, JOB_BYTES, JOB_KEY_BYTES, jobHmacs } from "../crypto/hmac/many-hmacs.ts";
import { LABEL_BYTES, LABELS, LOW_MASK, TOKEN_BYTES } from "./tokens.ts";

const TOKEN_WORDS = TOKEN_BYTES / 4;
/** Which half of a 64-bit number the machine keeps its upper bits in. */
const UPPER = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;

export interface TokenRows {
  /** 32 bytes each. Terms that are the same may have several. */
  readonly tokens: Buffer;
  readonly terms: number;
  /** Of each row in order of arrival: its term's number, its record's number. */
  readonly termOf: Uint32Array;
  readonly recordOf: Uint32Array;
  readonly rows: number;
}

/**
 * Rows of labels and record numbers in ascending order, eight bytes each, as they are stored. The first row of a token is labelled by it, five later ones by one HMAC (`labelOf` says
 * the same of one row).
 */
export function labelled(o: TokenRows): Buffer {
  const { tokens, termOf, recordOf, rows } = o;
  const { places, jobs, count } = numbered(o);
  const made = Buffer.alloc(count * HMAC_BYTES);
  jobHmacs(jobs, count, made);
  const sorted = new BigUint64Array(rows);
  // Both halves of a 64-bit number are written by themselves: no BigInt is made per row.
  const halves = new Uint32Array(sorted.buffer);
  for (let row = 0; row < rows; row++) {
    const place = places[row] as number;
    const bytes = place < 0 ? tokens : made;
    const at = place < 0 ? (termOf[row] as number) * TOKEN_BYTES : Math.floor(place / LABELS) * HMAC_BYTES + (place % LABELS) * LABEL_BYTES;
    halves[row * 2 + UPPER] = (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0;
    halves[row * 2 + 1 - UPPER] = (((((bytes[at + 4] as number) << 24) | ((bytes[at + 5] as number) << 16)) & LOW_MASK) | (recordOf[row] as number)) >>> 0;
  }
  sorted.sort();
  const out = Buffer.from(sorted.buffer);
  return UPPER === 1 ? out.swap64() : out;
}

/** What labels each row: -1 its token, else which of the five labels of which HMAC, counted through (far below 2^31: a part has 2^18 rows); and the HMACs to be made. */
function numbered({ tokens, terms, termOf, rows }: TokenRows): { readonly places: Int32Array; readonly jobs: Buffer; readonly count: number } {
  const first = firstAlike(tokens, terms);
  /** Of a token: its rows so far, and the place of the last. */
  const counts = new Uint32Array(terms);
  const lastPlace = new Int32Array(terms);
  const places = new Int32Array(rows);
  let jobs = Buffer.alloc(1024 * JOB_BYTES);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const term = first[termOf[row] as number] as number;
    const before = counts[term] as number;
    counts[term] = before + 1;
    if (before === 0) {
      places[row] = -1;
      continue;
    }
    if ((before - 1) % LABELS !== 0) lastPlace[term] = (lastPlace[term] as number) + 1;
    else {
      if ((count + 1) * JOB_BYTES > jobs.length) jobs = Buffer.concat([jobs], jobs.length * 2);
      const job = count * JOB_BYTES;
      tokens.copy(jobs, job, (term + 1) * TOKEN_BYTES - JOB_KEY_BYTES, (term + 1) * TOKEN_BYTES);
      jobs.writeUInt32BE((before - 1) / LABELS, job + JOB_KEY_BYTES);
      lastPlace[term] = count++ * LABELS;
    }
    places[row] = lastPlace[term] as number;
  }
  return { places, jobs, count };
}

/** Of each token, the first that is the same. */
function firstAlike(tokens: Buffer, terms: number): Uint32Array {
  // Nobody promises that a buffer begins where a number may.
  const aligned = tokens.byteOffset % 4 === 0 ? tokens : Buffer.from(Uint8Array.from(tokens).buffer);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, terms * TOKEN_WORDS);
  let size = 64;
  while (size < terms * 2) size *= 2;
  /** Open addressing: a token's number plus one, or 0. Tokens are as good as random: any of their words is a hash, and nobody can make them meet. */
  const slots = new Int32Array(size);
  const first = new Uint32Array(terms);
  for (let term = 0; term < terms; term++) {
    let slot = (words[term * TOKEN_WORDS] as number) & (size - 1);
    let known = (slots[slot] as number) - 1;
    while (known >= 0 && !sameToken(words, known, term)) {
      slot = (slot + 1) & (size - 1);
      known = (slots[slot] as number) - 1;
    }
    if (known < 0) slots[slot] = term + 1;
    first[term] = known < 0 ? term : known;
  }
  return first;
}

function sameToken(words: Uint32Array, one: number, other: number): boolean {
  const a = one * TOKEN_WORDS;
  const b = other * TOKEN_WORDS;
  for (let i = 0; i < TOKEN_WORDS; i++) if (words[a + i] !== words[b + i]) return false;
  return true;
}
