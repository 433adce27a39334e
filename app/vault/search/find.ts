/**
 * Finds records by what a person knows of them (docs/design.md 11.4). Every pack's parts are asked; what they say is a hint that is held against the newest
 * state: a record may have changed since, or be gone. Damaged and missing parts are named, and the others still answer.
 */
import { VaultError } from "../errors.ts";
import { asBuffer } from "../format/bytes.ts";
import { searchPartOf } from "../format/names.ts";
import { fromByteString, nameBytes, topKey } from "../format/sort-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { VaultDescription } from "../types.ts";
import { atOnce, Gate } from "./at-once.ts";
import { packTokens } from "./keys.ts";
import type { PackTokens, SearchKeys } from "./keys.ts";
import { listSearchParts } from "./listing.ts";
import type { SearchedPack } from "./listing.ts";
import { PartReader } from "./lookup.ts";
import type { PartLookup } from "./lookup.ts";
import { isWhole } from "./part.ts";
import type { NamedRecord } from "./part.ts";
import { NewestState } from "./newest-state.ts";
import type { RootState } from "./newest-state.ts";
import type { SearchQuery } from "./terms.ts";

export interface FindPlace {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  /** 32 bytes: what the host has. */
  readonly indexKey: Uint8Array;
  /** Now: what was captured by then counts. */
  readonly at: Date;
  /** Roots answered at most. Default 50: nobody looks through more, and each is held against the newest state. */
  readonly limit?: number;
  /** Leaves out what is only in earlier states. Default false. */
  readonly currentOnly?: boolean;
}

export interface FoundRecord {
  /** Of the root record: what belongs to it is found by it. */
  readonly kind: string;
  readonly id: string;
  /**
   * "current": the newest state has the very version that was found. "earlier": the record is there, but what was looked for was found in an earlier version of
   * it. "gone": the newest state does not have the record.
   */
  readonly state: "current" | "earlier" | "gone";
  /** The record that has the term, when it is not the root itself. */
  readonly within: { readonly kind: string; readonly id: string } | null;
}

export interface FindOutcome {
  /** Current ones first. */
  readonly found: readonly FoundRecord[];
  /** There are more than were asked for. */
  readonly more: boolean;
  /** Packs that were asked. */
  readonly packs: number;
  /** Search objects of the newest state that are damaged, or went missing while reading. Of earlier states `verify` names them; of a run that died nobody needs them. */
  readonly faults: readonly string[];
  /** Packs of the newest state that cannot be searched: written before there was a search, with their parts lost, or sealed to others. Nothing in them is found but by its id. */
  readonly unsearched: number;
}

const DEFAULT_LIMIT = 50;
/** Candidates held against the newest state, as a multiple of the answers wanted: beyond these somebody has to ask more narrowly. */
const CANDIDATES_PER_ANSWER = 2;
/** Parts, of some megabytes, that are read as a whole at a time: for words that very many share. */
const WHOLE_PARTS = 8;
/** Packs asked, and answers looked up, at once: on an object storage nearly all of the time is waiting. */
const READS = 64;
/** Of the index, for as many answers: small reads of places far apart. */
const LOOK_UPS = 128;

/** With search keys at hand: for the command line, and for whoever works with a key service. `query`: normal forms (app/terms). */
export async function findInVault(o: FindPlace & { readonly searchKeys: SearchKeys; readonly query: SearchQuery }): Promise<FindOutcome> {
  const { searchKeys, query } = o;
  return find(o, async (pack) => {
    const key = await searchKeys.get(pack);
    return key === null ? null : packTokens(pack, key, query);
  });
}

/** With tokens that were made elsewhere. A pack without tokens is not asked. */
export async function findByTokens(o: FindPlace & { readonly tokens: readonly PackTokens[] }): Promise<FindOutcome> {
  const tokens = new Map(o.tokens.map((of) => [of.pack, of]));
  return find(o, (pack) => Promise.resolve(tokens.get(pack) ?? null));
}

interface Candidate extends NamedRecord {
  readonly packs: Set<string>;
}

