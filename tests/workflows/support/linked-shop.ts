/** A shop with a vault, ready for snapshots: what most workflow tests begin with. */
import { contentKeys } from "#app/vault/index.ts";
import { linkStorage, prepareDrill, requestSnapshot, takeSnapshot, type SnapshotOutcome } from "#app/workflows/index.ts";
import { FakeProcess } from "#tests/support/fakes-ports.ts";
import { FakeSource, smallShop } from "#tests/support/fakes-source.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { testIdentity, type TestIdentity } from "#tests/support/vault-kit.ts";

export const SHOP = "test.myshopify.com";
export const STAFF = { kind: "staff", id: "42", shop: SHOP } as const;
export const URL_OF_STORE = "memory://vault";

export interface LinkedShop {
  readonly process: FakeProcess;
  readonly store: MemoryStore;
  readonly source: FakeSource;
  readonly identity: TestIdentity;
}

export async function linkedShop(records = smallShop()): Promise<LinkedShop> {
  const process = new FakeProcess();
  const store = new MemoryStore();
  const source = new FakeSource(records);
  const identity = await testIdentity();
  process.byUrl.set(URL_OF_STORE, store);
  process.sources.set(SHOP, () => source);
  const linked = await linkStorage(process, { shop: SHOP, actor: STAFF, storageUrl: URL_OF_STORE, recipient: identity.recipient });
  if (linked.kind !== "linked") throw new Error(`not linked: ${linked.kind}`);
  return { process, store, source, identity };
}

export async function snapshot({ process }: Pick<LinkedShop, "process">): Promise<SnapshotOutcome> {
  process.time.advance(60_000);
  const asked = await requestSnapshot(process, { shop: SHOP, actor: STAFF });
  if (asked.kind !== "requested") throw new Error(`not requested: ${asked.kind}`);
  return takeSnapshot(process, { runId: asked.run.id });
}

/** What the browser does: unwraps each key with the identity. */
export async function unwrapped({ process, store, identity }: LinkedShop, snapshotId = "latest"): Promise<Map<string, Uint8Array>> {
  const prepared = await prepareDrill(process, { shop: SHOP, actor: STAFF, snapshot: snapshotId });
  if (prepared.kind !== "ready") throw new Error(`not ready: ${prepared.kind}`);
  const keys = new Map<string, Uint8Array>();
  const opened = contentKeys(store, identity.opener);
  for (const { keyId, jwe } of prepared.keys) {
    const key = await identity.opener.open(Buffer.from(jwe));
    if (key === null) throw new Error("not my key");
    // The browser's way and the vault's own way must agree.
    if (Buffer.compare(key, (await opened.get(keyId)) ?? new Uint8Array()) !== 0) throw new Error("another key");
    keys.set(keyId, key);
  }
  return keys;
}
