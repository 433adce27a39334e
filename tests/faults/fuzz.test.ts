/**
 * Every decoder of what lies in the store, fed with bytes made from good ones: it answers, or says in our own words that they are damaged; soon, and in little
 * memory. In CI a short run from a fixed seed; in the slow tier a long one that keeps what reaches code nothing reached before (FUZZ_SEED and FUZZ_RUNS to vary it).
 */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { decodeBundle, decodeEntry, encodeBundle, encodeEntry } from "#app/ledger/entry.ts";
import { isSignedBy, LedgerError, parseCheckpoint, parseProof } from "#app/ledger/index.ts";
import { checkWrappedKey } from "#app/vault/crypto/wrapped-key.ts";
import { contentKeyOf } from "#app/vault/pack/secret.ts";
import { ByteWriter } from "#app/vault/format/bytes.ts";
import { parseDescription } from "#app/vault/snapshot/description.ts";
import { parseManifest } from "#app/vault/snapshot/manifest.ts";
import { parsePackList } from "#app/vault/snapshot/pack-list.ts";
import { FrameColumns } from "#app/vault/pack/decode-columns.ts";
import { FrameBuilder } from "#app/vault/pack/frame-builder.ts";
import { decodeFrameLines, decodeHeader } from "#app/vault/pack/header.ts";
import { decodeInner } from "#app/vault/tree/inner.ts";
import { decodeLeaf } from "#app/vault/tree/leaf.ts";
import { LeafColumns } from "#app/vault/tree/leaf-columns.ts";
import { encodeParity, mendFromParity } from "#app/vault/repair/parity.ts";
import { parseRecipients } from "#app/vault/recipients/current.ts";
import { parseRedaction } from "#app/vault/retention/redactions.ts";
import { parsePrune } from "#app/vault/retention/prunes.ts";
import { parseCertificate } from "#app/vault/retention/certificate.ts";
import { KeyError } from "#app/keys/index.ts";
import { readVaultDescription, VaultError } from "#app/vault/index.ts";
import type { HostKeys, SnapshotManifest, VaultDescription } from "#app/vault/index.ts";
import { RunReader } from "#app/vault/tree/run-reader.ts";
import { NodeCache } from "#app/vault/tree/node-cache.ts";
import { MemoryStore } from "#tests/support/memory-store.ts";
import { forgeFrame, forgeInner, forgeLeaf, forgeSigned, forgeTree, sha256, varint } from "#tests/vault/defences/forge.ts";
import { Coverage } from "./coverage.ts";
import { BY_CLASS, decodersIn, EXEMPT, FUZZED_BY } from "./decoders.ts";
import { moreTargets } from "./more-targets.ts";
import { Mutator } from "./mutate.ts";
import { ledgerOf, wholeVault } from "./whole-vault.ts";

const SLOW = process.env["SLOW"] === "1";
const SEED = Number(process.env["FUZZ_SEED"] ?? 20261122);
const RUNS = Number(process.env["FUZZ_RUNS"] ?? (SLOW ? 10_000 : 400));
/** Reading the coverage costs more than decoding. */
const GUIDED = Math.ceil(RUNS / 5);
/** For one input of at most a few kilobytes; generous, because the machine may be busy. */
const MOST_MS = 2_000;
const MOST_BYTES = 256 << 20;

export interface Target {
  readonly samples: readonly Uint8Array[];
  readonly decode: (bytes: Uint8Array) => unknown;
}

let targets: Readonly<Record<string, Target>>;

function rawFrameOfLayout2(): Buffer {
  const builder = new FrameBuilder((kind) => ["customers", "metafields"][kind] as string);
  for (let i = 0; i < 12; i++) {
    const bytes = Buffer.from(`{"id":"gid${i}","note":"SYNTHETIC ${i}"}`);
    const parent = Buffer.from(`gid${i - (i % 3)}`);
    builder.add({ kind: i % 3 === 0 ? 0 : 1, bytes, start: 0, end: bytes.length, idBytes: bytes, idStart: 7, idEnd: bytes.indexOf('"', 7), parentBytes: i % 3 === 0 ? null : parent, parentStart: 0, parentEnd: parent.length, newline: false });
  }
  const out = new ByteWriter(4096);
  builder.take(out);
  return out.copy();
}

