/** Writing so that "already there" is only good news when what is there is what we meant (docs/design.md 4.3). */
import { damaged } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { PutObject } from "../tree/blocks.ts";

export async function putExact(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  if ((await store.putIfAbsent(key, bytes)) === "stored") return;
  const there = await store.get(key);
  if (there === null || Buffer.compare(there, bytes) !== 0) throw damaged(key, "something else is stored under its name");
}

/** A putExact that counts what it wrote. */
export class CountingPut {
  bytes = 0;
  readonly put: PutObject;
  constructor(store: ObjectStore) {
    this.put = async (key, bytes) => {
      await putExact(store, key, bytes);
      this.bytes += bytes.length;
    };
  }
}
