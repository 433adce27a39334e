/** From what a merchant fills in to an address that the stores understand, and what opens it. */
import { describe, expect, test } from "@jest/globals";
import { openStore } from "#app/stores/index.ts";
import { addressOf, credentialOf, kindOfAddress, MORE_FIELDS, problemsOf, type StorageKind, type Values } from "#app/ui/present/storage-fields.ts";
import { StorageCredentialShape } from "#app/workflows/setup/storage-credential-shape.ts";

const FILLED: Readonly<Record<Exclude<StorageKind, "file">, Values>> = {
  s3: { bucket: "backups", folder: "/holdfast/maple/", region: "eu-central-1", endpoint: "https://s3.example.com", accessKeyId: "id", secretAccessKey: "secret" },
  az: { account: "account1", container: "vaults", folder: "maple", sasToken: "sv=1&sig=2" },
  gs: { bucket: "backups", folder: "maple", serviceAccount: JSON.stringify({ type: "service_account", client_email: "a@b", private_key: "k" }) },
  sftp: { host: "backup.example.com:2222", user: "holdfast", folder: "/srv/holdfast/maple", hostKey: `SHA256:${"a+/".repeat(14)}a`, password: "secret" },
};

describe.each(Object.entries(FILLED) as [Exclude<StorageKind, "file">, Values][])("%s", (kind, values) => {
  test("gives an address that opens with what was entered", async () => {
    const address = addressOf(kind, values)!;
    const credential = credentialOf(kind, values);
    expect(kindOfAddress(address)).toBe(kind);
    expect(StorageCredentialShape.parse(credential)).toEqual(credential);
    expect((await openStore(address, { credentials: () => credential as never })).traits.name).toMatch(/s3|azure|gcs|google|sftp/i);
  });
  test("is not whole without each thing that is needed", () => {
    const optional = ["endpoint"];
    for (const name of Object.keys(values)) {
      const without = { ...values, [name]: " " };
      const whole = addressOf(kind, without) !== null && credentialOf(kind, without) !== "missing";
      expect({ name, whole }).toEqual({ name, whole: optional.includes(name) });
    }
  });
});

const MORE: Readonly<Record<Exclude<StorageKind, "file">, Values>> = {
  s3: { lock: "compliance", lockDays: "90", sse: "aws:kms", kmsKey: "alias/backups", rate: "5" },
  az: { lock: "locked", lockDays: "7", encryptionScope: "own", rate: "5" },
  gs: { lock: "unlocked", lockDays: "3650", kmsKey: "projects/p/locations/l/keyRings/r/cryptoKeys/k", rate: "1" },
  sftp: { rate: "2" },
};

describe.each(Object.entries(MORE) as [Exclude<StorageKind, "file">, Values][])("more settings of %s", (kind, more) => {
  test("reach the address, which the stores understand", async () => {
    expect(Object.keys(more).sort()).toEqual(MORE_FIELDS[kind].map(({ name }) => name).sort());
    const address = addressOf(kind, { ...FILLED[kind], ...more })!;
    for (const entered of Object.values(more)) expect(decodeURIComponent(address)).toContain(`=${entered}`);
    const store = await openStore(address, { credentials: () => credentialOf(kind, FILLED[kind]) as never });
    expect([store.traits.objectLock, store.locks?.days]).toEqual([more["lock"] !== undefined, more["lockDays"] === undefined ? undefined : Number(more["lockDays"])]);
  });
});

test.each([
  ["s3", { lockDays: "30" }, "lockDays"],
  ["s3", { lock: "compliance", lockDays: "0" }, "lockDays"],
  ["gs", { lock: "locked", lockDays: "3651" }, "lockDays"],
  ["az", { lock: "locked", lockDays: "a week" }, "lockDays"],
  ["s3", { kmsKey: "alias/x", sse: "AES256" }, "kmsKey"],
  ["sftp", { rate: "0" }, "rate"],
] as const)("%s with %o: says what is wrong with it, and gives no address", (kind, more, name) => {
  const values = { ...FILLED[kind], ...more };
  expect(Object.keys(problemsOf(kind, values))).toEqual([name]);
  expect(addressOf(kind, values)).toBeNull();
});
test("what was typed for another kind of storage is no problem of this one", () => {
  expect(problemsOf("file", { lockDays: "none", rate: "x" })).toEqual({});
});
