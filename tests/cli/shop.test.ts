/** A shop from its start to a drill, with nothing but the command. */
import { describe, expect, test } from "@jest/globals";
import { existsSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import { finished, Host, type Json } from "./support.ts";

const host = new Host();
const VAULT = host.url("vault");

describe("a sandbox shop", () => {
  test("is started, copied with its own counts reconciled, stopped, and rehearsed; the drill is in the ledger", async () => {
    await host.expect(0, "keys", "new", "--out", "keys");
    await host.expect(0, "vault", "create", VAULT, "--recipient", "keys/recipient.jwk");
    const child = host.start(["sandbox", "start", "--customers", "20", "--orders", "8", "--seed", "7", "--json"]);
    const ended = finished(child);
    const [line] = (await once(child.stdout!, "data")) as [Buffer];
    const shop = JSON.parse(line.toString()) as { url: string; shop: string };
    const note = path.join(host.home, "sandbox", `${shop.shop}.json`);
    expect(statSync(note).mode & 0o777).toBe(0o600);
    expect((JSON.parse(readFileSync(note, "utf8")) as Json)["url"]).toBe(shop.url);

    const taken = (await host.expect(0, "snapshot", VAULT, "--source", `shopify:${shop.shop}`, "--json")).json();
    expect(taken).toMatchObject({ complete: true, gaps: [], kinds: { Customer: { records: 20, expected: 20 }, Order: { records: 8, expected: 8 } } });
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect(existsSync(note)).toBe(false);

    const drill = (await host.expect(0, "drill", VAULT, "latest", "--identity", "keys/identity.jwk", "--json")).json();
    expect(drill).toMatchObject({ passed: true, code: "drill.passed", snapshotId: taken.snapshotId, compared: taken.records, differences: [], refused: 0, recorded: true });
    expect(drill["rtoMs"]).toBeGreaterThan(0);
    // The report is worked out offline, from the signed record; one that is taken away is missed.
    const report = (await host.expect(0, "drill", "report", VAULT, "--json")).json();
    expect(report).toMatchObject({ ok: true, findings: [], figures: { held: 1, passed: 1, successRate: 1, certified: 0, weeksDue: 0 } });
    expect((report["drills"] as { snapshotId: string }[])[0]?.snapshotId).toBe(taken.snapshotId);
    expect((await host.expect(0, "drill", "report", VAULT)).stdout.toString()).toContain("1 of 1 drill passed");
    await host.expect(2, "drill", "report", VAULT, "--from", "yesterday");
    await host.expect(2, "drill", "report", VAULT, "--vault-id", "00".repeat(16));
    expect((await host.expect(0, "verify", VAULT, "--json")).json()).toMatchObject({ ok: true, ledger: { size: 4 } });
  }, 120_000);
});
