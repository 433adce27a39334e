/** Parity is written before its object: what a writer that died in between leaves must stop nobody. */
import { expect, it } from "@jest/globals";
import { protectedStore } from "#app/vault/index.ts";
import { encodeParity } from "#app/vault/repair/parity.ts";
import { RetentionStore } from "#tests/faults/retention-store.ts";

const KEY = "redactions/0000000001.certificate-1.json";
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

it("takes the place of parity whose writer died before the object, though the bytes are others", async () => {
  const inner = new RetentionStore();
  const store = protectedStore(inner, { parity: true });
  inner.failAt = 2;
  await expect(store.putIfAbsent(KEY, Buffer.from("issued on Monday"))).rejects.toMatchObject({ code: "store.unreachable" });
  expect([...inner.objects.keys()]).toEqual([`parity/${KEY}`]);
  inner.rearm();
  expect(await store.putIfAbsent(KEY, Buffer.from("issued on Tuesday"))).toBe("stored");
  expect(text(inner.objects.get(`parity/${KEY}`))).toBe(text(encodeParity(Buffer.from("issued on Tuesday"))));
});

it("gives the parity back to the object that was there first after all", async () => {
  const inner = new RetentionStore();
  const store = protectedStore(inner, { parity: true });
  const [theirs, ours] = [Buffer.from("theirs"), Buffer.from("ours, later")];
  await inner.putIfAbsent(`parity/${KEY}`, encodeParity(theirs));
  inner.between = async (change) => {
    // The other writer gets on just before our object.
    if (change !== `+${KEY}`) return;
    inner.between = null;
    inner.objects.set(KEY, theirs);
  };
  expect(await store.putIfAbsent(KEY, ours)).toBe("already-there");
  expect(text(inner.objects.get(`parity/${KEY}`))).toBe(text(encodeParity(theirs)));
});

it("still refuses parity that differs where the object is there", async () => {
  const inner = new RetentionStore();
  const store = protectedStore(inner, { parity: true });
  await store.putIfAbsent(KEY, Buffer.from("one"));
  await expect(store.putIfAbsent(KEY, Buffer.from("another"))).rejects.toMatchObject({ code: "vault.damaged_object" });
});
