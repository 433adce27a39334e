/** Proofs and witnesses from the command line, and `ledger verify` with nothing but a copy, a proof and a public key. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { parseVkey, readProof } from "../ledger/independent.ts";
import { WitnessServer } from "../ledger/witness-server.ts";
import { Host, NO_TRACE } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");
const witness = new WitnessServer();
let key: string;
let snapshotId: string;

beforeAll(async () => {
  await witness.start();
  await host.expect(0, "keys", "new", "--out", "keys");
  await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
  writeFileSync(host.path("one.jsonl"), `{"id":"gid://shopify/Customer/1","note":"SYNTHETIC"}\n`);
  snapshotId = (await host.expect(0, "snapshot", VAULT, "--source", "jsonl:one.jsonl", "--json")).json().snapshotId;
  key = String((await host.expect(0, "ledger", "prove", VAULT, snapshotId, "--out", "snapshot.tlog-proof", "--json")).json()["key"]);
}, 60_000);
afterAll(() => witness.stop());

describe("a proof", () => {
  test("that a snapshot is in the ledger satisfies another reader", () => {
    const { entry } = readProof(readFileSync(host.path("snapshot.tlog-proof"), "utf8"), parseVkey(key));
    expect(JSON.parse(entry.toString())).toMatchObject({ action: "snapshot.committed", subject: { snapshot: snapshotId } });
  });

  test("is checked with the public key alone, without vault, storage or network", async () => {
    const ran = await host.expect(0, "ledger", "verify", "--proof", "snapshot.tlog-proof", "--key", key, "--json");
    expect(ran.json()).toMatchObject({ ok: true, findings: [], proven: { entry: { action: "snapshot.committed" } } });
    expect((await host.expect(0, "ledger", "verify", "--proof", "snapshot.tlog-proof", "--key", key)).stdout.toString()).toContain(snapshotId);
  });

  test("is checked against a copy of the ledger's folder alone", async () => {
    cpSync(host.path("vault", "ledger"), host.path("copy", "ledger"), { recursive: true });
    expect((await host.expect(0, "ledger", "verify", "copy", "--key", key, "--proof", "snapshot.tlog-proof", "--json")).json()).toMatchObject({ ok: true });
    // Without the key there is no telling whose ledger it is.
    expect((await host.expect(1, "ledger", "verify", "copy")).stderr).not.toMatch(NO_TRACE);
  });

  test("that was changed, is another ledger's, or is not one, is a finding", async () => {
    const proof = readFileSync(host.path("snapshot.tlog-proof"), "utf8");
    writeFileSync(host.path("moved"), proof.replace(/index (\d+)/, (_, n: string) => `index ${Number(n) - 1}`));
    writeFileSync(host.path("letter"), "dear auditor");
    for (const [file, code] of [["moved", "ledger.bad_proof"], ["letter", "ledger.bad_proof"]]) {
      expect((await host.expect(1, "ledger", "verify", "--proof", file!, "--key", key, "--json")).json().findings).toEqual([expect.objectContaining({ code, object: "proof" })]);
    }
    await host.expect(0, "vault", "create", host.url("other"), "--recipient", "keys/recipient.jwk");
    expect((await host.expect(1, "ledger", "verify", "other", "--proof", "snapshot.tlog-proof", "--json")).json().findings[0]).toMatchObject({ code: "ledger.bad_signature", object: "proof" });
  });

  test("from a longer ledger exposes one that was rolled back", async () => {
    cpSync(host.path("vault"), host.path("older"), { recursive: true });
    await host.expect(0, "snapshot", VAULT, "--source", "jsonl:one.jsonl");
    await host.expect(0, "ledger", "prove", VAULT, "latest", "--out", "latest.tlog-proof");
    expect((await host.expect(1, "ledger", "verify", "older", "--proof", "latest.tlog-proof", "--json")).json().findings).toEqual([expect.objectContaining({ code: "ledger.rolled_back", object: "proof" })]);
  });

  test("of what is not there is refused", async () => {
    for (const which of ["99", "ffffffffffffffff"]) expect((await host.expect(1, "ledger", "prove", VAULT, which, "--out", "none")).stderr).toMatch(/No entry/);
    await host.expect(2, "ledger", "verify");
    await host.expect(2, "ledger", "verify", "--proof", "snapshot.tlog-proof", "--key", "nonsense");
  });
});

describe("a witness", () => {
  const WITNESS = () => ["--witness", witness.url, "--witness-key", witness.vkey];

  test("cosigns the head once it knows the key, and verify shows it", async () => {
    const head = (await host.expect(0, "checkpoint", VAULT, "--out", "kept", "--json")).json();
    expect((await host.expect(1, "ledger", "cosign", VAULT, ...WITNESS())).stderr).toMatch(/does not know/);
    witness.logs.set(String(head["origin"]), key);
    expect((await host.expect(0, "ledger", "cosign", VAULT, ...WITNESS(), "--json")).json()).toMatchObject({ witness: witness.name, size: head.size });
    const report = (await host.expect(0, "ledger", "verify", "vault", "--witness-key", witness.vkey, "--json")).json();
    expect(report).toMatchObject({ ok: true, cosignatures: [{ witness: witness.name, size: head.size }] });
    expect((await host.expect(0, "verify", VAULT, "--witness-key", witness.vkey, "--json")).json()).toMatchObject({ ok: true, ledger: { cosignatures: [{ size: head.size }] } });
    expect((await host.expect(1, "ledger", "cosign", host.url("older"), ...WITNESS())).stderr).toMatch(/has seen a ledger of/);
  });

  test("that cannot be reached, or a key that is none, is said plainly", async () => {
    expect((await host.expect(1, "ledger", "cosign", VAULT, "--witness", "http://127.0.0.1:9", "--witness-key", witness.vkey)).stderr).toMatch(/no connection/);
    await host.expect(2, "ledger", "cosign", VAULT, "--witness", witness.url, "--witness-key", key);
    await host.expect(2, "ledger", "cosign", VAULT, "--witness", "ftp://x", "--witness-key", witness.vkey);
  });
});

describe("verify --record", () => {
  test("enters what was found; plain verify writes nothing", async () => {
    const before = (await host.expect(0, "ledger", "verify", "vault", "--json")).json().size;
    await host.expect(0, "verify", VAULT);
    expect((await host.expect(0, "ledger", "verify", "vault", "--json")).json().size).toBe(before);
    expect((await host.expect(0, "verify", VAULT, "--read-data", "--record", "--json")).json()).toMatchObject({ ok: true, recorded: true });
    const proof = (await host.expect(0, "ledger", "prove", VAULT, "latest", "--out", "verified", "--json")).json();
    expect(proof).toMatchObject({ index: before, entry: { actor: "cli", action: "vault.verified", outcome: "done", subject: { readData: true, findings: 0 } } });
    const stranger = new Host();
    expect((await stranger.expect(1, "verify", VAULT, "--record")).stderr).toMatch(/no keys of the vault/);
  });
});
