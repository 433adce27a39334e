import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { scratchRooms } from "#app/platform/scratch.ts";
import { keyCustody } from "#app/platform/secrets/custody.ts";
import { allowedStores } from "#app/platform/stores.ts";
import { FixedClock } from "#tests/support/clock.ts";

describe("custody of content keys", () => {
  const clock = new FixedClock();
  const later = (ms: number) => new Date(clock.now().getTime() + ms);

  test("gives keys out once, to the run they were brought for", async () => {
    const custody = keyCustody(clock);
    const brought = new Map([["k1", new Uint8Array([1, 2])]]);
    await custody.deposit("r1", brought, later(1000));
    brought.get("k1")?.fill(0);
    expect(await custody.take("r2")).toBeNull();
    expect(await custody.take("r1")).toEqual(new Map([["k1", new Uint8Array([1, 2])]]));
    expect(await custody.take("r1")).toBeNull();
  });

  test("forgets and zeroes what was not fetched in time", async () => {
    const custody = keyCustody(clock);
    await custody.deposit("r1", new Map([["k1", new Uint8Array([1])]]), later(1000));
    clock.advance(1000);
    custody.sweep();
    expect(await custody.take("r1")).toBeNull();
  });
});

describe("stores a merchant may name", () => {
  const user = { shop: "maple.myshopify.com" };
  const none = () => Promise.resolve(null);
  const given = { kind: "s3", accessKeyId: "id", secretAccessKey: "secret" } as const;
  const names: Readonly<Record<string, string>> = { "s3.example.com": "93.184.216.34", "inside.example.com": "169.254.169.254", "half.example.com": "10.1.2.3" };
  const lookup = (name: string) => (names[name] === undefined ? Promise.reject(new Error("ENOTFOUND")) : Promise.resolve([{ address: names[name], family: 4 }]));

  test("lie below the folder this host keeps vaults in", async () => {
    const stores = allowedStores({ fileStores: "/srv/vaults", credentials: none, privateNetworks: false });
    expect((await stores.open("file:///srv/vaults/maple", user)).traits.name).toBe("filesystem");
    for (const url of ["file:///srv/vaults", "file:///etc", "file:///srv/vaults/../../etc", "file:///srv/vaults-other/x", "file:///srv/vaults/%2e%2e/%2e%2e/etc", "ftp://x/y", "replicated:?first=file%3A%2F%2F%2Fetc&second=file%3A%2F%2F%2Fvar"]) {
      await expect(stores.open(url, user)).rejects.toMatchObject({ code: "store.bad_address" });
    }
  });

  test("elsewhere are opened with what this shop entered for that very place, and with nothing else", async () => {
    const asked: string[] = [];
    const kept = (shop: string, url: string) => (asked.push(`${shop} ${url}`), Promise.resolve(shop === "maple.myshopify.com" ? given : null));
    const stores = allowedStores({ fileStores: "/srv/vaults", credentials: kept, privateNetworks: false, lookup });
    expect((await stores.open("s3://bucket/maple?region=eu-central-1", user)).traits.name).toBe("s3");
    expect(asked).toEqual(["maple.myshopify.com s3://bucket/maple?region=eu-central-1"]);
    await expect(stores.open("s3://bucket/maple?region=eu-central-1", { shop: "oak.myshopify.com" })).rejects.toMatchObject({ code: "store.refused" });
    // Those that are being tried go before those that are kept.
    await expect(stores.open("az://account1/vaults", { ...user, credential: given })).rejects.toMatchObject({ code: "store.refused" });
    for (const url of ["s3://bucket/a", "SFTP://user@s3.example.com/a", "gs://bucket/a", "az://account1/vaults"]) await expect(stores.open(url, { shop: "oak.myshopify.com" })).rejects.toMatchObject({ code: expect.stringMatching(/^store\.(refused|bad_address)$/) });
  });

  test("do not lead into the host's own networks, whatever their name", async () => {
    const open = (url: string, privateNetworks = false) => allowedStores({ fileStores: "/srv/vaults", credentials: () => Promise.resolve(given), privateNetworks, lookup }).open(url, user);
    expect((await open("s3://bucket/a?endpoint=https://s3.example.com")).traits.name).toBe("s3");
    for (const host of ["inside.example.com", "half.example.com", "127.0.0.1", "169.254.169.254", "[::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "0.0.0.0"]) {
      await expect(open(`s3://bucket/a?endpoint=http://${host}:9000`)).rejects.toMatchObject({ code: "store.bad_address" });
    }
    await expect(open("s3://bucket/a?endpoint=https://nobody.example.com")).rejects.toMatchObject({ code: "store.unreachable" });
    expect((await open("s3://bucket/a?endpoint=http://127.0.0.1:9000", true)).traits.name).toBe("s3");
  });
});

describe("scratch rooms", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-scratch-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("are private, and gone when they are removed", async () => {
    const rooms = scratchRooms(folder);
    const [one, two] = [await rooms.open(), await rooms.open()];
    expect(one.directory).not.toBe(two.directory);
    expect(one.recipient.keyId).not.toBe(two.recipient.keyId);
    expect(Object.keys(one.recipient.jwk)).not.toContain("d");
    await one.remove();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("of dead processes are swept, those of the living stay", async () => {
    const rooms = scratchRooms(folder);
    await rooms.open();
    writeFileSync(join(folder, "4194303-left"), "");
    expect(await rooms.sweep()).toBe(1);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});
