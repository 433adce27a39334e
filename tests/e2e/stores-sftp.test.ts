/** The SFTP adapter against OpenSSH's server. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openStore, type OpenOptions } from "#app/stores/index.ts";
import type { ObjectStore } from "#app/vault/index.ts";
import { faultProxy, type FaultProxy } from "#tests/support/fault-proxy.ts";
import { sshdIsHere, startSshd, type SshServer } from "#tests/support/servers/sshd.ts";
import { contract, IMPATIENT, networkFaults, vaultThroughTheCommand } from "./support/stores.ts";

describe("a directory of an OpenSSH server as a store", { timeout: 240_000, skip: sshdIsHere() ? false : "sshd is not installed" }, () => {
  let sshd: SshServer;
  let proxy: FaultProxy;
  const key = (): NonNullable<OpenOptions["credentials"]> => () => ({ kind: "sftp", privateKey: sshd.privateKey });
  const hostKey = (): string => `?host-key=${encodeURIComponent(sshd.hostKey)}`;
  const address = (folder: string, query = hostKey(), port = sshd.port): string => `sftp://${sshd.user}@127.0.0.1:${String(port)}${sshd.directory}/${folder}${query}`;
  const open = (folder = "contract"): Promise<ObjectStore> => openStore(address(folder), { credentials: key(), retry: null });

  before(async () => {
    sshd = await startSshd();
    proxy = await faultProxy(sshd.port);
  });
  after(async () => {
    await proxy.close();
    await sshd.stop();
  });

  contract("plain", () => open());
  networkFaults(() => proxy, () => openStore(address("faults", hostKey(), proxy.port), { credentials: key(), retry: null, patience: IMPATIENT }), { http: false });

  it("leaves nothing half-written behind, and no empty directories", async () => {
    const store = await open("tidy");
    await store.putIfAbsent("a/b/c", Buffer.from("x"));
    assert.deepEqual(readdirSync(join(sshd.directory, "tidy/~incoming")), []);
    await store.remove("a/b/c");
    assert.deepEqual(readdirSync(join(sshd.directory, "tidy")), ["~incoming"]);
  });

  it("believes a server only by the address or by known_hosts", async () => {
    const knownHosts = (text: string, query = ""): Promise<ObjectStore> => openStore(address("known", query), { credentials: () => ({ kind: "sftp", privateKey: sshd.privateKey, knownHosts: text }), retry: null });
    assert.equal(await (await knownHosts(sshd.knownHosts)).get("a"), null);
    await assert.rejects((await knownHosts("")).get("a"), { code: "store.refused", message: /not in known_hosts.*SHA256:/ });
    const other = sshd.knownHosts.replace(/.{8}\n$/, "AAAAAAAA\n");
    await assert.rejects((await knownHosts(other)).get("a"), { code: "store.refused", message: /none that known_hosts has/ });
    await assert.rejects((await knownHosts(sshd.knownHosts, `?host-key=SHA256:${"A".repeat(43)}`)).get("a"), { code: "store.refused", message: /the address asks for/ });
  });

  it("names what is wrong: the key, the right to write, the server", async () => {
    const { generateKeyPairSync } = await import("node:crypto");
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }) as string;
    const wrong = await openStore(address("x"), { credentials: () => ({ kind: "sftp", privateKey: stranger }), retry: null });
    await assert.rejects(wrong.get("a"), { code: "store.refused", retry: "never" });
    const silent = await openStore(address("x", hostKey(), 9), { credentials: key(), retry: null });
    await assert.rejects(silent.get("a"), { code: "store.unreachable", retry: "later" });
    await assert.rejects(openStore(address("x"), { retry: null }), { code: "store.refused", message: /HOLDFAST_SFTP_KEY/ });
    writeFileSync(join(sshd.directory, "a-file"), "x");
    await assert.rejects((await open("a-file")).putIfAbsent("a", Buffer.from("x")), { code: "store.bad_key" });
  });

  it("holds a vault, from the command line", async () => {
    const home = mkdtempSync(join(tmpdir(), "holdfast-sftp-home-"));
    mkdirSync(join(home, ".ssh"));
    writeFileSync(join(home, ".ssh/known_hosts"), sshd.knownHosts);
    writeFileSync(join(home, ".ssh/id_ed25519"), sshd.privateKey, { mode: 0o600 });
    try {
      await vaultThroughTheCommand(address("vault", ""), { HOME: home, SSH_AUTH_SOCK: "" });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
