/** A store for ledgers in memory, strict about what a ledger may do, with a fault at any write. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { openLedger, originOf, type Ledger, type LedgerStore, type NewLedgerEntry, type NoteSigner, type Recall } from "#app/ledger/index.ts";

export type Fate =
  /** Nothing is written. */
  | "lost"
  /** Written, the answer lost. */
  | "written"
  /** The call never returns. */
  | "hang"
  /** Half of the object stays, and the call fails. */
  | "short"
  /** Half of the object stays, and the call says that all is well. */
  | "short, and says stored";

export const FATES = ["lost", "written", "hang", "short"] as const satisfies readonly Fate[];

export class LedgerMemory implements LedgerStore {
  readonly objects: Map<string, Uint8Array>;
  /** Called before each write with its number, from 1; and before each removal with its own. */
  fault: (write: number, key: string) => Fate | undefined = () => undefined;
  removalFault: (removal: number) => Fate | undefined = () => undefined;
  writes = 0;
  removals = 0;

  constructor(objects: Iterable<[string, Uint8Array]> = []) {
    this.objects = new Map(objects);
  }

  async putIfAbsent(key: string, body: Uint8Array, { lockUntil }: { lockUntil?: Date } = {}): Promise<"stored" | "already-there"> {
    if (!/^ledger\/[A-Za-z0-9._/-]+$/.test(key)) throw new Error(`Outside the ledger: ${key}`);
    const fault = this.fault(++this.writes, key);
    await Promise.resolve();
    if (fault === "lost") throw new Error("the power went before the write");
    const had = this.objects.has(key);
    if (!had && fault !== "hang") this.objects.set(key, new Uint8Array(fault?.startsWith("short") === true ? body.subarray(0, body.length >> 1) : body));
    if (fault === "hang") return this.#never();
    if (fault === "short") throw new Error("the power went in the middle of the write");
    if (!had && lockUntil !== undefined) this.locks.set(key, lockUntil);
    if (fault === "written") throw new Error("the answer was lost");
    return had ? "already-there" : "stored";
  }

  async get(key: string): Promise<Uint8Array | null> {
    await Promise.resolve();
    const bytes = this.objects.get(key);
    return bytes === undefined ? null : new Uint8Array(bytes);
  }

  async *list(prefix: string): AsyncGenerator<{ key: string }> {
    for (const key of [...this.objects.keys()].sort()) if (key.startsWith(prefix)) yield { key };
  }

  /** Undone by `refuseRemove`: what a bucket without the permission answers. */
  async remove(key: string): Promise<void> {
    await Promise.resolve();
    if (!/^ledger\/(tile|staged)\//.test(key)) throw new Error(`Nothing else is ever removed: ${key}`);
    if (this.refuseRemove) throw new Error("refused");
    const fault = this.removalFault(++this.removals);
    if (fault === "hang") return this.#never();
    if (fault === "lost" || fault === "short") throw new Error("the power went before the removal");
    this.objects.delete(key);
    if (fault === "written") throw new Error("the answer was lost");
  }

  /** Called when a call hangs. */
  onHang: () => void = () => undefined;
  #never(): Promise<never> {
    this.onHang();
    return new Promise(() => undefined);
  }

  refuseRemove = false;
  locks = new Map<string, Date>();

  copy(): LedgerMemory {
    return new LedgerMemory([...this.objects].map(([key, bytes]) => [key, new Uint8Array(bytes)]));
  }
}

/** Ed25519 private keys in PKCS #8 are a fixed prefix and the 32 secret bytes (RFC 8410). */
export function signerFrom(seed: number): NoteSigner {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, seed)]);
  return { name: ORIGIN, privateKey: createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ format: "jwk" }) };
}

export const ORIGIN = originOf("00112233445566778899aabbccddeeff");
export const SIGNER = signerFrom(1);
export const PUBLIC_KEY = createPublicKey(createPrivateKey({ key: SIGNER.privateKey, format: "jwk" })).export({ format: "jwk" });

export function ledgerOn(store: LedgerStore, signer: NoteSigner | undefined = SIGNER, recall?: Recall): Ledger {
  return openLedger({ store, origin: ORIGIN, signer, recall, clock: { now: () => new Date("2026-01-02T03:04:05.678Z") }, check: () => undefined });
}

export function event(n: number): NewLedgerEntry {
  return { actor: "schedule", action: "snapshot.committed", subject: { n, snapshot: `s${n}` }, outcome: "done" };
}

export function events(count: number, from = 0): NewLedgerEntry[] {
  return Array.from({ length: count }, (_, n) => event(from + n));
}
