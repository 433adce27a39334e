/** The recovery program's command line, for when it runs by itself: nothing but node and a folder with the bucket's files. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { joinShares, KeyError, openerFor, parseShare, readIdentityFile, readPassphraseFile, type Share } from "#app/keys/index.ts";
import type { KeyOpener } from "#app/vault/index.ts";
import { DirectoryStore } from "./directory-store.ts";
import { RecoverError } from "./errors.ts";
import { askPassphrase } from "./passphrase.ts";
import { recover } from "./recover.ts";
import { inWords, reasonInWords } from "./words.ts";

const EXIT = { done: 0, found: 1, usage: 2, interrupted: 130 } as const;

const HELP = `Recovers the records of a Holdfast vault from a folder that holds its files. It changes nothing in the vault and needs no network.

Usage: node recover.mjs FOLDER --identity FILE --out FOLDER

  FOLDER                   where vault.json, keys, packs, tree and snapshots are
  --identity FILE          identity.jwk: the private half that opens records
  --passphrase-file FILE   its passphrase, when it is sealed with one; without this it is asked for
  --share FILE             instead of --identity: one officer's share of a split identity; give as many as are needed
  --out FOLDER             where to write records.jsonl and report.json
  --snapshot NAME          latest (the default), latest~N (the Nth before it), or an id
  --vault-id ID            the vault's id, if you know it: nothing signed by another key is believed
  --json                   print the report as one line
  --help

Exit codes: 0 everything is recovered and proven, 1 something is damaged or missing (report.json says what), 2 wrong usage.
`;

export interface ProgramSurroundings {
  readonly version: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

/** Answers the exit code; never throws. */
export async function program(args: readonly string[], io: ProgramSurroundings): Promise<number> {
  let asked: Asked | null = null;
  try {
    asked = read(args);
    if (asked === null) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    return await go(asked, io);
  } catch (error) {
    const known = error instanceof RecoverError ? error : null;
    io.stderr.write(`recover: ${reasonInWords(known?.code ?? "unexpected", known?.message ?? `Something unexpected went wrong (${error instanceof Error ? error.name : "unknown"})`)}\n`);
    if (known?.code === "recover.usage") return EXIT.usage;
    return known?.code === "recover.interrupted" ? EXIT.interrupted : EXIT.found;
  }
}

interface Asked {
  readonly folder: string;
  readonly identity: string | undefined;
  readonly shares: readonly string[];
  readonly passphraseFile: string | undefined;
  readonly out: string;
  readonly snapshot: string;
  readonly vaultId: string | undefined;
  readonly json: boolean;
}

/** Null: help was asked for. */
function read(args: readonly string[]): Asked | null {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options: { identity: text, share: { ...text, multiple: true }, "passphrase-file": text, out: text, snapshot: text, "vault-id": text, json: flag, help: flag } });
  } catch (cause) {
    throw new RecoverError("recover.usage", cause instanceof Error ? (cause.message.split(". ")[0] ?? "") : "Wrong usage", { cause });
  }
  const { values, positionals } = parsed;
  if (values.help === true || args.length === 0) return null;
  const [folder, ...extra] = positionals;
  if (folder === undefined) throw new RecoverError("recover.usage", "The folder with the vault's files is missing");
  if (extra.length > 0) throw new RecoverError("recover.usage", "There is more than one folder");
  const shares = values.share ?? [];
  if (values.identity === undefined && shares.length === 0) throw new RecoverError("recover.usage", "--identity FILE is missing");
  if (values.identity !== undefined && shares.length > 0) throw new RecoverError("recover.usage", "--identity and --share exclude each other");
  if (values.out === undefined) throw new RecoverError("recover.usage", "--out FOLDER is missing");
  const { identity, out } = values;
  return { folder: local(folder), identity, shares, out, passphraseFile: values["passphrase-file"], snapshot: values.snapshot ?? "latest", vaultId: values["vault-id"], json: values.json === true };
}

function local(folder: string): string {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(folder)) return folder;
  if (folder.startsWith("file://")) return fileURLToPath(folder);
  throw new RecoverError("recover.usage", "This program reads a folder; copy the bucket's files into one first, with the storage's own tool");
}

async function go(asked: Asked, io: ProgramSurroundings): Promise<number> {
  const began = performance.now();
  let shown = 0;
  const { report } = await recover({
    store: new DirectoryStore(asked.folder),
    opener: () => openIdentity(asked, io),
    out: asked.out,
    snapshot: asked.snapshot,
    vaultId: asked.vaultId,
    program: { name: "recover.mjs", version: io.version },
    clock: { now: () => new Date(Date.now()) },
    signal: io.signal,
    onProgress: ({ packs, packsTotal, records, bytes }) => {
      if (!io.stderr.isTTY || performance.now() - shown < 200) return;
      shown = performance.now();
      io.stderr.write(`\r\u001b[Kpack ${packs} of ${packsTotal} · ${records} records · ${(bytes / 1e6).toFixed(0)} MB`);
    },
  });
  if (shown > 0) io.stderr.write("\r\u001b[K");
  if (report.error !== null) io.stderr.write(`recover: ${reasonInWords(report.error.code, report.error.message)}\n`);
  if (asked.json) io.stdout.write(`${JSON.stringify(report)}\n`);
  else if (report.error === null) io.stdout.write(`${inWords(report, asked.out, (performance.now() - began) / 1000)}\n`);
  return report.outcome === "whole" ? EXIT.done : EXIT.found;
}

async function openIdentity(asked: Asked, io: ProgramSurroundings): Promise<KeyOpener> {
  if (asked.identity === undefined) return openerFor(await joinShares(await Promise.all(asked.shares.map(readShare))));
  const loose = () => void io.stderr.write("recover: Other users of this machine may read the identity file; run chmod 600 on it.\n");
  const given = asked.passphraseFile === undefined ? undefined : await readPassphraseFile(asked.passphraseFile);
  try {
    return openerFor(await readIdentityFile(asked.identity, given, loose));
  } catch (error) {
    if (!(error instanceof Error) || (error as { code?: unknown }).code !== "keys.passphrase_needed") throw error;
  }
  return openerFor(await readIdentityFile(asked.identity, await askPassphrase(io.stdin, io.stderr), loose));
}

async function readShare(file: string): Promise<Share> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new KeyError("keys.not_found", `The share ${file} cannot be read`, { cause });
  }
  return parseShare(text, file);
}
