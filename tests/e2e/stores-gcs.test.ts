/** The Google Cloud Storage adapter, through Google's own library, against a strict fake of the JSON API: there is no real server to run here. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openStore, type OpenOptions } from "#app/stores/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { faultProxy, type FaultProxy } from "#tests/support/fault-proxy.ts";
import { startFakeGcs, type GcsServer } from "#tests/support/servers/fake-gcs.ts";
import { contract, IMPATIENT, networkFaults, vaultThroughTheCommand } from "./support/stores.ts";

describe("a bucket of Google Cloud Storage, as its JSON API is documented, as a store", { timeout: 240_000 }, () => {
  let gcs: GcsServer;
  let proxy: FaultProxy;
  const credentials = (serviceAccount = gcs.serviceAccount): NonNullable<OpenOptions["credentials"]> => () => ({ kind: "gcs", serviceAccount });
  const address = (bucket = gcs.bucket, port = gcs.port, more = ""): string => `gs://${bucket}/pre/fix?endpoint=${encodeURIComponent(`http://127.0.0.1:${String(port)}`)}${more}`;
  const open = (more = ""): Promise<ObjectStore> => openStore(address(gcs.bucket, gcs.port, more), { credentials: credentials(), retry: null });

  before(async () => {
    gcs = await startFakeGcs();
    proxy = await faultProxy(gcs.port);
  });
  after(async () => {
    await proxy.close();
    await gcs.stop();
  });

  contract("plain", () => open());
  contract("with object retention", () => open("&lock=locked"));
  networkFaults(() => proxy, () => openStore(address(gcs.bucket, proxy.port), { credentials: credentials(), retry: null, patience: IMPATIENT }), { http: true });

  it("removes every generation of a name, and of no other", async () => {
    gcs.versioning = true;
    try {
      const store = await open();
      await store.putIfAbsent("erase/me", Buffer.from("x"));
      await store.putIfAbsent("erase/me.key", Buffer.from("y"));
      // Somebody else's removal leaves an older generation behind.
      (gcs.generations.find(({ name }) => name === "pre/fix/erase/me") as unknown as { live: boolean }).live = false;
      await store.putIfAbsent("erase/me", Buffer.from("z"));
      assert.equal(gcs.generations.filter(({ name }) => name === "pre/fix/erase/me").length, 2);
      await store.remove("erase/me");
      assert.deepEqual(gcs.generations.filter(({ name }) => name.startsWith("pre/fix/erase/")).map(({ name }) => name), ["pre/fix/erase/me.key"]);
    } finally {
      gcs.versioning = false;
    }
  });

  it("names what is wrong: the key, the bucket, the server", async () => {
    const { serviceAccount, stop } = await startFakeGcs();
    await stop();
    const wrong = await openStore(address(), { credentials: credentials(serviceAccount), retry: null });
    await assert.rejects(wrong.get("a"), { code: "store.refused", retry: "never" });
    await assert.rejects(openStore(address(), { credentials: credentials("{}"), retry: null }), { code: "store.refused" });
    const nowhere = await openStore(address("nowhere"), { credentials: credentials(), retry: null });
    await assert.rejects(nowhere.get("a"), { code: "store.bad_address" });
    await assert.rejects(nowhere.putIfAbsent("a", Buffer.from("x")), { code: "store.bad_address" });
    const silent = await openStore(address(gcs.bucket, 9), { credentials: credentials(), retry: null });
    await assert.rejects(silent.get("a"), { code: "store.unreachable", retry: "later" });
  });

  it("holds a vault, from the command line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-gcs-"));
    const file = join(folder, "service-account.json");
    writeFileSync(file, gcs.serviceAccount, { mode: 0o600 });
    try {
      await vaultThroughTheCommand(address(), { GOOGLE_APPLICATION_CREDENTIALS: file });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("was asked for nothing that the API does not have", () => {
    assert.deepEqual(gcs.complaints, []);
  });
});
