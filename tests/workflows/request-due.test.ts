/** Full snapshots and readings of changes are one sort of run, of which a shop has one at a time. */
import { describe, expect, it } from "@jest/globals";
import { requestDueSnapshot } from "#app/workflows/snapshot/request-due.ts";
import { requestSnapshot } from "#app/workflows/snapshot/request-snapshot.ts";
import { linkedShop, SHOP, STAFF } from "./support/linked-shop.ts";

const DUE = new Date("2026-11-22T03:00:00Z");

describe("a snapshot that falls due", () => {
  it("of changes asks for changes, and for nothing where another run is under way", async () => {
    const { process } = await linkedShop();
    expect(await requestDueSnapshot(process, { shop: SHOP, dueAt: DUE, scope: "changes" })).toBe("asked");
    const [run] = await process.runs.list(SHOP, { kind: "snapshot" });
    expect(run).toMatchObject({ input: { scope: "changes" }, requestedBy: "schedule" });
    expect(await requestDueSnapshot(process, { shop: SHOP, dueAt: DUE, scope: "changes" })).toBe("asked");
    expect(await process.runs.list(SHOP, { kind: "snapshot" })).toHaveLength(1);
  });

  it("whole is not lost to a reading of changes: one that waits gives way, and one that runs is waited for", async () => {
    const { process } = await linkedShop();
    await requestDueSnapshot(process, { shop: SHOP, dueAt: DUE, scope: "changes" });
    expect(await requestDueSnapshot(process, { shop: SHOP, dueAt: DUE, scope: "whole" })).toBe("asked");
    const open = (await process.runs.list(SHOP, { kind: "snapshot" })).filter(({ state }) => state === "queued");
    expect(open.map(({ input }) => input)).toEqual([{}]);

    const other = await linkedShop();
    await requestDueSnapshot(other.process, { shop: SHOP, dueAt: DUE, scope: "changes" });
    const [changes] = await other.process.runs.list(SHOP, { kind: "snapshot" });
    const lease = await other.process.runs.claim(changes!.id);
    expect(await requestDueSnapshot(other.process, { shop: SHOP, dueAt: DUE, scope: "whole" })).toBe("later");
    await lease!.finish({ state: "succeeded", code: "snapshot.committed" });
    expect(await requestDueSnapshot(other.process, { shop: SHOP, dueAt: DUE, scope: "whole" })).toBe("asked");
  });

  it("is whole when a person asks, whatever waits", async () => {
    const { process } = await linkedShop();
    await requestDueSnapshot(process, { shop: SHOP, dueAt: DUE, scope: "changes" });
    const asked = await requestSnapshot(process, { shop: SHOP, actor: STAFF });
    expect(asked).toMatchObject({ kind: "requested", run: { input: {} } });
  });
});