async function find(o: FindPlace, tokensOf: (pack: string) => Promise<PackTokens | null>): Promise<FindOutcome> {
  const { store, description } = o;
  const vaultId = Buffer.from(description.vaultId, "hex");
  const faults: string[] = [];
  const most = (o.limit ?? DEFAULT_LIMIT) * CANDIDATES_PER_ANSWER;
  const gate = new Gate(WHOLE_PARTS);
  const candidates = new Map<string, Candidate>();
  const asked = new Set<string>();
  let more = false;
  // The newest state is read meanwhile: it has nothing to do with what is looked for.
  const [state, parts] = await Promise.all([NewestState.read(o), listSearchParts(store)]);
  await atOnce(READS, parts, async (of) => {
    // Asked for while the pack's key is: nearly always there is one generation, of one part.
    const starts = new Map(of.generations[0]?.map((object) => [object, PartReader.start(store, object)]));
    const tokens = await tokensOf(of.pack);
    if (tokens === null) return;
    const generation = await wholeGeneration({ store, vaultId, blocksKey: tokens.blocksKey, gate }, of, starts, faults);
    if (generation === null) return;
    asked.add(of.pack);
    for (const part of generation) {
      try {
        const numbers = await matching(part, tokens.groups);
        if (candidates.size + numbers.length > most) more = true;
        for (const record of await part.names(numbers.slice(0, Math.max(0, most - candidates.size)))) {
          const key = `${record.parentId ?? ""}\0${record.kind}\0${record.id}`;
          const known = candidates.get(key);
          if (known === undefined) candidates.set(key, { ...record, packs: new Set([of.pack]) });
          else known.packs.add(of.pack);
        }
      } catch (error) {
        faults.push(objectOfFault(error));
      } finally {
        part.close();
      }
    }
  });
  const { found, more: cut } = await sortedOut(state, candidates.values(), o);
  return { found, more: more || cut, packs: asked.size, faults: faults.filter((object) => state.needs(searchPartOf(object)?.pack ?? "")), unsearched: state.packsWithout(asked) };
}

/** The newest generation that is all there. What is not, is damaged or was broken off. */
async function wholeGeneration(place: Omit<PartLookup, "object">, { generations }: SearchedPack, starts: ReadonlyMap<string, Promise<Uint8Array | null>>, faults: string[]): Promise<PartReader[] | null> {
  for (const objects of generations) {
    const parts: PartReader[] = [];
    for (const object of objects) {
      try {
        parts.push(await PartReader.open({ ...place, object }, starts.get(object)));
      } catch (error) {
        faults.push(objectOfFault(error));
      }
    }
    if (isWhole(parts.map(({ blocks }) => blocks.head))) return parts;
  }
  return null;
}

/** Records of the part that have all terms of any group. */
async function matching(part: PartReader, groups: PackTokens["groups"]): Promise<number[]> {
  const any = new Set<number>();
  part.prefetch(groups.flat());
  for (const tokens of groups) {
    let all: readonly number[] | null = null;
    for (const token of tokens) {
      const having = await part.numbers(asBuffer(token));
      all = (all ?? [...having]).filter((number) => having.has(number));
      if (all.length === 0) break;
    }
    for (const number of all ?? []) any.add(number);
  }
  return [...any].sort((a, b) => a - b);
}

/** Only faults of the vault's objects; what the store throws goes up. */
function objectOfFault(error: unknown): string {
  if (error instanceof VaultError && (error.code === "vault.damaged_object" || error.code === "vault.missing_object")) return error.object ?? "search/";
  throw error;
}

const ORDER = { current: 0, earlier: 1, gone: 2 } as const;

async function sortedOut(state: NewestState, candidates: Iterable<Candidate>, { limit = DEFAULT_LIMIT, currentOnly = false }: FindPlace): Promise<{ found: FoundRecord[]; more: boolean }> {
  const roots = new Map<string, FoundRecord>();
  await atOnce(LOOK_UPS, candidates, async (candidate) => {
    const root = await state.rootOf(candidate, candidate.packs);
    if (currentOnly && root.state !== "current") return;
    const found = answer(candidate, root);
    const key = topKey(nameBytes(found.id, "id"), nameBytes(found.kind, "kind"));
    const known = roots.get(key);
    // The root itself says more than a part of it; a version that counts more than one that does not.
    if (known === undefined || ORDER[found.state] < ORDER[known.state] || (found.state === known.state && found.within === null)) roots.set(key, found);
  });
  const found = [...roots.values()].sort((a, b) => ORDER[a.state] - ORDER[b.state] || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.id < b.id ? -1 : 1));
  return { found: found.slice(0, limit), more: found.length > limit };
}

function answer({ kind, id }: Candidate, root: RootState): FoundRecord {
  const own = root.kind === kind && root.id === id;
  return { kind: fromByteString(root.kind), id: fromByteString(root.id), state: root.state, within: own ? null : { kind: fromByteString(kind), id: fromByteString(id) } };
}
