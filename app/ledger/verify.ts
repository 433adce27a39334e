/**
 * Checks a whole ledger from its bytes and a public key, trusting nothing it says about itself.
 *
 * Shares the layout and the hashes with the writer and nothing else. What it cannot see from the ledger alone is a clean removal of the
 * newest checkpoints with everything beneath them: for that it takes a checkpoint that was kept elsewhere.
 */
import { cosignaturesOf, type Cosignature, type WitnessKey } from "./cosignature.ts";
import { COSIGNED, parseCosignedKey } from "./cosigned.ts";
import { decodeBundle, decodeEntry } from "./entry.ts";
import { LedgerError, type LedgerErrorCode } from "./errors.ts";
import { GrowingTree } from "./growing-tree.ts";
import { CHECKPOINTS, checkpointKey, parseTileKey, TILE_WIDTH, tileKey, TILES, widthOf, type TileName } from "./layout.ts";
import { LostPlaces } from "./checkpoint-lost.ts";
import { leafHash, rootHash, type Hash } from "./merkle.ts";
import { rising } from "./rising.ts";
import { isSignedBy, parseCheckpoint, type Checkpoint, type Ed25519Key } from "./note.ts";
import type { LedgerStore } from "./ports.ts";
import { unwritten } from "./sound-tiles.ts";
import { hashesOf, TileReader } from "./tile-reader.ts";

export interface LedgerFinding {
  readonly code: Extract<LedgerErrorCode, "ledger.damaged" | "ledger.bad_signature" | "ledger.rolled_back" | "ledger.forked">;
  /** The object's key, or "checkpoint" for the one kept elsewhere. */
  readonly object: string;
  readonly detail: string;
}

export interface LedgerReport {
  readonly ok: boolean;
  readonly findings: readonly LedgerFinding[];
  /** Of the newest checkpoint with a right signature; 0 when there is none. */
  readonly size: number;
  readonly root: string | null;
  readonly checkpoints: number;
  /** What witnesses said, oldest first; of the witnesses that were given. */
  readonly cosignatures: readonly (Cosignature & { readonly size: number })[];
}

export interface VerifyLedger {
  readonly publicKey: Ed25519Key;
  /** Whose cosignatures count. Cosigned checkpoints in the store are held against the ledger in any case. */
  readonly witnesses?: readonly WitnessKey[] | undefined;
  /** Heads that the ledger is known to have had, by what says so: each must still be part of it. */
  readonly heads?: readonly { readonly object: string; readonly size: number; readonly root: string }[] | undefined;
  /** A signed note that was kept elsewhere. */
  readonly checkpoint?: string | undefined;
}

/** The object name under which findings about the kept checkpoint appear. */
const KEPT = "checkpoint";

