/**
 * The proof that a sanitized record holds nothing of the one it was made of: what identified somebody there is looked for here, and what looks like an identifier is
 * looked for by itself. Says which kind and in which field; never what.
 */
import { detectIn, walk } from "../detect/detect.ts";
import type { FoundIn } from "../detect/detect.ts";
import type { Identifier } from "../detect/identifiers.ts";
import { isIsoDate, isOldest } from "./dates.ts";
import { ruleFor, type Rule } from "./fields.ts";
import { isBlank } from "./files.ts";
import { Identifying, isConfiguration } from "./identifying.ts";
import type { PhiRecord } from "./record.ts";

const PIECE = "FilePiece";
/** Not looked at by themselves: a shop's own words, ids that were mapped. */
const UNTOLD = /(?:^|\.)(?:namespace|type)$/;
const GID = /^gid:\/\/[\w-]+\/\w+\/[\w-]+(?:\?.*)?$/;
/** Words of the platform and of a shop's configuration: a state that is called like somebody, a sort of payment like a family, is neither. */
const WORDS: ReadonlySet<Rule> = new Set(["word", "definition"]);
/** Values put together of a few thousand made-up words, among which there may be a real one. */
const MADE_UP: ReadonlySet<Rule> = new Set(["first-name", "last-name", "full-name", "city", "street"]);

export interface Residue extends FoundIn {
  readonly kind: string;
}

export interface ResidueOptions {
  /** The time of the data, as the sanitizer had it. */
  readonly asOf: Date;
}

/** Empty: nothing is left. */
export function residue(originals: readonly PhiRecord[], made: readonly PhiRecord[], { asOf }: ResidueOptions): Residue[] {
  const left: Residue[] = [];
  const wanted = new Identifying(originals);
  const counterpart = counterparts(originals, made);
  for (const record of made) {
    if (isConfiguration(record.kind)) continue;
    const seen = (path: string, identifier: Identifier): void => void left.push({ kind: record.kind, path, identifier });
    if (record.kind === PIECE) {
      if (!isBlank(record.fields["base64"])) seen("base64", "photo");
      continue;
    }
    const before = counterpart(record);
    walk(record.fields, "", (path, text) => {
      const n = before.visit(path);
      for (const { value, identifier } of wanted.in(text)) if (!isChance({ kind: record.kind, path, text, value, identifier }, { here: before.at(path), n, asOf })) seen(path, identifier);
    });
    for (const { path, identifier } of detectIn(record.fields, { skip: (path, text) => UNTOLD.test(path) || GID.test(text) })) if (identifier !== "date") seen(path, identifier);
  }
  return left;
}

interface Hit {
  readonly kind: string;
  readonly path: string;
  readonly text: string;
  readonly value: string;
  readonly identifier: Identifier;
}

/**
 * Among many people a made-up word is somebody's name, and a day moved by a year somebody's day. It is chance, and tells nothing, where what stood in the same place before
 * was something else. Free text gets no such pardon: the sanitizer draws again there (text.ts), and what it copied from elsewhere would look the same.
 */
function isChance({ kind, path, text, value, identifier }: Hit, { here, n, asOf }: { readonly here: readonly string[]; readonly n: number; readonly asOf: Date }): boolean {
  const nth = here[n];
  if (identifier === "date") return isIsoDate(text) && (isOldest(text, asOf) || (nth !== undefined && isIsoDate(nth) && !nth.startsWith(value)));
  if (identifier !== "name" && identifier !== "geography") return false;
  if (GID.test(text)) return true;
  const rule = ruleFor(kind, path, text);
  return WORDS.has(rule) || (MADE_UP.has(rule) && here.length > 0 && here.every((one) => !one.toLowerCase().includes(value)));
}

interface Before {
  /** All that stood there, by path: items of a list have one path. */
  at(path: string): readonly string[];
  /** Which of these has the place of the value that is visited now. */
  visit(path: string): number;
}

/** What each record was made of: families keep their order, but for the pieces of files. */
function counterparts(originals: readonly PhiRecord[], made: readonly PhiRecord[]): (record: PhiRecord) => Before {
  const before = originals.filter(({ kind }) => kind !== PIECE);
  const after = made.filter(({ kind }) => kind !== PIECE);
  const places = new Map(after.map((record, n) => [record, before[n]] as const));
  return (record) => {
    const original = places.get(record);
    const visited = new Map<string, number>();
    // Hits are rare: what stood there is only looked up for one.
    let texts: Map<string, string[]> | null = null;
    return {
      at: (path) => (texts ??= textsOf(original?.kind === record.kind ? original : null)).get(path) ?? [],
      visit: (path) => {
        const n = visited.get(path) ?? 0;
        visited.set(path, n + 1);
        return n;
      },
    };
  };
}

function textsOf(record: PhiRecord | null): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  walk(record?.fields ?? {}, "", (path, text) => {
    const here = texts.get(path);
    if (here === undefined) texts.set(path, [text]);
    else here.push(text);
  });
  return texts;
}
