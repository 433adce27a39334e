/**
 * Somebody who has a copy of a host (its files, its database, its environment) and of the storage, and tries everything in the first on the
 * second. Written from docs/design.md with node:crypto alone, so that it shares no mistake with the program.
 */
import { createDecipheriv, createECDH, createPrivateKey, hkdfSync } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { generalDecrypt, importJWK } from "jose";

export interface Loot {
  /** What was tried, and where it was found. */
  readonly what: "content key" | "pack secret" | "frame key" | "private key";
  readonly found: string;
  readonly opens: string;
}

export interface Haul {
  readonly loot: readonly Loot[];
  /** Different 32-byte values tried. */
  readonly tried: number;
  /** Different private keys, in JWK or PEM, tried on every wrapped key. */
  readonly privateKeys: number;
}

interface Pack {
  readonly id: string;
  readonly bytes: Buffer;
  readonly key: Buffer;
}

const LABELS = ["holdfast digest v1", "holdfast locator v1", "holdfast tree v1", "holdfast frame v1"];
/** Every offset of a file up to here is tried; of larger ones what looks like text that holds a key. */
const SMALL = 256 * 1024;

export class Thief {
  private readonly packs: Pack[] = [];
  private readonly wrapped: { readonly name: string; readonly jwe: Buffer }[] = [];
  private readonly vaultId: Buffer;
  /** x coordinates of the recipients on P-256. */
  private readonly publicHalves = new Set<string>();

  /** `storage`: the vault's directory. */
  constructor(storage: string) {
    const files = new Map(filesBelow(storage).map((file) => [file.slice(storage.length + 1), readFileSync(file)]));
    const description = JSON.parse(Buffer.from((JSON.parse(String(files.get("vault.json"))) as { payload: string }).payload, "base64url").toString()) as { vaultId: string; recipients: { jwk: { crv?: string; x?: string } }[] };
    this.vaultId = Buffer.from(description.vaultId, "hex");
    for (const { jwk } of description.recipients) if (jwk.crv === "P-256" && jwk.x !== undefined) this.publicHalves.add(Buffer.from(jwk.x, "base64url").toString("hex"));
    for (const [name, bytes] of files) {
      const id = /^packs\/..\/([0-9a-f]{64})$/.exec(name)?.[1];
      if (id !== undefined) this.packs.push({ id, bytes, key: files.get(`${name}.key`) as Buffer });
      if (/^keys\/.*\.jwe$/.test(name)) this.wrapped.push({ name, jwe: bytes });
    }
    if (this.packs.length === 0 || this.wrapped.length === 0) throw new Error("there is nothing to steal here");
  }

  /** `everyOffset`: whether a small file is tried at every offset, or only where it looks like text that holds a key. */
  async tryEverything(places: ReadonlyMap<string, Buffer>, everyOffset: (place: string) => boolean = () => true): Promise<Haul> {
    const loot: Loot[] = [];
    const tried = new Set<string>();
    const keys = new Set<string>();
    for (const [place, bytes] of places) {
      for (const value of valuesIn(bytes, everyOffset(place))) {
        const text = value.toString("latin1");
        // 32 random bytes with fewer than 16 different ones do not happen; runs of zeros and dashes do.
        if (tried.has(text) || new Set(value).size < 16) continue;
        tried.add(text);
        for (const { what, opens } of this.opens(value)) loot.push({ what, found: place, opens });
      }
      for (const jwk of privateKeysIn(bytes)) {
        const text = JSON.stringify(jwk);
        if (keys.has(text)) continue;
        keys.add(text);
        for (const opens of await this.unwraps(jwk)) loot.push({ what: "private key", found: place, opens });
      }
    }
    return { loot, tried: tried.size, privateKeys: keys.size };
  }

  private *opens(value: Buffer): Generator<{ what: Loot["what"]; opens: string }> {
    for (const { id, bytes, key } of this.packs) {
      if (opensGcm(value, key.subarray(24, 36), aad("holdfast pack key v1", this.vaultId, Buffer.from(id, "hex"), key.subarray(8, 24)), key.subarray(36))) yield { what: "content key", opens: `${id}.key` };
      const salt = bytes.subarray(8, 40);
      if (Buffer.from(hkdfSync("sha256", value, salt, "holdfast commit v1", 32)).equals(bytes.subarray(40, 72))) yield { what: "pack secret", opens: id };
      if (this.opensFrame(value, bytes)) yield { what: "frame key", opens: id };
    }
    const point = publicPoint(value);
    if (point !== null && this.publicHalves.has(point)) yield { what: "private key", opens: "everything" };
  }