beforeAll(async () => {
  const world = await wholeVault("fuzz");
  const all = [...world.store.objects];
  const named = (pattern: RegExp): [string, Uint8Array][] => all.filter(([key]) => pattern.test(key));
  const bytesOf = (pattern: RegExp): Uint8Array[] => named(pattern).map(([, bytes]) => bytes);
  const description: VaultDescription = await readVaultDescription(world.store);
  const [manifestKey, manifestBytes] = named(/^snapshots\//).at(-1) as [string, Uint8Array];
  const manifest: SnapshotManifest = await parseManifest(manifestBytes, manifestKey, description);
  const packList = world.store.objects.get(`tree/${manifest.packs.object.slice(0, 2)}/${manifest.packs.object}`) as Uint8Array;
  const frame1 = forgeFrame(Array.from({ length: 6 }, (_, i) => ({ id: `id${i}`, body: `SYNTHETIC ${i}` })));
  const frame2 = rawFrameOfLayout2();
  const leaf = forgeLeaf({ first: 0, packs: ["ab".repeat(32)], entries: Array.from({ length: 20 }, (_, i) => ({ key: i % 2 === 0 ? `id${100 + i}\0\0customers` : `id${100 + i - 1}\0\x01metafields\0m${i}`, flags: i === 6 ? 1 : i % 5 === 1 ? 2 : 0, frame: i >> 3, ordinal: i & 7, place: i })) });
  const inner = forgeInner(Array.from({ length: 5 }, (_, i) => ({ key: i === 0 ? "" : `k${i}`, ref: { object: 0, block: i, offset: 40 + i * 10, length: 10 } })));
  const entry = encodeEntry({ at: "2026-11-22T09:00:00.000Z", actor: "cli", action: "vault.created", subject: { vault: "a".repeat(32), recipients: 1 }, outcome: "done" });
  const note = Buffer.from(world.kept);
  const objects = new Map<number, Uint8Array>([[0, bytesOf(/^packs\/..\/[0-9a-f]+$/)[0] as Uint8Array]]);
  const protectedObject = objects.get(0) as Uint8Array;
  const parityBytes = encodeParity(protectedObject);
  /** What a decoder may not do to a view that was handed out. */
  const count = (bytes: Uint8Array): number => Math.min(bytes[0] ?? 0, 127);
  targets = {
    "pack header and table": { samples: bytesOf(/^packs\/..\/[0-9a-f]+$/).map((bytes) => bytes.subarray(0, 300)), decode: (bytes) => decodeFrameLines(bytes, decodeHeader(bytes, "x"), decodeHeader(bytes, "x").frameCount, "x") },
    "pack key": { samples: bytesOf(/\.key$/), decode: (bytes) => contentKeyOf(bytes, "x") },
    "frame of layout 1, in columns": { samples: [frame1], decode: (bytes) => loaded(bytes, 1, count(bytes)) },
    "frame of layout 2, in columns": { samples: [frame2], decode: (bytes) => loaded(bytes, 2, count(bytes)) },
    leaf: { samples: [leaf], decode: (bytes) => touch(decodeLeaf(bytes, "x")) },
    "leaf, in columns": { samples: [leaf], decode: (bytes) => new LeafColumns().load(Buffer.from(bytes), "x") },
    inner: { samples: [inner], decode: (bytes) => decodeInner(bytes, "x") },
    locator: { samples: [Buffer.concat([varint(3), varint(5), varint(0), varint(7), varint(0), varint(1), varint(0)])], decode: (bytes) => children(bytes, leaf) },
    description: { samples: bytesOf(/^vault\.json$/), decode: parseDescription },
    manifest: { samples: bytesOf(/^snapshots\//), decode: (bytes) => parseManifest(bytes, manifestKey, description) },
    "manifest, signed whatever it says": { samples: [payloadOf(manifestBytes)], decode: (bytes) => parseManifest(signed("holdfast-snapshot", bytes, world.hostKeys), manifestKey, description) },
    "description, signed whatever it says": { samples: [payloadOf(world.store.objects.get("vault.json") as Uint8Array)], decode: (bytes) => parseDescription(signed("holdfast-vault", bytes, world.hostKeys)) },
    "pack list": { samples: [packList], decode: (bytes) => parsePackList(bytes, { ...manifest, packs: { ...manifest.packs, object: sha256(bytes) } }) },
    "wrapped key": { samples: bytesOf(/^keys\//), decode: (bytes) => checkWrappedKey(bytes, { vault: description.vaultId, key: "a".repeat(32), use: "content" }, "x") },
    recipients: { samples: bytesOf(/^recipients\/\d+\.json$/), decode: (bytes) => parseRecipients(bytes, 1, description) },
    redaction: { samples: bytesOf(/^redactions\/\d+\.json$/), decode: (bytes) => parseRedaction(bytes, "x", 1, description) },
    certificate: { samples: bytesOf(/certificate/), decode: (bytes) => parseCertificate(bytes, "redactions/0000000001.certificate-1.json", description) },
    prune: { samples: bytesOf(/^prunes\/\d+\.json$/), decode: (bytes) => parsePrune(bytes, "x", 1, description) },
    parity: { samples: [parityBytes], decode: (bytes) => mendFromParity(protectedObject.subarray(0, 3000), bytes, "x") },
    "ledger entry": { samples: [entry], decode: decodeEntry },
    "ledger bundle": { samples: [encodeBundle([entry, entry])], decode: decodeBundle },
    "ledger checkpoint": { samples: [note], decode: (bytes) => [parseCheckpoint(Buffer.from(bytes).toString("utf8")), isSignedBy(Buffer.from(bytes).toString("utf8"), description.signingPublicKey as never)] },
    "ledger proof": { samples: [Buffer.from((await ledgerOf(world.store, description.vaultId, null).prove(2)) as string)], decode: (bytes) => parseProof(Buffer.from(bytes).toString("utf8")) },
    ...(await moreTargets(world, description)),
  };
}, 60_000);

const payloadOf = (bytes: Uint8Array): Uint8Array => Buffer.from((JSON.parse(Buffer.from(bytes).toString()) as { payload: string }).payload, "base64url");
/** As the host's own key would sign it: what comes after the signature has to stand by itself. */
const signed = (typ: string, payload: Uint8Array, { signingKey }: HostKeys): Uint8Array => Buffer.from(JSON.stringify(forgeSigned({ alg: "EdDSA", typ, kid: "x" }, Buffer.from(payload).toString("utf8"), signingKey)));

function loaded(bytes: Uint8Array, layout: 1 | 2, expected: number): unknown {
  const columns = new FrameColumns();
  columns.load(Buffer.from(bytes), expected, layout, "x");
  return columns.records();
}

/** A leaf is decoded on demand: all of it is asked for. */
function touch(leaf: ReturnType<typeof decodeLeaf>): unknown {
  return Array.from({ length: leaf.count }, (_, i) => (leaf.isRemoval(i) ? null : [leaf.digest(i), leaf.pack(i), leaf.frame(i), leaf.ordinal(i), leaf.place(i)]));
}

/** The locator is read with its run around it. */
async function children(raw: Uint8Array, leaf: Buffer): Promise<string[]> {
  const [vaultId, indexKey] = [Buffer.alloc(16), Buffer.alloc(32)];
  const { bytes, refs } = forgeTree({ vaultId, indexKey, blocks: [{ type: 1, raw: leaf }, { type: 3, raw }] });
  const store = new MemoryStore();
  const id = sha256(bytes);
  store.objects.set(`tree/${id.slice(0, 2)}/${id}`, bytes);
  const ref = (n: number) => refs[n] as (typeof refs)[number];
  const run = { id, entries: 20, removals: 1, leaves: 1, height: 0, objects: [{ id, size: bytes.length }], root: ref(0), locator: { height: 0, leaves: 1, root: ref(1) } };
  return new RunReader(store, { vaultId, indexKey }, run, new NodeCache(1 << 20), 0).children("m1", 5);
}

async function feed(name: string, decode: Target["decode"], bytes: Uint8Array): Promise<boolean> {
  const input = Uint8Array.from(bytes);
  const began = performance.now();
  let taken = true;
  try {
    await decode(input);
  } catch (error) {
    taken = false;
    if (!(error instanceof VaultError) && !(error instanceof LedgerError) && !(error instanceof KeyError)) throw new Error(`${name}: ${String(error)} for ${Buffer.from(bytes).toString("hex").slice(0, 4000)}`, { cause: error });
  }
  const took = performance.now() - began;
  if (took > MOST_MS) throw new Error(`${name}: ${took.toFixed(0)} ms for ${Buffer.from(bytes).toString("hex").slice(0, 4000)}`);
  return taken;
}

const NAMES = [...new Set([...Object.values(FUZZED_BY).flat(), ...BY_CLASS])];

describe("every decoder", () => {
  it("that the rooms of the vault, the ledger and the keys have is here, or says why not", () => {
    const exported = decodersIn(["app/vault", "app/ledger", "app/keys"]);
    expect(exported.length).toBeGreaterThan(40);
    expect(exported.filter((name) => FUZZED_BY[name] === undefined && EXEMPT[name] === undefined)).toEqual([]);
    expect([...Object.keys(FUZZED_BY), ...Object.keys(EXEMPT)].filter((name) => !exported.includes(name))).toEqual([]);
    expect(Object.keys(targets).sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)("%s: answers hostile bytes, or calls them damaged", async (name) => {
    const { samples, decode } = targets[name] as Target;
    expect(samples.length).toBeGreaterThan(0);
    const mutator = new Mutator(SEED);
    const before = process.memoryUsage().rss;
    let refused = 0;
    for (let i = 0; i < RUNS; i++) {
      const bytes = i % 20 === 0 ? mutator.noise(200) : mutator.mutate(samples[i % samples.length] as Uint8Array, samples);
      if (!(await feed(name, decode, bytes))) refused++;
    }
    // A ledger's decoders answer null instead.
    if (!name.startsWith("ledger") && !name.startsWith("typed")) expect(refused).toBeGreaterThan(RUNS / 10);
    expect(process.memoryUsage().rss - before).toBeLessThan(MOST_BYTES);
  }, SLOW ? 600_000 : 30_000);

  (SLOW ? it : it.skip).each(NAMES)("%s: the same, led by what code each input reaches", async (name) => {
    const { samples, decode } = targets[name] as Target;
    const mutator = new Mutator(SEED + 1);
    const corpus: Uint8Array[] = [...samples];
    const coverage = new Coverage();
    await coverage.start();
    try {
      for (const sample of samples) await feed(name, decode, sample);
      await coverage.isNew();
      const first = coverage.size;
      for (let i = 0; i < GUIDED; i++) {
        const bytes = mutator.mutate(corpus[i % corpus.length] as Uint8Array, corpus);
        if (bytes.length > 64 << 10) continue;
        await feed(name, decode, bytes);
        if (await coverage.isNew()) corpus.push(bytes);
      }
      expect(first).toBeGreaterThan(0);
      expect(corpus.length).toBeGreaterThan(samples.length);
    } finally {
      await coverage.stop();
    }
  }, 900_000);
});
