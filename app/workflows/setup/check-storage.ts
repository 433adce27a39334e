/** Can this storage hold a vault? Writes, reads, lists and removes one small object, and says at which step it refused. */
import type { ObjectStore } from "#app/vault/index.ts";
import { failureOf } from "../shared/failure.ts";

export type StorageStep = "write" | "write-once" | "read" | "list" | "remove";

export type StorageCheck = { readonly ok: true } | { readonly ok: false; readonly step: StorageStep; readonly code: string };

/** `random` names the object and fills it; a storage that answers with other bytes than it was given is found out. */
export async function checkStorage(store: ObjectStore, random: (bytes: number) => Uint8Array): Promise<StorageCheck> {
  const key = `probe/${Buffer.from(random(12)).toString("hex")}`;
  const body = random(64);
  let step: StorageStep = "write";
  const wrong = (): StorageCheck => ({ ok: false, step, code: "store.failed" });
  try {
    if ((await store.putIfAbsent(key, body)) !== "stored") return wrong();
    step = "write-once";
    if ((await store.putIfAbsent(key, random(64))) !== "already-there") return wrong();
    step = "read";
    const whole = await store.get(key);
    const part = await store.get(key, { offset: 8, length: 16 });
    if (whole === null || Buffer.compare(whole, body) !== 0 || part === null || Buffer.compare(part, body.subarray(8, 24)) !== 0) return wrong();
    step = "list";
    let listed = false;
    for await (const object of store.list("probe/")) listed ||= object.key === key && object.size === body.byteLength;
    if (!listed) return wrong();
    step = "remove";
    await store.remove(key);
    return (await store.get(key)) === null ? { ok: true } : wrong();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { ok: false, step, code: failure.code };
  }
}
