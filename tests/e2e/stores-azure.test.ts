/** The Azure adapter against Azurite, Microsoft's emulator. It knows no immutability policies and no versions: those paths are not proved here. */
import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { openStore, type OpenOptions } from "#app/stores/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { faultProxy, type FaultProxy } from "#tests/support/fault-proxy.ts";
import { startAzurite, type AzureServer } from "#tests/support/servers/azurite.ts";
import { contract, IMPATIENT, networkFaults, vaultThroughTheCommand } from "./support/stores.ts";

describe("a container of Azurite as a store", { timeout: 240_000 }, () => {
  let azure: AzureServer;
  let proxy: FaultProxy;
  const credentials = (accountKey = azure.accountKey): NonNullable<OpenOptions["credentials"]> => () => ({ kind: "azure", accountKey });
  const address = (container = "vaults", port = azure.port, more = ""): string => `az://${azure.account}/${container}/pre/fix?endpoint=${encodeURIComponent(`http://127.0.0.1:${String(port)}/${azure.account}`)}${more}`;
  const open = (): Promise<ObjectStore> => openStore(address(), { credentials: credentials(), retry: null });

  before(async () => {
    azure = await startAzurite();
    proxy = await faultProxy(azure.port);
    await new ContainerClient(`${azure.endpoint}/vaults`, new StorageSharedKeyCredential(azure.account, azure.accountKey)).create();
  });
  after(async () => {
    await proxy.close();
    await azure.stop();
  });

  contract("plain", open);
  networkFaults(() => proxy, () => openStore(address("vaults", proxy.port), { credentials: credentials(), retry: null, patience: IMPATIENT }), { http: true });

  it("sends large objects in blocks that are one object, once", async () => {
    const store = await open();
    const body = Buffer.alloc(65 * 1024 * 1024 + 7, "synthetic ");
    assert.equal(await store.putIfAbsent("large", body), "stored");
    assert.equal(await store.putIfAbsent("large", body), "already-there");
    assert.deepEqual(Buffer.from((await store.get("large", { offset: 64 * 1024 * 1024 - 3, length: 20 }))!), body.subarray(64 * 1024 * 1024 - 3, 64 * 1024 * 1024 + 17));
    await store.remove("large");
  });

  it("reads a listing of many pages to its end", async () => {
    const { AzureStore } = await import("#app/stores/azure/azure-store.ts");
    const container = new ContainerClient(`${azure.endpoint}/vaults`, new StorageSharedKeyCredential(azure.account, azure.accountKey));
    const store = new AzureStore({ container, prefix: "pages", lock: null, encryptionScope: null, patience: IMPATIENT, pageSize: 3 });
    const names = Array.from({ length: 11 }, (_, n) => `n/${String(n).padStart(2, "0")}`);
    for (const name of names) await store.putIfAbsent(name, Buffer.from("x"));
    const listed: string[] = [];
    for await (const { key } of store.list("n/")) listed.push(key);
    assert.deepEqual(listed, names);
  });

  it("sends the encryption scope that the address names, with blobs in one piece and in blocks", async () => {
    const { createServer } = await import("node:http");
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method ?? ""} ${request.url ?? ""} ${String(request.headers["x-ms-encryption-scope"])}`);
      request.resume().on("end", () => response.writeHead(/comp=block(&|$)/.test(request.url ?? "") ? 201 : 403).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const store = await openStore(address("vaults", (server.address() as { port: number }).port, "&encryption-scope=own"), { credentials: credentials(), retry: null });
      await assert.rejects(store.putIfAbsent("small", Buffer.from("x")));
      await assert.rejects(store.putIfAbsent("large", Buffer.alloc(65 * 1024 * 1024)));
    } finally {
      server.closeAllConnections();
      server.close();
    }
    for (const part of [/\/small /, /comp=block[ &]/, /comp=blocklist /]) assert.ok(seen.some((line) => part.test(line)), `${String(part)}: ${seen.join("\n")}`);
    assert.deepEqual(seen.filter((line) => !line.endsWith(" own")), []);
  });

  it("names what is wrong: the key, the container, the server", async () => {
    const wrong = await openStore(address(), { credentials: credentials(Buffer.from("wrong").toString("base64")), retry: null });
    await assert.rejects(wrong.get("a"), { code: "store.refused", retry: "never" });
    const nowhere = await openStore(address("nowhere"), { credentials: credentials(), retry: null });
    await assert.rejects(nowhere.get("a"), { code: "store.bad_address" });
    await assert.rejects(nowhere.putIfAbsent("a", Buffer.from("x")), { code: "store.bad_address" });
    const silent = await openStore(address("vaults", 9), { credentials: credentials(), retry: null });
    await assert.rejects(silent.get("a"), { code: "store.unreachable", retry: "later" });
  });

  it("is found out when it says that it locks and does not: Azurite ignores the policy", async () => {
    const { judge, runChecks } = await import("#app/stores/index.ts");
    const openLocked = (): Promise<ObjectStore> => openStore(address("vaults", azure.port, "&lock=locked"), { credentials: credentials(), retry: null });
    const store = await openLocked();
    const outcomes = [];
    for await (const outcome of runChecks({ store, reopen: openLocked, run: "false-lock" })) outcomes.push(outcome);
    const report = judge(outcomes, store.traits);
    assert.equal(report.usable, false);
    assert.deepEqual(report.cannot.filter(({ essential }) => essential).map(({ promise }) => promise), ["lock"]);
  });

  it("holds a vault, from the command line", async () => {
    await vaultThroughTheCommand(address(), { AZURE_STORAGE_KEY: azure.accountKey });
  });
});