export async function verifyLedger(store: LedgerStore, options: VerifyLedger): Promise<LedgerReport> {
  const findings: LedgerFinding[] = [];
  const find = (code: LedgerFinding["code"], object: string, detail: string) => findings.push({ code, object, detail });

  const { checkpoints, misplaced, unreadable, newestIsGood, last } = await checkCheckpoints(store, options.publicKey, find);
  const head = checkpoints.at(-1)?.checkpoint ?? null;
  const size = head?.size ?? 0;
  const reader = new TileReader(store, size, head === null || !newestIsGood ? new Map() : await unwrittenTiles(store, head, find));
  const places = new LostPlaces();
  const tree = head === null ? new GrowingTree() : await checkLeaves(reader, head, places, find);
  for (const { key, sequence, bytes } of unreadable) if (!places.account(sequence, bytes)) find("ledger.damaged", key, "not a checkpoint");

  for (const { key, checkpoint } of checkpoints) {
    if (checkpoint.size > tree.size) continue;
    const root = await rootHash(checkpoint.size, tree.nodes);
    if (hex(root) !== checkpoint.root) find("ledger.forked", key, `signed over another history of ${checkpoint.size} entries`);
  }
  for (const { key, checkpoint } of misplaced) {
    const another = checkpoint.size <= tree.size && hex(await rootHash(checkpoint.size, tree.nodes)) !== checkpoint.root;
    if (another) find("ledger.forked", key, `signed over another history of ${checkpoint.size} entries`);
    else find("ledger.damaged", key, `out of place: its ${checkpoint.size} entries do not stand between its neighbours'`);
  }
  // A writer may have gone on while this reads: what reaches beyond the head is a finding only while nothing follows the head.
  const hasGrown = async (): Promise<boolean> => (await store.get(checkpointKey(last + 1))) !== null;
  await checkTiles(store, reader, tree, newestIsGood, hasGrown, find);
  const cosignatures = await checkCosigned(store, options, head, tree, hasGrown, find);
  for (const { object, size: had, root } of options.heads ?? []) {
    if (had > size) find("ledger.rolled_back", object, `signed over a ledger of ${had} entries, now ${size}`);
    else if (had <= tree.size && hex(await rootHash(had, tree.nodes)) !== root) find("ledger.forked", object, `the first ${had} entries are not those it was signed over`);
  }
  if (options.checkpoint !== undefined) await checkKept(KEPT, options.checkpoint, options.publicKey, head, tree, find);
  return { ok: findings.length === 0, findings, size, root: head?.root ?? null, checkpoints: checkpoints.length, cosignatures };
}

type Find = (code: LedgerFinding["code"], object: string, detail: string) => void;

interface CheckedCheckpoints {
  /** Those whose form and signature are right, oldest first. */
  readonly checkpoints: readonly { readonly key: string; readonly checkpoint: Checkpoint }[];
  /** Rightly signed, and not where their size belongs. Of two that claim the same place neither can be told to be the right one. */
  readonly misplaced: readonly { readonly key: string; readonly checkpoint: Checkpoint }[];
  /** What is no checkpoint. */
  readonly unreadable: readonly { readonly key: string; readonly sequence: number; readonly bytes: Uint8Array }[];
  /** False: there is a newer one than the last of these, and a finding says what is wrong with it. */
  readonly newestIsGood: boolean;
  /** The highest sequence number there is. */
  readonly last: number;
}

async function checkCheckpoints(store: LedgerStore, publicKey: Ed25519Key, find: Find): Promise<CheckedCheckpoints> {
  const good: { key: string; checkpoint: Checkpoint }[] = [];
  const unreadable: { key: string; sequence: number; bytes: Uint8Array }[] = [];
  let last = 0;
  for await (const { key } of store.list(CHECKPOINTS)) {
    const sequence = Number(key.slice(CHECKPOINTS.length));
    if (!Number.isSafeInteger(sequence) || checkpointKey(sequence) !== key) {
      find("ledger.damaged", key, "not the name of a checkpoint");
      continue;
    }
    if (sequence > last + 1) find("ledger.damaged", checkpointKey(last + 1), sequence === last + 2 ? "missing" : `missing, as are all up to ${sequence - 1}`);
    last = sequence;
    const bytes = await store.get(key);
    if (bytes === null) {
      find("ledger.damaged", key, "missing");
      continue;
    }
    const note = Buffer.from(bytes).toString("utf8");
    const checkpoint = parseCheckpoint(note);
    if (checkpoint === null) unreadable.push({ key, sequence, bytes });
    else if (!isSignedBy(note, publicKey)) find("ledger.bad_signature", key, "not signed by this vault's key");
    else {
      const before = good.at(-1)?.checkpoint;
      if (before !== undefined && before.origin !== checkpoint.origin) find("ledger.forked", key, "a checkpoint of another ledger");
      else good.push({ key, checkpoint });
    }
  }
  // Every append adds entries, so sizes rise strictly along the row.
  const inPlace = rising(good.map(({ checkpoint }) => checkpoint.size));
  const checkpoints = good.filter((_, n) => inPlace[n]);
  const misplaced = good.filter((_, n) => !inPlace[n]);
  return { checkpoints, misplaced, unreadable, newestIsGood: last === 0 || checkpoints.at(-1)?.key === checkpointKey(last), last };
}