  private opensFrame(key: Buffer, pack: Buffer): boolean {
    const frames = pack.readUInt32BE(76);
    const version = pack[7] as number;
    const [sealed, raw, records] = [0, 4, 8].map((at) => pack.readUInt32BE(80 + at)) as [number, number, number];
    const position = Buffer.alloc(16);
    position.writeUInt32BE(pack.readUInt32BE(72), 4);
    position.writeUInt32BE(raw, 8);
    position.writeUInt32BE(records, 12);
    const from = 80 + 12 * frames;
    return opensGcm(key, Buffer.alloc(12), aad(`holdfast frame v${version}`, this.vaultId, pack.subarray(8, 40), position), pack.subarray(from, from + sealed));
  }

  private async unwraps(jwk: Record<string, unknown>): Promise<string[]> {
    const opened: string[] = [];
    const key = await importJWK(jwk as never, jwk["kty"] === "RSA" ? "RSA-OAEP-256" : "ECDH-ES+A256KW").catch(() => null);
    if (key === null) return opened;
    for (const { name, jwe } of this.wrapped) {
      const ok = await generalDecrypt(JSON.parse(jwe.toString()) as never, key).then(() => true, () => false);
      if (ok) opened.push(name);
    }
    return opened;
  }
}

/** Every 32 bytes that may be a key: as they lie, and as base64 and hex in any text; and what the program derives from a key. */
function* valuesIn(bytes: Buffer, everyOffset: boolean): Generator<Buffer> {
  if (everyOffset && bytes.length <= SMALL) yield* windows(bytes);
  const text = bytes.toString("latin1");
  for (const [token] of text.matchAll(/[A-Za-z0-9+/_-]{43,}/g)) {
    for (let shift = 0; shift < 4; shift++) yield* windows(Buffer.from(token.slice(shift, 8192), "base64"));
    const whole = Buffer.from(token, "base64");
    if (whole.length === 32) for (const label of LABELS) yield Buffer.from(hkdfSync("sha256", whole, Buffer.alloc(0), label, 32));
  }
  for (const [token] of text.matchAll(/[0-9a-fA-F]{64,}/g)) for (const shift of [0, 1]) yield* windows(Buffer.from(token.slice(shift, 8192), "hex"));
}

function* windows(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + 32 <= bytes.length; at++) yield bytes.subarray(at, at + 32);
}

function* privateKeysIn(bytes: Buffer): Generator<Record<string, unknown>> {
  const text = bytes.toString("latin1");
  for (const [object] of text.matchAll(/\{[^{}]{0,4000}"d"[^{}]{0,4000}\}/g)) {
    const parsed = parse(object) ?? parse(object.replaceAll('\\"', '"').replaceAll("\\n", ""));
    if (parsed !== null) yield parsed;
  }
  for (const [pem] of text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{1,8000}?-----END [A-Z ]*PRIVATE KEY-----/g)) {
    try {
      yield createPrivateKey(pem).export({ format: "jwk" }) as Record<string, unknown>;
    } catch {
      // Sealed, or no key: nothing to try.
    }
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const { kid: _, alg: __, use: ___, ...jwk } = JSON.parse(text) as Record<string, unknown>;
    return jwk;
  } catch {
    return null;
  }
}

const ecdh = createECDH("prime256v1");

function publicPoint(scalar: Buffer): string | null {
  try {
    ecdh.setPrivateKey(scalar);
    return ecdh.getPublicKey().subarray(1, 33).toString("hex");
  } catch {
    return null;
  }
}

function aad(label: string, ...parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(`${label}\0`), ...parts]);
}

function opensGcm(key: Buffer, nonce: Buffer, bound: Buffer, sealed: Buffer): boolean {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(bound).setAuthTag(sealed.subarray(-16));
  decipher.update(sealed.subarray(0, -16));
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter((file) => statSync(file).size > 0);
}

/** All files below the folders, and the environment, by where they lie. */
export function everythingOn(folders: readonly string[], environment: Readonly<Record<string, string | undefined>>): Map<string, Buffer> {
  const places = new Map(folders.flatMap((folder) => filesBelow(folder).map((file) => [file, readFileSync(file)] as const)));
  places.set("the environment", Buffer.from(Object.entries(environment).map(([name, value]) => `${name}=${value ?? ""}`).join("\n")));
  return places;
}
