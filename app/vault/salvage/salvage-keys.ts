/**
 * Keys for a recovery: every generation of a wrapped key is tried, newest first, and one that is damaged is named and passed over. Reads the
 * list of keys once; asks nothing of vault.json.
 */
import { checkWrappedKey } from "../crypto/wrapped-key.ts";
import type { ObjectStore } from "../object-store.ts";
import type { ContentKeys, KeyOpener } from "../ports.ts";
import type { Findings } from "./findings.ts";

const KEY_OBJECT = /^keys\/((?:index-)?[0-9a-f]{32})(?:\.g(\d{1,9}))?\.jwe$/;

export class SalvageKeys implements ContentKeys {
  /** By "<id>" and "index-<id>": object names, newest generation first. */
  readonly objects = new Map<string, string[]>();
  private readonly opened = new Map<string, Promise<Uint8Array | null>>();
  private readonly store: ObjectStore;
  private readonly opener: KeyOpener;
  private readonly findings: Findings;
  vaultId = "";
  private constructor(store: ObjectStore, opener: KeyOpener, findings: Findings) {
    this.store = store;
    this.opener = opener;
    this.findings = findings;
  }

  static async list(store: ObjectStore, opener: KeyOpener, findings: Findings): Promise<SalvageKeys> {
    const keys = new SalvageKeys(store, opener, findings);
    const found = new Map<string, { name: string; generation: number }[]>();
    for await (const { key } of store.list("keys/")) {
      const match = KEY_OBJECT.exec(key);
      if (match === null) continue;
      const id = match[1] as string;
      found.set(id, [...(found.get(id) ?? []), { name: key, generation: Number(match[2] ?? 0) }]);
    }
    for (const [id, generations] of found) keys.objects.set(id, generations.sort((a, b) => b.generation - a.generation).map(({ name }) => name));
    return keys;
  }

  /** Vault ids that wrapped keys claim to belong to: the last resort when no description is left. */
  async claimedVaultIds(): Promise<Set<string>> {
    const ids = new Set<string>();
    for (const name of [...this.objects.values()].flat()) {
      try {
        const jwe = JSON.parse(Buffer.from((await this.store.get(name)) ?? "").toString("utf8")) as { protected?: unknown };
        const header = JSON.parse(Buffer.from(String(jwe.protected), "base64url").toString("utf8")) as { vault?: unknown };
        if (typeof header.vault === "string" && /^[0-9a-f]{32}$/.test(header.vault)) ids.add(header.vault);
      } catch {
        // A key that is no JSON claims nothing; it is named when it is asked for.
      }
    }
    return ids;
  }

  /** The content key that is meant by this id: itself, or the only one there is that differs from it in one bit. */
  nearest(keyId: string): string | null {
    if (this.objects.has(keyId)) return keyId;
    const wanted = BigInt(`0x${keyId}`);
    const near = [...this.objects.keys()].filter((id) => /^[0-9a-f]{32}$/.test(id)).filter((id) => {
      const bits = BigInt(`0x${id}`) ^ wanted;
      return (bits & (bits - 1n)) === 0n;
    });
    return near.length === 1 ? (near[0] as string) : null;
  }

  /** Null, and a finding, when no generation opens. */
  get(keyId: string): Promise<Uint8Array | null> {
    return this.once(keyId, "content", keyId);
  }

  /** `keyId` null: any index key there is. */
  async index(keyId: string | null): Promise<Uint8Array | null> {
    const ids = keyId === null ? [...this.objects.keys()].filter((id) => id.startsWith("index-")) : [`index-${keyId}`];
    for (const id of ids) {
      const key = await this.once(id, "index", id.slice("index-".length));
      if (key !== null) return key;
    }
    return null;
  }

  private once(id: string, use: "index" | "content", key: string): Promise<Uint8Array | null> {
    let opening = this.opened.get(id);
    if (opening === undefined) this.opened.set(id, (opening = this.open(id, use, key)));
    return opening;
  }

  private async open(id: string, use: "index" | "content", key: string): Promise<Uint8Array | null> {
    const names = this.objects.get(id) ?? [];
    if (names.length === 0) this.findings.add("key.missing", `keys/${id}.jwe`);
    const foreign: string[] = [];
    for (const name of names) {
      try {
        const jwe = await this.store.get(name);
        if (jwe === null) {
          this.findings.add("key.missing", name);
          continue;
        }
        checkWrappedKey(jwe, { vault: this.vaultId, key, use }, name);
        const opened = await this.unwrap(jwe, name);
        if (opened === "foreign") foreign.push(name);
        else if (opened !== null) return opened;
      } catch (error) {
        this.findings.fault(error, name);
      }
    }
    // Told only now: a generation for other recipients is no fault while an older one opens.
    for (const name of foreign) this.findings.add("key.unopenable", name, "it is not sealed to this identity");
    return null;
  }

  private async unwrap(jwe: Uint8Array, name: string): Promise<Uint8Array | "foreign" | null> {
    let key: Uint8Array | null;
    try {
      key = await this.opener.open(jwe);
    } catch (error) {
      // An opener has errors of its own kind for bytes that do not open; a KMS that cannot be reached says so by "retry".
      if (isPassing(error)) throw error;
      this.findings.add("key.damaged", name, "it names this identity and does not open with it");
      return null;
    }
    if (key === null) return "foreign";
    if (key.length === 32) return key;
    this.findings.add("key.damaged", name, "it wraps something that is no key");
    return null;
  }
}

function isPassing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "retry" in error && error.retry === "later";
}

