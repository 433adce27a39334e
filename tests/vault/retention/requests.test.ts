/** Privacy requests in the vault: sealed, signed, answered. */
import { describe, expect, it } from "@jest/globals";
import { answerRequest, putRequest, readRequests, verifyVault } from "#app/vault/index.ts";
import { keptVault } from "./kit.ts";

const REQUEST = { requestId: "b0f1-1", topic: "customers/redact", customerId: "gid://shopify/Customer/77123", orderIds: ["gid://shopify/Order/5"], receivedAt: "2026-03-02T00:00:00.000Z", dueAt: "2026-04-01T00:00:00.000Z" };

describe("a privacy request in the vault", () => {
  it("is read back by whoever has the index key, and tells nobody else whom it is about", async () => {
    const kept = await keptVault();
    const { description } = await kept.open();
    const keeper = { store: kept.store, description, ...kept.test.hostKeys, clock: kept.clock, random: kept.test.random };
    await putRequest(keeper, REQUEST);
    await putRequest(keeper, { ...REQUEST, customerId: "another" });
    expect(await readRequests(kept.store, description, keeper.indexKey)).toMatchObject({ requests: [REQUEST], damaged: [] });
    expect(await readRequests(kept.store, description, null)).toMatchObject({ requests: [], damaged: [] });
    const stored = Buffer.from(kept.store.objects.get("requests/b0f1-1.json") ?? []).toString();
    const payload = Buffer.from((JSON.parse(stored) as { payload: string }).payload, "base64url").toString();
    const inside = Buffer.from((JSON.parse(payload) as { sealed: string }).sealed, "base64url").toString("latin1");
    for (const text of [stored, payload, inside]) expect(text).not.toContain("77123");
    // Of another vault's index key, or under another request's name, it is damaged.
    expect(await readRequests(kept.store, description, new Uint8Array(32))).toMatchObject({ requests: [], damaged: ["requests/b0f1-1.json"] });
    kept.store.objects.set("requests/b0f1-2.json", kept.store.objects.get("requests/b0f1-1.json") as Uint8Array);
    expect((await verifyVault({ store: kept.store, readData: false })).findings).toMatchObject([{ code: "request.damaged", object: "requests/b0f1-2.json" }]);
  });

  it("has the newest of its answers", async () => {
    const kept = await keptVault();
    const { description } = await kept.open();
    const keeper = { store: kept.store, description, ...kept.test.hostKeys, clock: kept.clock, random: kept.test.random };
    await putRequest(keeper, REQUEST);
    await answerRequest(keeper, { requestId: "b0f1-1", by: "cli", code: "compliance.held", hold: "00112233445566ff" });
    await answerRequest(keeper, { requestId: "b0f1-1", by: "staff:42", code: "compliance.erased", object: "redactions/0000000001.certificate-1.json", digest: "ab".repeat(32) });
    expect((await readRequests(kept.store, description, keeper.indexKey)).answers.get("b0f1-1")).toMatchObject({ by: "staff:42", code: "compliance.erased" });
  });
});
