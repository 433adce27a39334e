/** Labels of a part's rows (docs/design.md 11.2): rows of one token are numbered in order of arrival, and each gets a label of its own. */
import { HMAC_BYTES, JOB_BYTES, JOB_KEY_BYTES, jobHmacs } from "../crypto/hmac/many-hmacs.ts";
import { labelAt, LABEL_BYTES, LABELS, TOKEN_BYTES } from "./tokens.ts";

const TOKEN_WORDS = TOKEN_BYTES / 4;
/** Which half of a 64-bit number the machine keeps its upper bits in. */
const UPPER = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;

/**
 * Rows of labels and record numbers in ascending order, eight bytes each, as they are stored. `tokens`: those of the rows in order of arrival; `numbers`: their records'. The first
 * row of a term is labelled by its token, five later ones by one HMAC (`labelOf` says the same of one row).
 */
export function labelled(tokens: Buffer, numbers: Uint32Array, rows: number): Buffer {
  const { places, jobs, count } = numbered(tokens, rows);
  const made = Buffer.alloc(count * HMAC_BYTES);
  jobHmacs(jobs, count, made);
  const sorted = new BigUint64Array(rows);
  // Both halves of a 64-bit number are written by themselves: no BigInt is made per row.
  const halves = new Uint32Array(sorted.buffer);
  for (let row = 0; row < rows; row++) {
    const place = places[row] as number;
    const label = place < 0 ? labelAt(tokens, row * TOKEN_BYTES) : labelAt(made, Math.floor(place / LABELS) * HMAC_BYTES + (place % LABELS) * LABEL_BYTES);
    halves[row * 2 + UPPER] = label.high;
    halves[row * 2 + 1 - UPPER] = (label.low | (numbers[row] as number)) >>> 0;
  }
  sorted.sort();
  const out = Buffer.from(sorted.buffer);
  return UPPER === 1 ? out.swap64() : out;
}

/** What labels each row: -1 its token, else which of the five labels of which HMAC, counted through (far below 2^31: a part has 2^18 rows); and the HMACs to be made. */
function numbered(tokens: Buffer, rows: number): { readonly places: Int32Array; readonly jobs: Buffer; readonly count: number } {
  // Nobody promises that a buffer begins where a number may.
  const aligned = tokens.byteOffset % 4 === 0 ? tokens : Buffer.from(Uint8Array.from(tokens).buffer);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, rows * TOKEN_WORDS);
  let size = 64;
  while (size < rows * 2) size *= 2;
  /** Open addressing: the first row with a token plus one, or 0. Tokens are as good as random: any of their words is a hash. */
  const slots = new Int32Array(size);
  /** Of a first row: rows with its token so far, and the place of the last. */
  const counts = new Uint32Array(rows);
  const places = new Int32Array(rows).fill(-1);
  const lastPlace = new Int32Array(rows);
  let jobs = Buffer.alloc(1024 * JOB_BYTES);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    let slot = (words[row * TOKEN_WORDS] as number) & (size - 1);
    let first = slots[slot] as number;
    while (first !== 0 && !sameToken(words, first - 1, row)) {
      slot = (slot + 1) & (size - 1);
      first = slots[slot] as number;
    }
    if (first === 0) {
      slots[slot] = row + 1;
      continue;
    }
    first--;
    const before = counts[first] as number;
    counts[first] = before + 1;
    if (before % LABELS !== 0) lastPlace[first] = (lastPlace[first] as number) + 1;
    else {
      if ((count + 1) * JOB_BYTES > jobs.length) jobs = Buffer.concat([jobs], jobs.length * 2);
      const job = count * JOB_BYTES;
      tokens.copy(jobs, job, row * TOKEN_BYTES + TOKEN_BYTES - JOB_KEY_BYTES, (row + 1) * TOKEN_BYTES);
      jobs.writeUInt32BE(before / LABELS, job + JOB_KEY_BYTES);
      lastPlace[first] = count++ * LABELS;
    }
    places[row] = lastPlace[first] as number;
  }
  return { places, jobs, count };
}

function sameToken(words: Uint32Array, one: number, other: number): boolean {
  const a = one * TOKEN_WORDS;
  const b = other * TOKEN_WORDS;
  for (let i = 0; i < TOKEN_WORDS; i++) if (words[a + i] !== words[b + i]) return false;
  return true;
}
