/** The recovery program in the vault: written when the vault is made, signed, entered into the ledger, written anew for another version, and it runs from there. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { openLedger, originOf } from "#app/ledger/index.ts";
import { recoveryKit } from "#app/recover/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import { checkRecoveryKit, putRecoveryKit, readVaultDescription, recoveryKits } from "#app/vault/index.ts";
import { keepRecovery } from "#app/workflows/shared/keep-recovery.ts";
import { Host } from "../cli/support.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { newTestVault, steadyClock } from "#tests/support/vault-kit.ts";

const kitOf = (version: string, program = "a stand-in") => ({
  version,
  make: () => Promise.resolve({ version, files: new Map([["recover.mjs", Buffer.from(program)], ["FORMAT.md", Buffer.from("bytes")], ["README.txt", Buffer.from("ten lines")]]) }),
});
const NEVER = { version: "1.0.0", make: () => Promise.reject(new Error("made for nothing")) };

async function vault(): Promise<{ store: MemoryStore; put: (kit: ReturnType<typeof kitOf>) => ReturnType<typeof putRecoveryKit>; hostKeys: Awaited<ReturnType<typeof newTestVault>>["hostKeys"] }> {
  const store = new MemoryStore();
  const { hostKeys } = await newTestVault(store, "kit");
  return { store, hostKeys, put: (kit) => putRecoveryKit({ store, hostKeys, clock: steadyClock(), kit }) };
}

describe("a recovery kit", () => {
  test("is written once for a version, with a copy of vault.json and signed digests of everything", async () => {
    const { store, put } = await vault();
    const written = await put(kitOf("1.0.0"));
    const digest = createHash("sha256").update("a stand-in").digest("hex");
    expect(written).toEqual({ folder: `recover/1.0.0-${digest.slice(0, 8)}`, digest });
    expect(await put(NEVER)).toBeNull();
    const folder = written?.folder as string;
    expect(store.objects.get(`${folder}/vault.json`)).toEqual(store.objects.get("vault.json"));
    expect(Buffer.from(store.objects.get("recover/README.txt") as Uint8Array).toString()).toBe("ten lines");
    const manifest = await checkRecoveryKit(store, await readVaultDescription(store), folder);
    expect(manifest.files.map(({ name }) => name)).toEqual(["FORMAT.md", "recover.mjs", "vault.json"]);
    expect(manifest.files.find(({ name }) => name === "recover.mjs")?.sha256).toBe(digest);
    expect(store.written.at(-1)).toBe(`${folder}/manifest.json`);
  });

  test("of a new version is written beside the old one, which stays", async () => {
    const { store, put } = await vault();
    const first = await put(kitOf("1.0.0"));
    const second = await put(kitOf("1.0.1", "another stand-in"));
    expect(await recoveryKits(store)).toEqual([first?.folder, second?.folder]);
  });

  test("whose writer was interrupted is completed by the next one", async () => {
    const { store, put } = await vault();
    const written = await put(kitOf("1.0.0"));
    store.objects.delete(`${written?.folder}/manifest.json`);
    store.objects.delete(`${written?.folder}/FORMAT.md`);
    expect(await put(kitOf("1.0.0"))).toEqual(written);
    await checkRecoveryKit(store, await readVaultDescription(store), written?.folder as string);
  });

  test.each(["recover.mjs", "FORMAT.md", "vault.json", "manifest.json"])("is refused when its %s was altered or taken away", async (name) => {
    const { store, put } = await vault();
    const folder = (await put(kitOf("1.0.0")))?.folder as string;
    const description = await readVaultDescription(store);
    const bytes = store.objects.get(`${folder}/${name}`) as Uint8Array;
    bytes[3] = (bytes[3] as number) ^ 1;
    await expect(checkRecoveryKit(store, description, folder)).rejects.toMatchObject({ code: "vault.damaged_object", object: `${folder}/${name}` });
    store.objects.delete(`${folder}/${name}`);
    await expect(checkRecoveryKit(store, description, folder)).rejects.toMatchObject({ code: "vault.missing_object", object: `${folder}/${name}` });
  });

  test("signed by another vault's key is refused", async () => {
    const { store, put } = await vault();
    const folder = (await put(kitOf("1.0.0")))?.folder as string;
    const other = new MemoryStore();
    await newTestVault(other, "other");
    await expect(checkRecoveryKit(store, await readVaultDescription(other), folder)).rejects.toMatchObject({ code: "vault.damaged_object" });
  });

  test("that cannot be made stops nothing, and the ledger says so", async () => {
    const { store, hostKeys } = await vault();
    const clock = steadyClock();
    const origin = originOf(hostKeys.vaultId);
    const ledger = openLedger({ store, origin, signer: { name: origin, privateKey: { ...hostKeys.signingKey } }, clock });
    expect(await keepRecovery({ store, hostKeys, ledger, kit: NEVER, clock, actor: "cli" })).toEqual({ outcome: "failed", code: "unexpected" });
    expect(await keepRecovery({ store, hostKeys, ledger, kit: kitOf("1.0.0"), clock, actor: "cli" })).toMatchObject({ outcome: "done" });
    expect(await keepRecovery({ store, hostKeys, ledger, kit: NEVER, clock, actor: "cli" })).toBeNull();
    const entries = [];
    for await (const { action, outcome } of ledger.entries()) entries.push([action, outcome]);
    expect(entries).toEqual([["recovery.written", "failed"], ["recovery.written", "done"]]);
  });
});

describe("a vault made by the command", () => {
  const host = new Host();
  let folder = "";
  beforeAll(async () => {
    writeFileSync(host.path("shop.jsonl"), Array.from({ length: 500 }, (_, i) => `${JSON.stringify({ id: `gid://shopify/Customer/${i}`, note: "SYNTHETIC" })}\n`).join(""));
    await host.expect(0, "keys", "new", "--out", "keys");
    await host.expect(0, "vault", "create", host.url("vault"), "--recipient", "keys/recipient.jwk");
    await host.expect(0, "snapshot", host.url("vault"), "--source", "jsonl:shop.jsonl");
    folder = (await recoveryKits(new FilesystemStore(host.path("vault")))).at(-1) as string;
  }, 120_000);

  const recoverFrom = (out: string): Buffer => execFileSync(process.execPath, [path.join(host.path("vault"), folder, "recover.mjs"), host.path("vault"), "--identity", host.path("keys/identity.jwk"), "--out", host.path(out)], { env: {} as NodeJS.ProcessEnv, cwd: host.directory });

  test("carries the program, its format and ten lines for 3 a.m., and the program there gives every record back", async () => {
    const store = new FilesystemStore(host.path("vault"));
    const manifest = await checkRecoveryKit(store, await readVaultDescription(store), folder);
    const kit = await recoveryKit();
    for (const { name, sha256 } of manifest.files) if (name !== "vault.json") expect(createHash("sha256").update(kit.files.get(name) as Uint8Array).digest("hex")).toBe(sha256);
    expect(readFileSync(host.path("vault", "recover", "README.txt"), "utf8")).toContain("node recover/VERSION/recover.mjs . --identity");
    recoverFrom("by-program");
    expect(readFileSync(host.path("by-program", "records.jsonl"), "utf8")).toBe(readFileSync(host.path("shop.jsonl"), "utf8"));
  });

  test("has its program's digest in the ledger, once", async () => {
    const store = new FilesystemStore(host.path("vault"));
    const { vaultId } = await readVaultDescription(store);
    const entries = [];
    for await (const entry of openLedger({ store, origin: originOf(vaultId), clock: steadyClock() }).entries()) if (entry.action === "recovery.written") entries.push(entry.subject);
    expect(entries).toEqual([expect.objectContaining({ folder, program: createHash("sha256").update(readFileSync(host.path("vault", folder, "recover.mjs"))).digest("hex") })]);
  });

  test("is recovered by the command as by the program", async () => {
    const ran = await host.expect(0, "recover", host.url("vault"), "--identity", "keys/identity.jwk", "--out", "by-command", "--json");
    expect(ran.json()).toMatchObject({ outcome: "whole", records: 500 });
    expect(readdirSync(host.path("by-command")).sort()).toEqual(["records.jsonl", "report.json"]);
    expect((await host.expect(1, "recover", host.url("vault"), "--identity", "keys/identity.jwk", "--out", "by-command")).stderr).toMatch(/never written over; choose another --out\.\n$/);
    await host.expect(0, "recover", "vault", "--identity", "keys/identity.jwk", "--out", "by-folder");
    mkdirSync(host.path("nothing"));
    expect((await host.expect(1, "recover", "nothing", "--identity", "keys/identity.jwk", "--out", "from-nothing")).stderr).toMatch(/^holdfast: There is no vault at this address/);
    expect(JSON.parse(readFileSync(host.path("from-nothing", "report.json"), "utf8"))).toMatchObject({ outcome: "failed", error: { code: "vault.not_found" } });
  }, 60_000);

  test("that lost its vault.json is recovered by the copy beside the program, signatures and all", () => {
    rmSync(host.path("vault", "vault.json"));
    expect(() => recoverFrom("by-copy")).toThrow(expect.objectContaining({ status: 1 }));
    expect(JSON.parse(readFileSync(host.path("by-copy", "report.json"), "utf8"))).toMatchObject({
      outcome: "partial",
      signaturesChecked: true,
      records: 500,
      lost: 0,
      snapshot: { rootProven: true },
      findings: [{ code: "description.missing", object: "vault.json" }],
    });
  });
});
