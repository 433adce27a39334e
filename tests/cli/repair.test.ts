/** `vault repair`, through the real command: rot, loss, a copy elsewhere, the ledger, and what it says when it cannot. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Host, NO_TRACE } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");

beforeAll(async () => {
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--parity", "--recipient", "keys/recipient.jwk");
  writeFileSync(host.path("shop.jsonl"), Array.from({ length: 3000 }, (_, n) => `{"id":"gid://shopify/Customer/${n}","note":"SYNTHETIC ${n * 7919}"}\n`).join(""));
  await host.expect(0, "snapshot", VAULT, "--source", "jsonl:shop.jsonl");
}, 60_000);

function files(vault: string): Map<string, Buffer> {
  return new Map(
    readdirSync(host.path(vault), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(host.path(vault), path.join(entry.parentPath, entry.name)))
      .sort()
      .map((key) => [key, readFileSync(host.path(vault, key))]),
  );
}

let copies = 0;
function copyOfVault(): { name: string; url: string } {
  const name = `copy${++copies}`;
  cpSync(host.path("vault"), host.path(name), { recursive: true });
  return { name, url: host.url(name) };
}

function spoil(name: string, key: string): void {
  const bytes = readFileSync(host.path(name, key));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 4;
  chmodSync(host.path(name, key), 0o600);
  writeFileSync(host.path(name, key), bytes);
}

const vaultsOwn = (all: Map<string, Buffer>): [string, string][] => [...all].filter(([key]) => !key.startsWith("ledger/")).map(([key, body]) => [key, body.toString("hex")]);

describe("vault repair", () => {
  test("leaves a sound vault alone, and enters nothing", async () => {
    const before = files("vault");
    expect((await host.expect(0, "vault", "repair", VAULT, "--json")).json()).toMatchObject({ ok: true, mended: [], unmended: [], parityWritten: 0, entered: false });
    expect([...files("vault").keys()]).toEqual([...before.keys()]);
  });

  test("mends rot in every object of the vault at once from parity, byte for byte, and enters it into the ledger", async () => {
    const { name, url } = copyOfVault();
    const keys = [...files(name).keys()].filter((key) => !/^(?:ledger|parity|recover)\//.test(key));
    for (const key of keys) spoil(name, key);
    await host.expect(1, "verify", url, "--read-data");
    const ran = await host.expect(0, "vault", "repair", url, "--json");
    expect(ran.json()).toMatchObject({ ok: true, unmended: [], entered: true });
    expect(ran.json()["mended"]).toHaveLength(keys.length);
    expect(vaultsOwn(files(name))).toEqual(vaultsOwn(files("vault")));
    expect((await host.expect(0, "verify", url, "--read-data", "--identity", "keys/identity.jwk", "--json")).json()).toMatchObject({ ok: true, ledger: { size: 4 } });
  }, 60_000);

  test("brings back what is gone, the ledger too, from a copy elsewhere", async () => {
    const { name, url } = copyOfVault();
    for (const folder of ["packs", "parity", "snapshots", "ledger/tile"]) rmSync(host.path(name, folder), { recursive: true });
    expect((await host.expect(0, "vault", "repair", url, "--from", VAULT, "--json")).json().ok).toBe(true);
    const back = files(name);
    for (const [key, body] of files("vault")) expect(back.get(key)?.equals(body)).toBe(true);
    await host.expect(0, "verify", url, "--read-data", "--identity", "keys/identity.jwk");
  }, 60_000);

  test("brings back the newest snapshot's manifest, which only the ledger misses", async () => {
    const { name, url } = copyOfVault();
    rmSync(host.path(name, "snapshots"), { recursive: true });
    expect((await host.expect(1, "verify", url, "--json")).json().findings).toMatchObject([{ code: "snapshot.missing" }]);
    expect((await host.expect(0, "vault", "repair", url, "--json")).json()).toMatchObject({ ok: true, mended: [{ by: "parity" }] });
    await host.expect(0, "verify", url, "--read-data");
  }, 60_000);

  test("says plainly what it cannot mend, exits with 1, and says where help may be", async () => {
    const { name, url } = copyOfVault();
    const pack = [...files(name).keys()].find((key) => /^packs\/..\/[0-9a-f]+$/.test(key)) as string;
    rmSync(host.path(name, pack));
    const ran = await host.expect(1, "vault", "repair", url);
    expect(ran.stdout.toString()).toContain(`pack.missing  ${pack}`);
    expect(ran.stdout.toString()).toContain("--from ADDRESS");
    expect(ran.stderr).not.toMatch(NO_TRACE);
  }, 60_000);

  test("takes no address without a vault, nor a copy that is none", async () => {
    expect((await host.expect(1, "vault", "repair", host.url("nowhere"), "--json")).json().error.code).toBe("vault.not_found");
    expect((await host.expect(1, "vault", "repair", VAULT, "--from", host.url("nowhere"), "--json")).json().error.code).toBe("vault.not_found");
  });
});
