/**
 * Events on this host's own disk, for when there is no database: `<home>/viewer/outbox/<vault>/<process>.events`, one line each, flushed before it counts, each with the hash of all before
 * it; and beside it what became of them. Nothing that was written changes or goes. A process writes files of its own and reads everybody's, so that what a process that
 * died had kept goes into the ledger with the next one's.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { KeptEntry, LedgerOutbox, WaitingEntry } from "#app/workflows/ports.ts";
import { z } from "zod";

const MOST = 1000;
const Event = z.strictObject({ n: z.number().int().positive(), entry: z.string(), leaf: z.string().regex(/^[0-9a-f]{64}$/), chain: z.string().regex(/^[0-9a-f]{64}$/) });
const Mark = z.union([z.strictObject({ tried: z.array(z.string()), size: z.number().int().nonnegative() }), z.strictObject({ entered: z.array(z.tuple([z.string(), z.number().int().nonnegative()])) })]);
const VAULT = /^[0-9a-f]{32}$/;

export interface FileOutbox extends LedgerOutbox {
  /** Vaults that events were ever kept for. */
  vaults(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** `name`: of this process, unlike any other's. Throws what the file system throws: then nothing was kept. */
export function fileOutbox(home: string, name: string): FileOutbox {
  const root = join(home, "viewer", "outbox");
  const files = new Map<string, { readonly handle: FileHandle; n: number; chain: string }>();
  const marks = new Map<string, FileHandle>();
  /** One write after another: the chain has one end. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work, work);
    turn = next.catch(() => undefined);
    return next;
  };
  const directoryOf = (vaultId: string): string => {
    if (!VAULT.test(vaultId)) throw new TypeError("no vault id");
    return join(root, vaultId);
  };
  const opened = async (path: string): Promise<FileHandle> => open(path, "a", 0o600);
  const write = async (handle: FileHandle, lines: string): Promise<void> => {
    await handle.appendFile(lines, "utf8");
    await handle.datasync();
  };
  const mark = async (vaultId: string, line: z.infer<typeof Mark>): Promise<void> => {
    let handle = marks.get(vaultId);
    if (handle === undefined) marks.set(vaultId, (handle = await opened(join(directoryOf(vaultId), `${name}.marks`))));
    await write(handle, `${JSON.stringify(line)}\n`);
  };

  return {
    add: (vaultId, entries) =>
      inTurn(async () => {
        let file = files.get(vaultId);
        if (file === undefined) {
          const directory = directoryOf(vaultId);
          await mkdir(directory, { recursive: true, mode: 0o700 });
          file = { handle: await opened(join(directory, `${name}.events`)), n: 0, chain: "" };
          files.set(vaultId, file);
          // A file whose name in the folder was lost with the power kept nothing.
          const folder = await open(directory, "r");
          try { await folder.sync(); } finally { await folder.close(); }
        }
        let { n, chain } = file;
        const lines = entries.map(({ entry, leaf }) => {
          n++;
          chain = next(chain, leaf);
          return `${JSON.stringify({ n, entry, leaf, chain })}\n`;
        });
        try {
          await write(file.handle, lines.join(""));
        } catch (error) {
          // Half a line may stand there: it is never read, and this process goes on in another file.
          files.delete(vaultId);
          await file.handle.close().catch(() => undefined);
          throw error;
        }
        file.n = n;
        file.chain = chain;
      }),
    waiting: async (vaultId) => {
      const { events, tried, entered } = await readAll(directoryOf(vaultId));
      return events.filter(({ id }) => !entered.has(id)).map(({ id, entry, leaf }): WaitingEntry => ({ id, entry, leaf, tried: tried.get(id) ?? null })).slice(0, MOST);
    },
    trying: (ids, size) => inTurn(async () => { for (const [vaultId, own] of byVault(ids)) await mark(vaultId, { tried: own, size }); }),
    entered: (places) =>
      inTurn(async () => {
        const place = new Map(places.map(({ id, place: at }) => [id, at]));
        for (const [vaultId, own] of byVault([...place.keys()])) await mark(vaultId, { entered: own.map((id) => [id, place.get(id) ?? 0]) });
      }),
    exclusively: async (vaultId, work) => {
      await mkdir(directoryOf(vaultId), { recursive: true, mode: 0o700 });
      const release = await lock(join(directoryOf(vaultId), "lock"));
      try {
        return await work();
      } finally {
        await release();
      }
    },
    vaults: async () => (await readdir(root).catch(() => [])).filter((entry) => VAULT.test(entry)),
    close: async () => {
      await turn;
      await Promise.all([...files.values()].map(({ handle }) => handle.close()));
      await Promise.all([...marks.values()].map((handle) => handle.close()));
      files.clear();
      marks.clear();
    },
  };
}

function next(chain: string, leaf: string): string {
  return createHash("sha256").update(`${chain}\n${leaf}`, "utf8").digest("hex");
}

interface Read extends KeptEntry {
  /** "<vault>/<process>/<n>". */
  readonly id: string;
  readonly at: string;
}

/** In the order of their times; of one process, in its own. A line that was torn, or that does not continue the chain, ends its file. */
async function readAll(directory: string): Promise<{ readonly events: readonly Read[]; readonly tried: ReadonlyMap<string, number>; readonly entered: ReadonlySet<string> }> {
  const names = await readdir(directory).catch(() => []);
  const vaultId = directory.slice(-32);
  const events: Read[] = [];
  const tried = new Map<string, number>();
  const entered = new Set<string>();
  for (const file of names.sort()) {
    const path = join(directory, file);
    if (file.endsWith(".events")) {
      let chain = "";
      for (const line of await linesOf(path)) {
        const parsed = Event.safeParse(line);
        if (!parsed.success || parsed.data.chain !== (chain = next(chain, parsed.data.leaf))) break;
        events.push({ id: `${vaultId}/${file.slice(0, -".events".length)}/${String(parsed.data.n)}`, entry: parsed.data.entry, leaf: parsed.data.leaf, at: timeOf(parsed.data.entry) });
      }
    } else if (file.endsWith(".marks")) {
      for (const line of await linesOf(path)) {
        const parsed = Mark.safeParse(line);
        if (!parsed.success) break;
        if ("entered" in parsed.data) for (const [id] of parsed.data.entered) entered.add(id);
        // The first try counts: what it may have entered stands behind the size of then.
        else for (const id of parsed.data.tried) if (!tried.has(id)) tried.set(id, parsed.data.size);
      }
    }
  }
  return { events: events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)), tried, entered };
}

async function linesOf(path: string): Promise<unknown[]> {
  const lines: unknown[] = [];
  for (const text of (await readFile(path, "utf8")).split("\n")) {
    try {
      lines.push(JSON.parse(text));
    } catch {
      break;
    }
  }
  return lines;
}

function timeOf(entry: string): string {
  return (JSON.parse(entry) as { at?: string }).at ?? "";
}

function byVault(ids: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const id of ids) found.set(id.slice(0, 32), [...(found.get(id.slice(0, 32)) ?? []), id]);
  return found;
}

const WAIT_MS = 50;
const TRIES = 200;

/** One process of this host at a time. A lock whose process has died is nobody's. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      const handle = await open(path, "wx", 0o600);
      await handle.appendFile(String(process.pid), "utf8");
      await handle.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number(await readFile(path, "utf8").catch(() => ""));
      if (holder > 0 && !alive(holder)) await rm(path, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
  throw new Error("another process of this host holds the list of events");
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
