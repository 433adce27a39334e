/** Addresses of every kind: what is understood, what is refused and why, and that no secret gets through one. */
import { createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { openStore, type OpenOptions } from "#app/stores/index.ts";
import { fingerprint, refuseHostKey } from "#app/stores/sftp/host-key.ts";

const key = Buffer.from("synthetic public key of a server");
const sftp = () => ({ kind: "sftp" as const, privateKey: "synthetic" });

describe("addresses", () => {
  test.each([
    ["s3://bucket", "s3", false],
    ["s3://bucket/a/b?region=eu-central-1&lock=compliance&sse=aws:kms&kms-key=alias/x", "s3", true],
    ["s3://bucket/a?endpoint=http%3A%2F%2F127.0.0.1%3A7480", "s3", false],
    ["az://account1/vaults/a?lock=locked", "azure", true],
    ["gs://bucket/a?lock=unlocked", "gcs", true],
    ["sftp://user@host:2222/srv/vaults?fsync=no", "sftp", false],
    ["replicated:?first=file%3A%2F%2F%2Fa&second=s3%3A%2F%2Fbucket", "filesystem-and-s3", false],
  ])("%s is a store of the kind %s", async (url, name, objectLock) => {
    const store = await openStore(url, { credentials: (scheme) => (scheme === "sftp" ? sftp() : undefined) });
    expect(store.traits).toMatchObject({ name, objectLock });
  });

  test.each([
    ["s3://key:secret@bucket/a", /password.*environment/],
    ["sftp://user:secret@host/a", /password.*environment/],
    ["az://account1/vaults?sig=abc", /credential/],
    ["s3://bucket?secret-access-key=abc", /credential/],
    ["s3://bucket?retries=3", /retries=.*endpoint=/],
    ["s3://bucket?region=a&region=b", /twice/],
    ["s3://Bucket_/a", /bucket's name/],
    ["s3:bucket/a", /s3:\/\//],
    ["s3://bucket?lock=yes", /compliance or governance/],
    ["s3://bucket?sse=none", /AES256/],
    ["s3://bucket?kms-key=a", /sse=aws:kms/],
    ["s3://bucket?endpoint=ftp%3A%2F%2Fx", /endpoint=/],
    ["s3://bucket/a#b", /%23/],
    ["az://account1", /container/],
    ["az://ACCOUNT_1/vaults", /account/],
    ["gs://b", /bucket's name/],
    ["gs://bucket?lock=on", /locked or unlocked/],
    ["sftp://host/a", /user@host/],
    ["sftp://user@host", /no directory/],
    ["sftp://user@host/a?host-key=MD5:abc", /ssh-keygen/],
    ["sftp://user@host/a?fsync=yes", /fsync/],
    ["sftp://user@host/a/%00b", /no storage can hold/],
    ["replicated:?first=file%3A%2F%2F%2Fa", /second=/],
    ["replicated:?first=file%3A%2F%2F%2Fa&second=file%3A%2F%2F%2Fa", /one copy/],
    ["replicated:?first=file%3A%2F%2F%2Fa&second=replicated%3A%3Fx", /half of a pair/],
    ["ftp://host/a", /none that this program knows/],
  ])("%s is refused with what to write instead, and without what it held", async (url, message) => {
    const error = await openStore(url, { credentials: (scheme) => (scheme === "sftp" ? sftp() : undefined) }).then(() => null, (thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "store.bad_address", message: expect.stringMatching(message) });
    expect(error?.message).not.toMatch(/secret@|:secret|=abc/);
  });

  test("credentials for another kind of storage are refused", async () => {
    await expect(openStore("s3://bucket", { credentials: () => sftp() })).rejects.toMatchObject({ code: "store.refused" });
  });
});

describe("host keys", () => {
  const line = (hosts: string, blob = key.toString("base64")): string => `${hosts} ssh-ed25519 ${blob}\n`;
  const refuse = (knownHosts: string, more: { fingerprint?: string; port?: number } = {}) => refuseHostKey(key, { host: "backup.test", port: 22, knownHosts, ...more });

  test("a fingerprint in the address decides alone", () => {
    expect(refuse("", { fingerprint: fingerprint(key) })).toBeNull();
    expect(refuse(line("backup.test"), { fingerprint: `SHA256:${"A".repeat(43)}` })).toMatch(/the address asks for/);
  });

  test("known_hosts: plain names, other ports, lists of names, hashed names, comments", () => {
    expect(refuse(line("backup.test"))).toBeNull();
    expect(refuse(`# a comment\n\n${line("other.test,backup.test")}`)).toBeNull();
    expect(refuse(line("[backup.test]:2222"), { port: 2222 })).toBeNull();
    expect(refuse(line("backup.test"), { port: 2222 })).toMatch(/not in known_hosts/);
    const salt = Buffer.from(Array.from({ length: 20 }, (_, n) => n));
    expect(refuse(line(hashedName(salt, "backup.test")))).toBeNull();
    expect(refuse(line(hashedName(salt, "other.test")))).toMatch(/not in known_hosts/);
  });

  test("a changed, a revoked and a stranger's key are told apart", () => {
    expect(refuse(line("backup.test", Buffer.from("another").toString("base64")))).toMatch(/none that known_hosts has/);
    expect(refuse(`@revoked ${line("backup.test")}`)).toMatch(/revoked/);
    expect(refuse(`@cert-authority ${line("backup.test")}`)).toMatch(/not in known_hosts/);
    expect(refuse("")).toContain(fingerprint(key));
  });
});

function hashedName(salt: Buffer, name: string): string {
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

describe("how long objects are locked", () => {
  const s3: OpenOptions = { credentials: () => ({ kind: "s3", accessKeyId: "a", secretAccessKey: "b" }), retry: null };
  test.each([
    ["s3://bucket/p?endpoint=http://127.0.0.1:9&lock=compliance", 30],
    ["s3://bucket/p?endpoint=http://127.0.0.1:9&lock=governance&lock-days=400", 400],
    ["s3://bucket/p?endpoint=http://127.0.0.1:9", undefined],
  ])("%s: %s days", async (url, days) => {
    const store = await openStore(url, s3);
    expect([store.locks?.days, store.traits.objectLock]).toEqual([days, days !== undefined]);
    expect((await openStore(url, { credentials: s3.credentials! })).locks?.days).toBe(days);
  });
  test.each(["lock-days=30", "lock=compliance&lock-days=0", "lock=compliance&lock-days=3651", "lock=compliance&lock-days=1.5", "lock=constructor", "lock=locked", "lock=compliance&lock-days="])("refuses %s", async (parameters) => {
    await expect(openStore(`s3://bucket/p?${parameters}`, s3)).rejects.toMatchObject({ code: "store.bad_address" });
  });
});

describe("how fast", () => {
  const s3: OpenOptions = { credentials: () => ({ kind: "s3", accessKeyId: "a", secretAccessKey: "b" }), retry: null, patience: { answerMs: 1000, bytesPerSecond: 65536 } };
  test.each([["1000", 1000], ["2K", 2048], ["3M", 3 * 1024 * 1024]])("rate=%s is kept to: the line is waited for before the storage is asked", async (rate, bytesPerSecond) => {
    const slept: number[] = [];
    const store = await openStore(`s3://bucket/p?endpoint=http://127.0.0.1:9&rate=${rate}`, { ...s3, waiting: { random: () => 1, sleep: (ms) => Promise.resolve(void slept.push(ms)) } });
    await expect(store.putIfAbsent("a", Buffer.alloc(3 * bytesPerSecond, 1))).rejects.toThrow();
    expect(slept).toHaveLength(1);
    // A second's worth goes at once, and what has come in since the store was opened.
    expect(slept[0]).toBeGreaterThan(1000);
    expect(slept[0]).toBeLessThanOrEqual(2000);
  });
  test.each(["0", "", "fast", "5G", "-1", "1.5M"])("refuses rate=%s", async (rate) => {
    await expect(openStore(`sftp://u@host/path?rate=${rate}`, { credentials: () => ({ kind: "sftp", password: "x" }) })).rejects.toMatchObject({ code: "store.bad_address" });
  });
});
