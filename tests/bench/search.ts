/**
 * How long it takes to find somebody: makes a vault of many records and runs in a directory, then looks in a process of its own, whose memory is measured.
 *   node tests/bench/search.ts [--records 1000000] [--runs 60] [--changed 2000] [--folder DIR]
 * `--folder`: keeps the vault there, and uses the one that is there. `--latency`: milliseconds that each read of the store takes besides, as an object storage's does.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { newIdentity, openHolder } from "#app/keys/index.ts";
import { FilesystemStore, MeasuredStore } from "#app/stores/index.ts";
import { queryTerms, recordTerms, type Query } from "#app/terms/index.ts";
import { contentKeys, createVault, findInVault, openVault, openVaultWithIdentity, searchKeys, type ObjectStore, type SourceRecord } from "#app/vault/index.ts";
import { seededRandom } from "./export-file.ts";

const { values: options } = parseArgs({
  options: { records: { type: "string", default: "1000000" }, runs: { type: "string", default: "60" }, changed: { type: "string", default: "2000" }, latency: { type: "string", default: "0" }, find: { type: "string" }, folder: { type: "string" } },
});
const FIRST = Array.from({ length: 2000 }, (_, i) => `Given${String.fromCharCode(97 + (i % 26))}${i.toString(36)}`);
const LAST = Array.from({ length: 20_000 }, (_, i) => `Family${i.toString(36)}`);
const clock = { now: () => new Date() };
const total = Number(options.records);

/** A third customers, a third orders, a third metafields. Names as uneven as people's: a few are everywhere. */
function recordOf(i: number, revision: number): SourceRecord {
  const r = seededRandom(i * 7 + revision);
  const uneven = (n: number): number => Math.floor(r() ** 3 * n);
  const person = Math.floor(i / 3);
  const customer = `gid://shopify/Customer/${7_000_000_000 + person}`;
  const name = { firstName: FIRST[uneven(FIRST.length)], lastName: LAST[uneven(LAST.length)] };
  const made: { kind: string; id: string; parentId: string | null; members: object } =
    i % 3 === 0
      ? { kind: "Customer", id: customer, parentId: null, members: { ...name, note: `SYNTHETIC r${revision} ${"refill after review ".repeat(12)}`, defaultEmailAddress: { emailAddress: `person${person}@example.com` }, defaultPhoneNumber: { phoneNumber: `+1555${String(person).padStart(7, "0")}` } } }
      : i % 3 === 1
        ? { kind: "Order", id: `gid://shopify/Order/${person}`, parentId: null, members: { name: `#${person}`, customer: { id: customer }, email: `person${person}@example.com`, shippingAddress: name, note: `SYNTHETIC r${revision} ${"leave at the door ".repeat(10)}` } }
        : { kind: "Metafield", id: `gid://shopify/Metafield/${person}`, parentId: customer, members: { namespace: "synthetic", key: "note", value: `SYNTHETIC r${revision} ${r().toString(36)}` } };
  const { kind, id, parentId, members } = made;
  return { kind, id, parentId, bytes: Buffer.from(JSON.stringify({ id, ...members })) };
}

class Slow extends MeasuredStore {
  gets = 0;
  override async get(...args: Parameters<ObjectStore["get"]>): ReturnType<ObjectStore["get"]> {
    this.gets++;
    if (Number(options.latency) > 0) await new Promise((done) => { setTimeout(done, Number(options.latency)); });
    return super.get(...args);
  }
}

async function look(folder: string): Promise<void> {
  const { opener } = await openHolder(join(folder, "identity.jwk"), {});
  const middle = Math.floor(total / 6);
  const asked: readonly Query[] = [
    { field: "email", value: `person${middle}@example.com` },
    { field: "phone", value: `+1555${String(middle).padStart(7, "0")}` },
    { field: "order", value: `#${middle}` },
    { field: "name", value: `${FIRST[0]} ${LAST[0]}` },
    { field: "email", value: "nobody@example.com" },
  ];
  for (const query of asked) {
    // As a fresh command does: description, keys and all.
    const store = new Slow(new FilesystemStore(join(folder, "vault")));
    const from = performance.now();
    const { description, indexKey } = await openVaultWithIdentity({ store, opener });
    const { found, packs, more } = await findInVault({ store, description, indexKey, at: clock.now(), searchKeys: searchKeys(store, description, contentKeys(store, opener, description)), query: queryTerms(query) });
    console.log(`${query.field.padEnd(6)} ${String(Math.round(performance.now() - from)).padStart(6)} ms  ${String(found.length).padStart(4)} found${more ? " and more" : ""}, ${packs} packs asked, ${store.gets} reads, ${store.usage.bytesFetched} bytes, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
  }
}

async function make(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const store = new FilesystemStore(join(folder, "vault"));
  const identity = await newIdentity("P-256");
  writeFileSync(join(folder, "identity.jwk"), JSON.stringify(identity.jwk), { mode: 0o600 });
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const { hostKeys } = await createVault({ store, recipients: [identity.recipient], clock, random });
  const vault = await openVault({ store, hostKeys, clock, random, scratchDirectory: join(folder, "scratch") });
  for (let run = 0; run < Number(options.runs); run++) {
    const writer = await vault.beginSnapshot({ source: { type: "bench", name: "synthetic" }, terms: recordTerms });
    const changed = run === 0 ? total : Number(options.changed);
    for (let at = 0; at < changed; at += 1000) await writer.write(Array.from({ length: Math.min(1000, changed - at) }, (_, i) => recordOf(run === 0 ? at + i : (run * 7919 * 3 + (at + i) * 487) % total, run)), "all");
    // What was not sent is carried, as in a run of what changed since.
    if (run > 0) writer.gap({ code: "stream.partial", stream: "all" });
    await writer.commit();
  }
  let bytes = 0;
  let parts = 0;
  for await (const { size } of store.list("search/")) {
    bytes += size;
    parts++;
  }
  let all = 0;
  for await (const { size } of store.list("")) all += size;
  console.log(`${total} records, ${options.runs} runs: ${parts} search objects of ${bytes} bytes in ${all}`);
}

if (options.find !== undefined) await look(options.find);
else {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "holdfast-search-"));
  try {
    if (!existsSync(join(folder, "identity.jwk"))) await make(folder);
    for (const latency of ["0", "30"]) {
      console.log(`latency ${latency} ms`);
      process.stdout.write(execFileSync(process.execPath, [import.meta.filename, "--find", folder, "--records", String(total), "--latency", latency], { encoding: "utf8" }));
    }
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true });
  }
}
