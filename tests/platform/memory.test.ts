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
  test("lie below the folder this host keeps vaults in", async () => {
    const stores = allowedStores("/srv/vaults");
    expect((await stores.open("file:///srv/vaults/maple")).traits.name).toBe("filesystem");
    for (const url of ["file:///srv/vaults", "file:///etc", "file:///srv/vaults/../../etc", "file:///srv/vaults-other/x", "file:///srv/vaults/%2e%2e/%2e%2e/etc", "s3://bucket/a", "SFTP://user@host/a", "gs://bucket/a", "az://account1/vaults", "replicated:?first=file%3A%2F%2F%2Fetc&second=file%3A%2F%2F%2Fvar"]) {
      await expect(stores.open(url)).rejects.toMatchObject({ code: "store.bad_address" });
    }
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
