/** The vault of format 2 that has lived, as it was written: it is clean, it gives back every record but the erased one, it goes on; and broken, it is called what it is. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { contentKeys, openVault, openVaultWithIdentity, readRedactions, repairVault } from "#app/vault/index.ts";
import type { HostKeys, Jwk } from "#app/vault/index.ts";
import { checkVault } from "#app/workflows/verify/check-vault.ts";
import { Bucket, cloneOf, freshlyChecked, ledgerOf } from "#tests/faults/whole-vault.ts";
import { identityFrom, readAll, record, SCRATCH, seededRandom, snapshotOf, steadyClock } from "#tests/support/vault-kit.ts";

const room = join(__dirname, "format-v2");
interface Expected {
  readonly snapshotId: string;
  readonly root: string;
  readonly records: number;
  readonly complete: boolean;
  readonly held: readonly (readonly [string, string, string | null, string])[];
}
const expected = JSON.parse(readFileSync(join(room, "expected.json"), "utf8")) as Expected[];
const keys = JSON.parse(readFileSync(join(room, "keys.json"), "utf8")) as { identities: [Jwk, Jwk]; hostKeys: Omit<HostKeys, "indexKey"> & { indexKey: string }; kept: string };
const hostKeys: HostKeys = { ...keys.hostKeys, indexKey: Buffer.from(keys.hostKeys.indexKey, "hex") };
const piece = new Bucket();
for (const entry of readdirSync(join(room, "vault"), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile()) piece.objects.set(path.slice(join(room, "vault").length + 1).replaceAll("\\", "/"), Uint8Array.from(readFileSync(path)));
}
const named = (pattern: RegExp): string => [...piece.objects.keys()].filter((key) => pattern.test(key)).sort()[0] as string;

describe("the vault of format 2", () => {
  it("has packs of version 2, and one of version 1, which is what a redaction writes", () => {
    expect([...piece.objects].flatMap(([key, body]) => (/^packs\/..\/[0-9a-f]+$/.test(key) ? [body[7]] : [])).sort()).toEqual([1, 2, 2, 2]);
  });

  it("is clean to every verifier, and continues what the officer kept", async () => {
    for (const opener of [null, (await identityFrom(keys.identities[0] as never)).opener, (await identityFrom(keys.identities[1] as never)).opener]) {
      for (const host of [null, hostKeys]) {
        const checked = await checkVault({ store: piece, readData: true, opener, hostKeys: host, scratchDirectory: SCRATCH, keptCheckpoint: keys.kept, ledger: (vaultId) => ledgerOf(piece, vaultId, null), onProgress: () => undefined });
        expect(checked.findings).toEqual([]);
        expect(checked.report.snapshots).toBe(expected.length);
      }
    }
  });

  it("gives back every snapshot to either identity, by arrival and by key, without the erased record", async () => {
    for (const jwk of keys.identities) {
      const { opener } = await identityFrom(jwk as never);
      const vault = await openVaultWithIdentity({ store: piece, opener, vaultId: hostKeys.vaultId });
      expect((await vault.snapshots()).map(({ snapshotId, root, records, complete }) => ({ snapshotId, root, records, complete }))).toEqual(expected.map(({ held: _, ...rest }) => rest));
      for (const { snapshotId, held } of expected) {
        for (const order of ["stored", "key"] as const) {
          const back = await readAll(vault, snapshotId, contentKeys(piece, opener), order);
          expect(back.map(({ kind, id, parentId, bytes }) => JSON.stringify([kind, id, parentId, Buffer.from(bytes).toString("utf8")])).sort()).toEqual(held.map((item) => JSON.stringify(item)).sort());
        }
      }
      expect((await readRedactions(piece, vault.description)).size).toBe(1);
      expect(expected.flatMap(({ held }) => held).filter(([, id]) => id === "id7")).toEqual([]);
    }
  });

  it("takes another snapshot, and the same content still gives the same root", async () => {
    const store = cloneOf(piece);
    const vault = await openVault({ store, hostKeys, clock: steadyClock("2027-01-01T00:00:00.000Z"), random: seededRandom("after"), scratchDirectory: SCRATCH });
    const [newest] = expected as [Expected];
    expect(await snapshotOf(vault, newest.held.map(([kind, id, parentId, text]) => record(kind, id, text, parentId)))).toMatchObject({ root: newest.root, added: 0, changed: 0, removed: 0, complete: true });
  });
});

describe("the same vault, broken", () => {
  const flip = (body: Uint8Array): Uint8Array => body.map((byte, i) => (i === body.length >> 1 ? byte ^ 4 : byte));
  const pieces: [string, string, ((body: Uint8Array) => Uint8Array) | null, string][] = [
    ["the description flipped", "vault.json", flip, "description.damaged"],
    ["a pack flipped", named(/^packs\/..\/[^.]+$/), flip, "pack.damaged"],
    ["a pack gone", named(/^packs\/..\/[^.]+$/), null, "pack.missing"],
    ["a pack key flipped", named(/\.key$/), flip, "pack_key.damaged"],
    ["a rotated key flipped", named(/^keys\/[0-9a-f]+\.g1\.jwe$/), flip, "key.damaged"],
    ["the list of recipients flipped", "recipients/1.json", flip, "recipients.damaged"],
    ["the redaction flipped", named(/^redactions\/\d+\.json$/), flip, "redaction.damaged"],
    ["the prune flipped", named(/^prunes\/\d+\.json$/), flip, "prune.damaged"],
    ["the hold flipped", named(/^holds\//), flip, "hold.damaged"],
    ["a manifest flipped", named(/^snapshots\//), flip, "manifest.damaged"],
    ["parity flipped", named(/^parity\/packs\/..\/[^.]+$/), flip, "parity.damaged"],
    ["parity gone", named(/^parity\/packs\/..\/[^.]+$/), null, "parity.missing"],
    ["a checkpoint flipped", named(/^ledger\/checkpoints\//), flip, "ledger.bad_signature"],
  ];
  it.each(pieces)("%s: is named by a verifier without keys, and mended from a copy", async (_, object, change, code) => {
    const store = cloneOf(piece);
    if (change === null) store.objects.delete(object);
    else store.objects.set(object, change(store.objects.get(object) as Uint8Array));
    const { ok, findings } = await freshlyChecked(store, keys.kept);
    expect(ok).toBe(false);
    expect(findings.filter((finding) => finding.object === object).map((finding) => finding.code)).toEqual([code]);
    if (object.startsWith("ledger/")) return;
    expect((await repairVault({ store, from: piece })).mended.map((item) => item.object)).toEqual([object]);
    expect(Buffer.compare(store.objects.get(object) as Uint8Array, piece.objects.get(object) as Uint8Array)).toBe(0);
  });

  it("with every object flipped at once that parity keeps, is mended by itself", async () => {
    const store = cloneOf(piece);
    const hurt = [...piece.objects.keys()].filter((key) => piece.objects.has(`parity/${key}`));
    for (const key of hurt) store.objects.set(key, flip(store.objects.get(key) as Uint8Array));
    await repairVault({ store });
    const wrong = hurt.filter((key) => Buffer.compare(store.objects.get(key) as Uint8Array, piece.objects.get(key) as Uint8Array) !== 0);
    // What nothing needs any more is not mended: the prune's garbage.
    const { report } = await freshlyChecked(piece, keys.kept);
    expect(wrong.filter((key) => !report.orphans.includes(key))).toEqual([]);
  });
});
