/** From what a merchant fills in to an address that the stores understand, and what opens it. */
import { describe, expect, test } from "@jest/globals";
import { openStore } from "#app/stores/index.ts";
import { addressOf, credentialOf, kindOfAddress, type StorageKind, type Values } from "#app/ui/present/storage-fields.ts";
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
