/** Large plans: lines go to the vault as they come, and a page opens the chunks that it shows. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { RestoreKeeper } from "#app/vault/index.ts";
import { canonicalJson } from "#app/workflows/restore/canonical.ts";
import { ChunkWriter, plannedFamilies } from "#app/workflows/restore/plan-store.ts";
import type { PlannedFamily } from "#app/workflows/restore/plan-types.ts";
import { seededRandom } from "#tests/support/random.ts";
import { planWorld, vaultOf, type PlanWorld } from "./support/world.ts";

const FAMILIES = 40_000;
const family = (n: number): PlannedFamily => ({
  kind: "Customer", id: `gid://shopify/Customer/${n}`, action: "update", changes: [{ kind: "Customer", id: `gid://shopify/Customer/${n}`, fields: ["note", "tags", "metafield:clinic.allergies"] }],
  losses: [{ kind: "Customer", field: "createdAt", reason: "platform.assigns" }], costPoints: 10, conflict: null, seen: "0".repeat(32),
});

let world: PlanWorld;
let keeper: RestoreKeeper;
let writer: ChunkWriter;
let mostHeld = 0;
beforeAll(async () => {
  world = await planWorld();
  const vault = await vaultOf(world);
  const [hostKeys] = world.ports.hostKeys.values();
  keeper = { store: world.store, description: vault.description, indexKey: vault.indexKey, signingKey: hostKeys!.signingKey, random: seededRandom("chunks") };
  writer = new ChunkWriter(keeper, "large", 1);
  let written = 0;
  for (let n = 0; n < FAMILIES; n++) {
    await writer.add(family(n));
    const told = writer.chunks.reduce((sum, { families }) => sum + families, 0);
    if (told > written) written = told;
    mostHeld = Math.max(mostHeld, n + 1 - written);
  }
  await writer.flush();
}, 60_000);

describe("a plan of many records", () => {
  it("is written in chunks while it is made: what waits in memory does not grow with it", () => {
    expect(writer.chunks.length).toBeGreaterThanOrEqual(3);
    expect(writer.chunks.reduce((sum, { families }) => sum + families, 0)).toBe(FAMILIES);
    // 4 MiB of lines, whatever comes after.
    expect(mostHeld).toBeLessThan(FAMILIES / 2);
    expect(mostHeld * canonicalJson(family(FAMILIES)).length).toBeLessThan(5 * 1024 * 1024);
  });

  it("is read from any place, and only the chunks from there on are opened", async () => {
    const read: string[] = [];
    const store = Object.create(world.store, { get: { value: (key: string) => (read.push(key), world.store.get(key)) } }) as typeof world.store;
    const from = FAMILIES - 10;
    const found: string[] = [];
    for await (const { id } of plannedFamilies({ ...keeper, store }, { planId: "large", chunks: writer.chunks }, from)) found.push(id);
    expect(found).toEqual(Array.from({ length: 10 }, (_, n) => family(from + n).id));
    expect(read).toHaveLength(1);
  });

  it("refuses a chunk in another's place", async () => {
    const [first, second, ...rest] = writer.chunks;
    const swapped = { planId: "large", chunks: [{ ...first!, name: second!.name }, second!, ...rest] };
    const reading = (async () => {
      for await (const _ of plannedFamilies(keeper, swapped)) continue;
    })();
    await expect(reading).rejects.toMatchObject({ code: "restore.digest_mismatch" });
  });
});
