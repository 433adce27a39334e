/** What the browser makes is what the vault looks up: the same keys, the same tokens. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { exportJWK, generateKeyPair } from "jose";
import { queryTerms, recordTerms } from "#app/terms/index.ts";
import { packTokens, searchKeys, searchMaterial } from "#app/vault/index.ts";
import { openSearch, searchTokens, type SearchKeyring } from "#app/ui/browser/search.ts";
import { readIdentity } from "#app/ui/browser/identity.ts";
import type { Identity } from "#app/ui/browser/identity.ts";
import type { FindMaterialModel } from "#app/ui/models/find.ts";
import { presentFindMaterial } from "#app/ui/present/find.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { identityFrom, newTestVault, type TestVault } from "#tests/support/vault-kit.ts";

let store: MemoryStore;
let world: TestVault;
let identity: Identity;
let material: FindMaterialModel;

async function fileOf(jwk: object): Promise<Identity> {
  const read = await readIdentity(JSON.stringify(jwk));
  if (!read.ok) throw new Error(read.problem);
  return read.identity;
}

beforeAll(async () => {
  store = new MemoryStore();
  const { privateKey } = await generateKeyPair("ECDH-ES+A256KW", { extractable: true, crv: "P-256" });
  const jwk = (await exportJWK(privateKey)) as { kty: string };
  identity = await fileOf(jwk);
  world = await newTestVault(store, "browser", await identityFrom(jwk));
  for (let run = 0; run < 3; run++) {
    const writer = await world.vault.beginSnapshot({ source: { type: "test", name: "test" }, terms: recordTerms });
    const id = `gid://shopify/Customer/${run}`;
    await writer.write([{ kind: "Customer", id, parentId: null, bytes: Buffer.from(JSON.stringify({ id, lastName: "Brandt", note: "synthetic" })) }], "all");
    await writer.commit();
  }
  const { vaultId, packs, keys } = await searchMaterial(store, world.vault.description);
  material = presentFindMaterial({
    kind: "ready",
    vaultId,
    recipients: [identity.keyId],
    keys: keys.map(({ keyId, jwe }) => ({ keyId, jwe: Buffer.from(jwe).toString("utf8") })),
    packs: packs.map(({ pack, keyId, secret }) => ({ pack, keyId, secret: Buffer.from(secret).toString("base64url") })),
  });
});

async function opened(of = material): Promise<SearchKeyring> {
  const search = await openSearch(identity, of);
  if (!search.ok) throw new Error(search.problem);
  return search.keyring;
}

describe("tokens made in the browser", () => {
  it("are those that the vault makes with the same identity", async () => {
    const query = { field: "name", value: "BRANDT ada" } as const;
    const tokens = await searchTokens(await opened(), query);
    const keys = searchKeys(store, world.vault.description, world.keys);
    expect(tokens).toHaveLength(3);
    for (const { pack, blocksKey, groups } of tokens) {
      const expected = packTokens(pack, (await keys.get(pack)) as Uint8Array, queryTerms(query));
      expect(blocksKey).toBe(Buffer.from(expected.blocksKey).toString("base64url"));
      expect(groups).toEqual(expected.groups.map((group) => group.map((token) => Buffer.from(token).toString("base64url"))));
    }
  });
  it("hold nothing of what was typed, in any form that could be read", async () => {
    const sent = JSON.stringify(await searchTokens(await opened(), { field: "email", value: "canary.person@example.com" }));
    for (const form of ["canary", "example", Buffer.from("canary.person@example.com").toString("base64url").slice(0, 20), Buffer.from("canary.person@example.com").toString("hex")]) expect(sent).not.toContain(form);
  });
  it("are none where nothing can have such a value", async () => {
    expect(await searchTokens(await opened(), { field: "email", value: "no address" })).toEqual([]);
  });
  it("are made for the other packs where one key or one secret is damaged", async () => {
    const [first, ...others] = material.packs as [FindMaterialModel["packs"][number], ...FindMaterialModel["packs"]];
    const keyring = await opened({ ...material, packs: [{ ...first, secret: first.secret.slice(0, -4) + "AAAA" }, ...others] });
    expect({ packs: keyring.packs.length, closed: keyring.closed }).toEqual({ packs: 2, closed: 1 });
    const [key, ...keys] = material.sealedKeys as [FindMaterialModel["sealedKeys"][number], ...FindMaterialModel["sealedKeys"]];
    const less = await opened({ ...material, sealedKeys: [{ ...key, jwe: { ...key.jwe, ciphertext: "AAAA" } as never }, ...keys] });
    expect(less.packs).toHaveLength(2);
  });
  it("cannot be made with somebody else's identity, and it says whose would do", async () => {
    const stranger = await generateKeyPair("ECDH-ES+A256KW", { extractable: true, crv: "P-256" });
    expect(await openSearch(await fileOf(await exportJWK(stranger.privateKey)), material)).toMatchObject({ ok: false, problem: "wrong_identity", needs: [identity.keyId] });
  });
});
