/**
 * What a store must do to be trusted with a vault: one list, run by the contract tests and by "Test this storage".
 *
 * Every check works beneath its own prefix and removes what it wrote. A check that fails throws `CheckFailed`.
 */
import { StoreError, type ObjectStore } from "#app/vault/index.ts";

export interface Probe {
  readonly store: ObjectStore;
  /** The same storage through a new connection: what another process would see. */
  reopen(): Promise<ObjectStore>;
  /** Ends in "/"; nothing else lives beneath it. */
  readonly prefix: string;
  /** `length` bytes that do not compress, the same for the same seed. */
  bytes(length: number, seed: number): Uint8Array;
}

/** What a caller may rely on; promises.ts has each in words. */
export type PromiseId = "exact" | "once" | "whole" | "reads" | "lists" | "removes" | "names" | "shared" | "lock";

export interface Check {
  readonly promise: PromiseId;
  /** A sentence about behaviour. */
  readonly name: string;
  run(probe: Probe): Promise<void>;
}

export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

const MEBIBYTE = 1024 * 1024;

export const CHECKS: readonly Check[] = [
  {
    promise: "exact",
    name: "gives back exactly the bytes that were stored",
    async run({ store, prefix, bytes }) {
      for (const length of [1, 255, 65_536, 65_537]) {
        const body = bytes(length, length);
        equal(await store.putIfAbsent(`${prefix}exact/${length}`, body), "stored", "first write");
        same(await store.get(`${prefix}exact/${length}`), body, `${length} bytes`);
      }
    },
  },
  {
    promise: "reads",
    name: "answers null for an object that is not there, with and without a range",
    async run({ store, prefix }) {
      equal(await store.get(`${prefix}absent`), null, "get");
      equal(await store.get(`${prefix}absent`, { offset: 3, length: 4 }), null, "ranged get");
      equal(await store.get(`${prefix}absent/deeper/still`), null, "get in a folder that is not there");
    },
  },
  {
    promise: "once",
    name: "keeps the first bytes when the same key is written again",
    async run({ store, prefix, bytes }) {
      const body = bytes(1000, 1);
      await store.putIfAbsent(`${prefix}twice`, body);
      equal(await store.putIfAbsent(`${prefix}twice`, body), "already-there", "second write");
      same(await store.get(`${prefix}twice`), body, "after the second write");
    },
  },
  {
    promise: "once",
    name: "lets exactly one of many racing writers win, and everybody reads the winner's bytes",
    async run({ store, reopen, prefix, bytes }) {
      const other = await reopen();
      for (let round = 0; round < 5; round++) {
        const key = `${prefix}race/${round}`;
        const bodies = Array.from({ length: 12 }, (_, n) => bytes(70_000 + n, round * 100 + n));
        const outcomes = await Promise.all(bodies.map((body, n) => (n % 2 === 0 ? store : other).putIfAbsent(key, body)));
        equal(outcomes.filter((outcome) => outcome === "stored").length, 1, "winners");
        equal(outcomes.filter((outcome) => outcome === "already-there").length, 11, "losers");
        const winner = bodies[outcomes.indexOf("stored")]!;
        same(await store.get(key), winner, "the winner's bytes");
        same(await other.get(key), winner, "the winner's bytes, through another connection");
      }
    },
  },
  {
    promise: "whole",
    name: "never shows part of an object while it is being written",
    async run({ store, reopen, prefix, bytes }) {
      const reader = await reopen();
      const body = bytes(8 * MEBIBYTE, 7);
      const key = `${prefix}whole`;
      let writing = true;
      const write = store.putIfAbsent(key, body).finally(() => (writing = false));
      while (writing) {
        const seen = await reader.get(key);
        if (seen !== null) same(seen, body, "an object seen during its write");
        for await (const { size } of reader.list(key)) equal(size, body.byteLength, "size listed during the write");
      }
      await write;
      same(await reader.get(key), body, "after the write");
    },
  },
  {
    promise: "reads",
    name: "reads ranges, clips those that pass the end, and answers nothing beyond it",
    async run({ store, prefix, bytes }) {
      const body = bytes(1000, 3);
      const key = `${prefix}ranges`;
      await store.putIfAbsent(key, body);
      for (const [offset, length] of [[0, 1000], [0, 1], [999, 1], [10, 20], [990, 500], [0, 5000], [5, 0], [1000, 1], [1001, 10], [99_999, 1]] as const) {
        same(await store.get(key, { offset, length }), body.subarray(offset, offset + length), `${length} bytes from ${offset}`);
      }
    },
  },
  {
    promise: "reads",
    name: "holds a large object and reads any part of it",
    async run({ store, prefix, bytes }) {
      const body = bytes(24 * MEBIBYTE + 1, 9);
      const key = `${prefix}large`;
      await store.putIfAbsent(key, body);
      same(await store.get(key), body, "24 MiB");
      for (const offset of [0, 5 * MEBIBYTE - 1, 16 * MEBIBYTE, 24 * MEBIBYTE]) {
        same(await store.get(key, { offset, length: 65_536 }), body.subarray(offset, offset + 65_536), `64 KiB from ${offset}`);
      }
    },
  },
  {
    promise: "lists",
    name: "lists keys in byte order, each once, with their sizes, by any prefix",
    async run({ store, prefix, bytes }) {
      const names = ["a", "a-b", "a.b", "a0/x", "a_b", "aB", "ab/c/d", "ab/c.d", "ab/c-d", "ab-c", "ab0", "b", "B", "0", "_", "z/y/x/w"].map((n) => `${prefix}l/${n}`);
      for (const [n, key] of names.entries()) await store.putIfAbsent(key, bytes(n + 1, n));
      const sorted = [...names].sort();
      for (const part of ["", "a", "ab", "ab/", "ab/c", "ab/c/", "B", "z/y", "nothing", "ab/c/d", "ab/c/dd"]) {
        const listed: string[] = [];
        for await (const { key, size } of store.list(`${prefix}l/${part}`)) {
          listed.push(key);
          equal(size, names.indexOf(key) + 1, `size of ${key}`);
        }
        equal(listed.join(" "), sorted.filter((key) => key.startsWith(`${prefix}l/${part}`)).join(" "), `keys listed for "${part}"`);
      }
    },
  },
  {
    promise: "lists",
    name: "lists many objects completely while others are being written",
    async run({ store, prefix, bytes }) {
      const before = Array.from({ length: 120 }, (_, n) => `${prefix}many/${String(n % 7)}/${String(n).padStart(4, "0")}`);
      for (const key of before) await store.putIfAbsent(key, bytes(10, 1));
      const during = Array.from({ length: 60 }, (_, n) => store.putIfAbsent(`${prefix}many/${String(n % 7)}/new-${n}`, bytes(10, 2)));
      const listed: string[] = [];
      for await (const { key } of store.list(`${prefix}many/`)) listed.push(key);
      await Promise.all(during);
      equal(new Set(listed).size, listed.length, "keys listed once");
      equal(listed.join(" "), [...listed].sort().join(" "), "byte order");
      equal(before.filter((key) => !listed.includes(key)).length, 0, "older objects missing from the listing");
    },
  },
  {
    promise: "lists",
    name: "lists each object as soon as its write has returned, to another connection too",
    async run({ store, reopen, prefix, bytes }) {
      if (!store.traits.strongListing) return;
      const other = await reopen();
      for (let n = 0; n < 10; n++) {
        const key = `${prefix}soon/${n}`;
        await store.putIfAbsent(key, bytes(10, n));
        for (const [who, from] of [["the writer", store], ["another connection", other]] as const) {
          const listed: string[] = [];
          for await (const found of from.list(`${prefix}soon/`)) listed.push(found.key);
          equal(listed.includes(key), true, `object ${n + 1} in the listing of ${who}`);
        }
      }
    },
  },
  {
    promise: "removes",
    name: "removes an object, takes a missing one calmly, and the name is free again",
    async run({ store, prefix, bytes }) {
      const key = `${prefix}removed/it`;
      await store.putIfAbsent(key, bytes(10, 1));
      await store.remove(key);
      equal(await store.get(key), null, "get after removal");
      for await (const found of store.list(key)) throw new CheckFailed(`${found.key} is still listed after its removal`);
      await store.remove(key);
      await store.remove(`${prefix}never/was`);
      equal(await store.putIfAbsent(key, bytes(10, 2)), "stored", "write after removal");
    },
  },
  {
    promise: "names",
    name: "refuses keys that could escape or be confused",
    async run({ store, prefix, bytes }) {
      const hostile = ["", "/", "a/", "a//b", "..", "../a", "a/..", "a/../../b", ".", "a/./b", "a b", "a\0", "a\n", "ä", "a\\b", "a%2fb", "a:b", "~a", "a*", "x".repeat(513)];
      for (const key of [...hostile, "/etc/passwd"]) {
        for (const use of [() => store.putIfAbsent(key, bytes(1, 1)), () => store.get(key), () => store.remove(key)]) {
          equal(await codeOf(use), "store.bad_key", `outcome for the key ${JSON.stringify(key).slice(0, 40)}`);
        }
      }
      equal(await codeOf(async () => { for await (const _ of store.list(`${prefix}../`)) break; }), "store.bad_key", "outcome for a hostile prefix");
    },
  },
  {
    promise: "names",
    name: "takes every key the alphabet allows: long, dotted, differing only in case",
    async run({ store, prefix, bytes }) {
      const long = (prefix + `${"k".repeat(99)}/`.repeat(6)).slice(0, 511) + "x";
      const keys = [long, ...["...", ".hidden", "a..b", "-", "_", "UPPER", "upper", "1"].map((name) => `${prefix}odd/${name}`)];
      for (const [n, key] of keys.entries()) equal(await store.putIfAbsent(key, bytes(20, n)), "stored", `write of ${key.slice(-20)}`);
      for (const [n, key] of keys.entries()) same(await store.get(key), bytes(20, n), key.slice(-20));
    },
  },
  {
    promise: "exact",
    name: "keeps its own copy: bytes changed afterwards by writer or reader do not change the object",
    async run({ store, prefix, bytes }) {
      const key = `${prefix}copy`;
      const body = bytes(100, 5);
      const written = body.slice();
      await store.putIfAbsent(key, written);
      written.fill(0);
      (await store.get(key))?.fill(1);
      same(await store.get(key), body, "after both sides changed their bytes");
    },
  },
  {
    promise: "shared",
    name: "shows everything to a new connection",
    async run({ store, reopen, prefix, bytes }) {
      await store.putIfAbsent(`${prefix}reopened`, bytes(500, 6));
      const again = await reopen();
      same(await again.get(`${prefix}reopened`), bytes(500, 6), "through a new connection");
      equal(await again.putIfAbsent(`${prefix}reopened`, bytes(500, 6)), "already-there", "write through a new connection");
    },
  },
  {
    promise: "lock",
    name: "either locks an object until its time or says that it cannot",
    async run({ store, prefix, bytes }) {
      const key = `${prefix}locked`;
      const put = () => store.putIfAbsent(key, bytes(10, 1), { lockUntil: new Date(Date.now() + 5000) });
      if (store.traits.objectLock) {
        equal(await put(), "stored", "locked write");
        equal(await codeOf(() => store.remove(key)), "store.locked", "removal before the lock ends");
        same(await store.get(key), bytes(10, 1), "a locked object");
      } else {
        equal(await codeOf(put), "store.lock_unsupported", "locked write");
        equal(await store.get(key), null, "what a refused write left behind");
      }
    },
  },
  {
    promise: "lock",
    name: "makes a lock longer when told to, and never shorter",
    async run({ store, prefix, bytes }) {
      const { locks } = store;
      if (locks === undefined) return;
      const key = `${prefix}longer/locked`;
      const [soon, later] = [new Date(Date.now() + 3000), new Date(Date.now() + 6000)];
      await store.putIfAbsent(key, bytes(10, 1), { lockUntil: soon });
      await locks.extend(key, later);
      const ends = async (): Promise<number> => Math.round(((await locks.until(key))?.getTime() ?? 0) / 1000);
      // Services round to whole seconds, some down.
      within(await ends(), later.getTime() / 1000, 1, "end of a lock that was made longer");
      await locks.extend(key, soon);
      within(await ends(), later.getTime() / 1000, 1, "end of a lock that should be made shorter");
      equal(await codeOf(() => store.remove(key)), "store.locked", "removal before the lock ends");
      await locks.extend(`${prefix}absent`, later);
      equal(await locks.until(`${prefix}absent`), null, "lock of an absent object");
    },
  },
];

function within(found: number, expected: number, most: number, what: string): void {
  if (Math.abs(found - expected) > most) throw new CheckFailed(`${what}: expected about ${Math.round(expected)}, found ${found}`);
}

function equal(found: unknown, expected: unknown, what: string): void {
  if (!Object.is(found, expected)) throw new CheckFailed(`${what}: expected ${String(expected)}, found ${String(found)}`);
}

function same(found: Uint8Array | null, expected: Uint8Array, what: string): void {
  if (found === null) throw new CheckFailed(`${what}: expected ${expected.byteLength} bytes, found no object`);
  if (Buffer.compare(found, expected) !== 0) {
    throw new CheckFailed(`${what}: expected ${expected.byteLength} certain bytes, found ${found.byteLength} that differ`);
  }
}

async function codeOf(use: () => Promise<unknown>): Promise<string> {
  try {
    await use();
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
  return "no error";
}