async function unwrittenTiles(store: LedgerStore, head: Checkpoint, find: Find): Promise<ReadonlyMap<string, Uint8Array>> {
  return (await readOr(() => unwritten(store, head), CHECKPOINTS, find)) ?? new Map();
}

/** Reads every entry and every leaf hash. Where the two disagree, the signed root says which of them was changed. */
async function checkLeaves(reader: TileReader, head: Checkpoint, places: LostPlaces, find: Find): Promise<GrowingTree> {
  const byHash = new GrowingTree();
  const byEntry = new GrowingTree();
  const disagreeing: { bundle: string; tile: string; entries: number[] }[] = [];
  for (let index = 0; index * TILE_WIDTH < head.size; index++) {
    const width = widthOf("entries", index, head.size);
    const bundle = tileKey({ level: "entries", index, width });
    const tile = tileKey({ level: 0, index, width });
    const entries = await readOr(() => reader.bundle(index), bundle, find);
    const hashTile = await readOr(() => reader.tile({ level: 0, index, width }), tile, find);
    const hashes = hashTile === null ? null : hashesOf(hashTile);
    const leaves = entries?.map(leafHash) ?? null;
    for (const [n, entry] of (entries ?? []).entries()) {
      const decoded = decodeEntry(entry);
      if (decoded === null) find("ledger.damaged", bundle, `entry ${index * TILE_WIDTH + n} is not an entry`);
      else places.read(decoded);
    }
    if (leaves === null && hashes === null) return shorter(byHash, byEntry);
    for (const hash of hashes ?? leaves!) byHash.append(hash);
    for (const hash of leaves ?? hashes!) byEntry.append(hash);
    if (leaves !== null && hashes !== null) {
      const differing = leaves.flatMap((leaf, n) => (Buffer.compare(leaf, hashes[n]!) === 0 ? [] : [index * TILE_WIDTH + n]));
      if (differing.length > 0) disagreeing.push({ bundle, tile, entries: differing });
    }
  }
  const hashesRight = hex(await rootHash(head.size, byHash.nodes)) === head.root;
  const entriesRight = hex(await rootHash(head.size, byEntry.nodes)) === head.root;
  for (const { bundle, tile, entries } of disagreeing) {
    if (hashesRight) find("ledger.damaged", bundle, `changed: entry ${entries.join(", ")}`);
    else if (entriesRight) find("ledger.damaged", tile, `hash of entry ${entries.join(", ")} changed`);
    else find("ledger.damaged", bundle, `disagrees with ${tile}, and neither leads to the signed root`);
  }
  return entriesRight ? byEntry : byHash;
}

/** Every tile in the store is what the tree says, none is missing, and none reaches beyond the newest checkpoint. */
async function checkTiles(store: LedgerStore, reader: TileReader, tree: GrowingTree, newestIsGood: boolean, hasGrown: () => Promise<boolean>, find: Find): Promise<void> {
  const { size } = reader;
  for await (const { key } of store.list(TILES)) {
    const name = parseTileKey(key);
    if (name === null) {
      find("ledger.damaged", key, "not the name of a tile");
      continue;
    }
    const reach = (name.index * TILE_WIDTH + name.width) * (name.level === "entries" ? 1 : TILE_WIDTH ** name.level);
    if (reach > size) {
      // Tiles are only written after their checkpoint. If the newest one is unusable, these are its own.
      if (newestIsGood && !(await hasGrown())) find("ledger.rolled_back", key, `reaches ${reach} entries; the newest checkpoint has ${size}`);
    } else if (reach <= tree.size && isSuperseded(name, size)) {
      const bytes = await store.get(key);
      // One that is gone since it was listed was tidied away.
      if (bytes !== null && !matches(name, bytes, tree)) find("ledger.damaged", key, "changed");
    }
  }
  if (tree.size < size) return;
  // Levels above the leaves; the leaves' own tiles and bundles were read already.
  for (let level = 1, unit = TILE_WIDTH; size >= unit; level++, unit *= TILE_WIDTH) {
    for (let index = 0; widthOf(level, index, size) > 0; index++) {
      const name: TileName = { level, index, width: widthOf(level, index, size) };
      const tile = await readOr(() => reader.tile(name), tileKey(name), find);
      if (tile !== null && !matches(name, tile, tree)) find("ledger.damaged", tileKey(name), "changed");
    }
  }
}

