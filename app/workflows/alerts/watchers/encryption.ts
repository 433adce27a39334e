/**
 * Whether what lies on the storage is sealed, and what the storage adds to that.
 *
 * A vault is sealed before it leaves this process, whatever the storage does; so the first look is at the vault itself: a pack, picked at random, must have
 * the format's head, its first frame may not begin as a compressed one does, and its end may not compress. This finds what was written unsealed by mistake; that the seal
 * is the right one is for `verify` to say. Only then the storage: a connection without TLS, and an S3-compatible server that
 * was not asked to encrypt, are a missing second lock. Amazon S3 (since January 2023), Azure and Google encrypt by themselves and cannot be told not to. What a disk or an
 * SFTP server does cannot be seen from here: nothing is claimed of it either way.
 */
import { deflateRawSync } from "node:zlib";
import type { ObjectStore } from "#app/vault/index.ts";
import type { Finding, Watched, WatchContext, WatchPorts } from "../watch.ts";
import { within } from "./storage.ts";

const WITHIN_MS = 60_000;
/** Enough of a pack's end to tell sealed bytes from others; smaller ends prove nothing. */
const SAMPLE = 32 * 1024;
const LEAST = 512;
/** Sealed bytes do not compress: deflate stores them and adds a few. */
const SHRINKS = 0.97;
/** docs/design.md, 2.3: magic, then at 76 the number of frames, then 12 bytes for each, then the frames. */
const HEAD = 80;
const MAGIC = Buffer.from("HFPACK\0");
const MOST_FRAMES = 65_536;
/** RFC 8878, section 3.1.1. */
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

export async function watchEncryption(ports: Pick<WatchPorts, "clock" | "links" | "stores" | "random">, { shop }: Pick<WatchContext, "shop">): Promise<Watched | null> {
  const link = await ports.links.get(shop);
  if (link === null) return null;
  const asOf = ports.clock.now();
  const store = await ports.stores.open(link.storageUrl, { shop: link.shop });
  const unsealed = await within(WITHIN_MS, unsealedPack(store, ports.random(1)[0]!));
  const found = (subject: string, severity: Finding["severity"], facts: Finding["facts"] = {}): Finding => ({ code: "alert.storage_unencrypted", subject, severity, facts });
  const { inTransit, atRest } = storageEncryption(link.storageUrl);
  return {
    codes: ["alert.storage_unencrypted"],
    findings: [
      ...(unsealed === null ? [] : [found("vault:packs", "critical", { object: unsealed })]),
      ...(inTransit ? [] : [found("storage:transit", "warning", { sealed: unsealed === null })]),
      ...(atRest === "not-asked" ? [found("storage:rest", "warning", { sealed: unsealed === null })] : []),
    ],
    asOf,
  };
}

/** The name of a pack that is not sealed, or null. `at`: where in the vault to look, 0 to 255. */
async function unsealedPack(store: ObjectStore, at: number): Promise<string | null> {
  for (let n = 0; n < 256; n++) {
    const folder = ((at + n) % 256).toString(16).padStart(2, "0");
    for await (const { key, size } of store.list(`packs/${folder}/`)) {
      if (!/^packs\/[0-9a-f]{2}\/[0-9a-f]{64}$/.test(key)) continue;
      const head = await store.get(key, { offset: 0, length: HEAD });
      const end = await store.get(key, { offset: Math.max(HEAD, size - SAMPLE), length: SAMPLE });
      // Removed by a prune meanwhile.
      if (head === null || end === null) continue;
      return (await headIsRight(store, key, Buffer.from(head))) && looksSealed(end) ? null : key;
    }
  }
  return null;
}

async function headIsRight(store: ObjectStore, key: string, head: Buffer): Promise<boolean> {
  if (head.byteLength < HEAD || !head.subarray(0, MAGIC.length).equals(MAGIC)) return false;
  const frames = head.readUInt32BE(HEAD - 4);
  if (frames < 1 || frames > MOST_FRAMES) return false;
  const first = await store.get(key, { offset: HEAD + 12 * frames, length: ZSTD.length });
  return first !== null && !ZSTD.equals(first);
}

export function looksSealed(bytes: Uint8Array): boolean {
  return bytes.byteLength < LEAST || deflateRawSync(bytes, { level: 6 }).byteLength >= bytes.byteLength * SHRINKS;
}

export interface StorageEncryption {
  readonly inTransit: boolean;
  /** provider: always, by the provider. asked: this address asks for it. not-asked: it could be asked for. unseen: nothing can be said from here. */
  readonly atRest: "provider" | "asked" | "not-asked" | "unseen";
}

const WEAKER: readonly StorageEncryption["atRest"][] = ["not-asked", "unseen", "asked", "provider"];

/** What a storage's address says. Nothing is asked of the storage. */
export function storageEncryption(address: string): StorageEncryption {
  const url = new URL(address);
  const parameters = url.searchParams;
  switch (url.protocol) {
    case "s3:": {
      const endpoint = parameters.get("endpoint");
      return { inTransit: !isPlain(endpoint), atRest: parameters.has("sse") ? "asked" : endpoint === null ? "provider" : "not-asked" };
    }
    case "az:":
    case "gs:":
      return { inTransit: !isPlain(parameters.get("endpoint")), atRest: "provider" };
    case "replicated:": {
      const both = ["first", "second"].map((name) => storageEncryption(parameters.get(name) ?? "file:///"));
      return { inTransit: both.every(({ inTransit }) => inTransit), atRest: WEAKER.find((word) => both.some(({ atRest }) => atRest === word)) ?? "unseen" };
    }
    default:
      // SFTP is SSH; a directory is not reached over a network that this process knows of.
      return { inTransit: true, atRest: "unseen" };
  }
}

/** http to another machine. On this one nobody listens in between. */
function isPlain(endpoint: string | null): boolean {
  if (endpoint === null || !URL.canParse(endpoint)) return false;
  const { protocol, hostname } = new URL(endpoint);
  return protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
