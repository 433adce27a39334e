import { describe, expect, test } from "@jest/globals";
import { ask, parseLines, settled, startBulk, startShop } from "./support.ts";

const CUSTOMERS = "{ customers { nodes { id firstName metafields { nodes { id value } } } } }";

async function read(response: Response): Promise<{ readonly bytes: Buffer; readonly cut: boolean }> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) parts.push(part);
    return { bytes: Buffer.concat(parts), cut: false };
  } catch {
    return { bytes: Buffer.concat(parts), cut: true };
  }
}

describe("faults", () => {
  // One cut falls below what a socket takes at once, the other above it.
  test.each([20_011, 100_001])("a download is cut in the middle of a line at byte %i, and a range request goes on from there", async (atByte) => {
    const shop = await startShop({ customers: 400 });
    const { id } = await startBulk(shop, CUSTOMERS);
    const { url } = await settled(shop, id ?? "");
    const whole = (await read(await fetch(url))).bytes;
    shop.setFaults({ cutDownload: { atByte, times: 1 } });
    const first = await read(await fetch(url));
    expect(first.cut).toBe(true);
    expect(first.bytes.length).toBe(atByte);
    expect(first.bytes.at(-1)).not.toBe(10);
    const rest = await read(await fetch(url, { headers: { Range: `bytes=${first.bytes.length}-` } }));
    expect(rest.cut).toBe(false);
    expect(Buffer.concat([first.bytes, rest.bytes]).equals(whole)).toBe(true);
  });

  test("a bulk operation fails part of the way and leaves what it had", async () => {
    const shop = await startShop({ customers: 900, faults: { failBulk: { afterObjects: 1000, times: 1, errorCode: "TIMEOUT" } } });
    const failed = await settled(shop, (await startBulk(shop, CUSTOMERS, true)).id ?? "");
    expect(failed).toMatchObject({ status: "FAILED", errorCode: "TIMEOUT", url: null, objectCount: "1000" });
    const partial = parseLines(await (await fetch(failed.partialDataUrl)).text());
    expect(partial).toHaveLength(1000);
    const again = await settled(shop, (await startBulk(shop, CUSTOMERS, true)).id ?? "");
    expect(again.status).toBe("COMPLETED");
    expect(parseLines(await (await fetch(again.url)).text()).slice(0, 1000)).toEqual(partial);
  });

  test("lines that are no JSON and lines twice stand where they should, also in a range", async () => {
    const shop = await startShop({ customers: 700, faults: { invalidLineEvery: 500, duplicateLineEvery: 300 } });
    const found = await settled(shop, (await startBulk(shop, CUSTOMERS)).id ?? "");
    const text = await (await fetch(found.url)).text();
    expect(String(Buffer.byteLength(text))).toBe(found.fileSize);
    const lines = text.trimEnd().split("\n");
    const objects = Number(found.objectCount);
    const broken = lines.filter((line) => !line.endsWith("}"));
    expect(broken).toHaveLength(Math.floor(objects / 500));
    expect(lines.length).toBe(objects + Math.floor(objects / 500) + Math.floor(objects / 300));
    const tail = await (await fetch(found.url, { headers: { Range: "bytes=-5000" } })).text();
    expect(text.endsWith(tail)).toBe(true);
  });

  test("a slow download takes its time, by the sandbox's own clock", async () => {
    const slept: number[] = [];
    const shop = await startShop({ customers: 50, clock: { now: () => new Date(), sleep: (ms) => (slept.push(ms), Promise.resolve()) }, faults: { slowDownload: 10_000 } });
    const found = await settled(shop, (await startBulk(shop, CUSTOMERS)).id ?? "");
    const bytes = (await (await fetch(found.url)).arrayBuffer()).byteLength;
    expect(slept.reduce((sum, one) => sum + one, 0)).toBeCloseTo((bytes / 10_000) * 1000, 0);
  });

  test("requests are throttled by chance, the same ones each time", async () => {
    const run = async (): Promise<boolean[]> => {
      const shop = await startShop({ customers: 1, seed: "luck", faults: { throttle: 0.4 } });
      const fates: boolean[] = [];
      for (let n = 0; n < 25; n++) fates.push((await ask(shop, "{ shop { name } }")).errors?.[0]?.extensions.code === "THROTTLED");
      return fates;
    };
    const fates = await run();
    expect(fates.filter(Boolean).length).toBeGreaterThan(3);
    expect(fates.filter(Boolean).length).toBeLessThan(20);
    expect(await run()).toEqual(fates);
  });

  test("are switched over the wire as well, by JSON only", async () => {
    const shop = await startShop({ customers: 1 });
    const put = (type: string): Promise<Response> => fetch(`${shop.url}/sandbox/faults`, { method: "POST", headers: { "Content-Type": type }, body: '{"throttle":1}' });
    expect((await put("text/plain")).status).toBe(400);
    expect((await ask(shop, "{ shop { name } }")).errors).toBeUndefined();
    expect((await put("application/json")).status).toBe(200);
    expect((await ask(shop, "{ shop { name } }")).errors?.[0]?.extensions.code).toBe("THROTTLED");
  });
});
