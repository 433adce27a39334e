/**
 * Makes two copies of a vault whole again, each from the other: what one lacks is copied, what is rotten in one is replaced by what is sound in the other.
 *
 * Objects named by their SHA-256 tell by themselves which copy is sound. Where names say nothing and the two differ, nothing is touched
 * and the name is reported: somebody who can check signatures must say which is right.
 */
import { createHash } from "node:crypto";
import type { ObjectStore } from "#app/vault/index.ts";

export type Healed =
  | { readonly kind: "copied"; readonly key: string; readonly to: "first" | "second" }
  /** Rotten bytes were removed and sound ones written. */
  | { readonly kind: "replaced"; readonly key: string; readonly in: "first" | "second" }
  /** Different in the two and nothing says which is right, or rotten in both. */
  | { readonly kind: "diverged"; readonly key: string }
  /** It is in one only, and `mayCopy` said no: erased or pruned on purpose. */
  | { readonly kind: "left"; readonly key: string; readonly in: "first" | "second" };

export interface HealOptions {
  readonly first: ObjectStore;
  readonly second: ObjectStore;
  /** Beneath this prefix only. Default: everything. */
  readonly prefix?: string;
  /** False for an object that was removed on purpose and must not come back from the other copy. Default: all may be copied. */
  mayCopy?(key: string): boolean;
  /** Read every byte of both, so that rot is found; else names and sizes are compared. */
  readonly readData: boolean;
}

/** Yields what was done, as it is done. What is equal in both is not mentioned. */
export async function* heal({ first, second, prefix = "", mayCopy = () => true, readData }: HealOptions): AsyncGenerator<Healed> {
  for await (const { key, left, right } of sideBySide(first, second, prefix)) {
    if (left === null || right === null) {
      const [from, to, name] = left === null ? [second, first, "first" as const] : [first, second, "second" as const];
      if (!mayCopy(key)) {
        yield { kind: "left", key, in: name === "first" ? "second" : "first" };
        continue;
      }
      const bytes = await from.get(key);
      if (bytes === null) continue;
      if (isSound(key, bytes) === false) yield { kind: "diverged", key };
      else if ((await to.putIfAbsent(key, bytes)) === "stored") yield { kind: "copied", key, to: name };
      continue;
    }
    if (left === right && !readData) continue;
    const [a, b] = await Promise.all([first.get(key), second.get(key)]);
    if (a === null || b === null || (Buffer.compare(a, b) === 0 && isSound(key, a) !== false)) continue;
    const sound = [isSound(key, a), isSound(key, b)];
    if (sound[0] === true && sound[1] === false) {
      await replace(second, key, a);
      yield { kind: "replaced", key, in: "second" };
    } else if (sound[0] === false && sound[1] === true) {
      await replace(first, key, b);
      yield { kind: "replaced", key, in: "first" };
    } else yield { kind: "diverged", key };
  }
}

async function replace(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  await store.remove(key);
  await store.putIfAbsent(key, bytes);
}

/** Null: the name does not say. */
function isSound(key: string, bytes: Uint8Array): boolean | null {
  const name = /(?:^|\/)([0-9a-f]{64})$/.exec(key)?.[1];
  return name === undefined ? null : createHash("sha256").update(bytes).digest("hex") === name;
}

async function* sideBySide(first: ObjectStore, second: ObjectStore, prefix: string): AsyncGenerator<{ key: string; left: number | null; right: number | null }> {
  const [a, b] = [first.list(prefix)[Symbol.asyncIterator](), second.list(prefix)[Symbol.asyncIterator]()];
  let [left, right] = await Promise.all([a.next(), b.next()]);
  while (left.done !== true || right.done !== true) {
    const [l, r] = [left.done === true ? null : left.value, right.done === true ? null : right.value];
    const key = l === null ? r!.key : r === null || l.key <= r.key ? l.key : r.key;
    yield { key, left: l?.key === key ? l.size : null, right: r?.key === key ? r.size : null };
    [left, right] = await Promise.all([l?.key === key ? a.next() : left, r?.key === key ? b.next() : right]);
  }
}
