/** The cosigned copies of checkpoints in the store: ledger/cosigned/<sequence>-<witness key id>-<POSIX seconds>, each a note with one cosignature. */
import { witnessKeyId, type Cosignature, type WitnessKey } from "./cosignature.ts";
import { checkpointKey, CHECKPOINTS } from "./layout.ts";
import { parseCheckpoint, splitNote, type Checkpoint } from "./note.ts";
import type { LedgerStore } from "./ports.ts";

export const COSIGNED = "ledger/cosigned/";

export interface CosignedName {
  readonly sequence: number;
  /** Hex, 8 digits. */
  readonly witness: string;
}

export function cosignedKey(sequence: number, witness: WitnessKey, { at }: Cosignature): string {
  const seconds = String(Math.floor(at.getTime() / 1000)).padStart(12, "0");
  return `${COSIGNED}${checkpointKey(sequence).slice(CHECKPOINTS.length)}-${witnessKeyId(witness).toString("hex")}-${seconds}`;
}

export function parseCosignedKey(key: string): CosignedName | null {
  const match = /^ledger\/cosigned\/(\d{20})-([0-9a-f]{8})-\d{12,}$/.exec(key);
  return match === null ? null : { sequence: Number(match[1]), witness: match[2]! };
}

/** The size that a witness cosigned last, as far as the store knows. */
export async function lastSeenBy(store: LedgerStore, witness: WitnessKey): Promise<number> {
  const id = witnessKeyId(witness).toString("hex");
  let size = 0;
  for await (const { key } of store.list(COSIGNED)) {
    if (parseCosignedKey(key)?.witness === id) size = (await read(store, key))?.size ?? size;
  }
  return size;
}

/** The newest checkpoint of more than `index` entries that has cosignatures, with all of them; null when there is none. */
export async function newestCosigned(store: LedgerStore, index: number): Promise<Checkpoint | null> {
  const bySequence = new Map<number, string[]>();
  for await (const { key } of store.list(COSIGNED)) {
    const name = parseCosignedKey(key);
    if (name !== null) bySequence.set(name.sequence, [...(bySequence.get(name.sequence) ?? []), key]);
  }
  for (const [, keys] of [...bySequence].sort(([a], [b]) => b - a)) {
    const notes = (await Promise.all(keys.map((key) => read(store, key)))).filter((note) => note !== null && note.size > index);
    const first = notes[0];
    if (first == null) continue;
    return { ...first, note: merged(notes.map((note) => note!.note)) };
  }
  return null;
}

/** A checkpoint that was cosigned lies a second time in the store, with its own signature. */
export async function cosignedCopyOf(store: LedgerStore, sequence: number): Promise<Checkpoint | null> {
  for await (const { key } of store.list(`${COSIGNED}${checkpointKey(sequence).slice(CHECKPOINTS.length)}-`)) {
    const copy = parseCosignedKey(key) === null ? null : await read(store, key);
    if (copy !== null) return copy;
  }
  return null;
}

/** One note with every signature line of them all: they are over the same text. */
function merged(notes: readonly string[]): string {
  const [first, ...others] = notes.map((note) => splitNote(note)!);
  const lines = new Set([first!, ...others.filter(({ text }) => text === first!.text)].flatMap(({ signatures }) => signatures.map(({ line }) => line)));
  return `${first!.text}\n${[...lines].join("\n")}\n`;
}

async function read(store: LedgerStore, key: string): Promise<Checkpoint | null> {
  const bytes = await store.get(key);
  return bytes === null ? null : parseCheckpoint(Buffer.from(bytes).toString("utf8"));
}