/** A partial tile that an older checkpoint needed. The current ones are read elsewhere. */
function isSuperseded(name: TileName, size: number): boolean {
  return name.width !== widthOf(name.level, name.index, size);
}

function matches(name: TileName, bytes: Uint8Array, tree: GrowingTree): boolean {
  const found = name.level === "entries" ? decodeBundle(bytes)?.map(leafHash) : hashesOf(bytes);
  if (found?.length !== name.width) return false;
  const level = name.level === "entries" ? 0 : name.level * 8;
  return found.every((hash, n) => Buffer.compare(hash, tree.nodes(level, name.index * TILE_WIDTH + n) as Hash) === 0);
}

async function checkCosigned(store: LedgerStore, { publicKey, witnesses = [] }: VerifyLedger, head: Checkpoint | null, tree: GrowingTree, hasGrown: () => Promise<boolean>, find: Find): Promise<LedgerReport["cosignatures"]> {
  const found: (Cosignature & { size: number })[] = [];
  for await (const { key } of store.list(COSIGNED)) {
    const bytes = await store.get(key);
    const note = bytes === null ? null : Buffer.from(bytes).toString("utf8");
    if (note === null || parseCosignedKey(key) === null) {
      find("ledger.damaged", key, note === null ? "missing" : "not the name of a cosigned checkpoint");
      continue;
    }
    if ((parseCheckpoint(note)?.size ?? 0) > (head?.size ?? 0) && (await hasGrown())) continue;
    const kept = await checkKept(key, note, publicKey, head, tree, find);
    const cosignatures = cosignaturesOf(note, witnesses);
    if (cosignatures === null) find("ledger.bad_signature", key, "a cosignature that is not the witness's");
    else if (kept !== null) found.push(...cosignatures.map((cosignature) => ({ ...cosignature, size: kept.size })));
  }
  return found.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Holds a note against the ledger. The checkpoint in it, or null when it is not one of this vault's. */
async function checkKept(object: string, note: string, publicKey: Ed25519Key, head: Checkpoint | null, tree: GrowingTree, find: Find): Promise<Checkpoint | null> {
  const kept = parseCheckpoint(note);
  const what = object === KEPT ? "the checkpoint given is" : "it is";
  if (kept === null) find("ledger.bad_signature", object, object === KEPT ? "the file given is not a checkpoint" : "not a checkpoint");
  else if (!isSignedBy(note, publicKey)) find("ledger.bad_signature", object, `${what} not signed by this vault's key`);
  else if (kept.size > (head?.size ?? 0)) find("ledger.rolled_back", object, `seen at ${kept.size} entries, now ${head?.size ?? 0}`);
  else if (head !== null && kept.origin !== head.origin) find("ledger.forked", object, `${what} of another ledger`);
  else {
    if (kept.size <= tree.size && hex(await rootHash(kept.size, tree.nodes)) !== kept.root) {
      find("ledger.forked", object, `the first ${kept.size} entries are not those it was signed over`);
    }
    return kept;
  }
  return null;
}

async function readOr<T>(read: () => Promise<T>, object: string, find: Find): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    find("ledger.damaged", object, error.message);
    return null;
  }
}

function shorter(a: GrowingTree, b: GrowingTree): GrowingTree {
  return a.size <= b.size ? a : b;
}

function hex(hash: Hash): string {
  return Buffer.from(hash).toString("hex");
}
