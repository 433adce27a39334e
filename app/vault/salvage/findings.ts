/** What a recovery met that is not as it was written, each told once, and how a fault is named. */
import { VaultError } from "../errors.ts";
import { StoreError } from "../object-store.ts";

/** Stable; docs/recovery.md explains each. */
export type SalvageCode =
  /** vault.json is gone or not what was signed; a copy of it, or less, was used. */
  | "description.missing"
  | "description.damaged"
  /** No copy of vault.json is left either: nothing says whose signatures to trust. */
  | "description.lost"
  /** A wrapped key is gone, altered, or not sealed to the identity at hand. */
  | "key.missing"
  | "key.damaged"
  | "key.unopenable"
  | "manifest.damaged"
  | "manifest.missing"
  | "pack_list.missing"
  | "pack_list.damaged"
  | "tree.missing"
  | "tree.damaged"
  | "tree.root_mismatch"
  | "pack.missing"
  /** The pack's bytes are not those of its name; what frames still open is recovered. */
  | "pack.damaged"
  | "pack_key.missing"
  | "pack_key.damaged"
  /** One frame does not open; its records are lost, the rest of its pack is not. */
  | "frame.damaged"
  /** A record opened but is not the one the index vouches for. */
  | "record.damaged"
  /** The store could not read it. */
  | "object.unreadable"
  | "redactions.damaged"
  | "journal.damaged"
  | "journal.missing";

export interface SalvageFinding {
  readonly code: SalvageCode;
  /** The object's key. */
  readonly object: string;
  /** Never record contents. */
  readonly detail?: string;
}

/** More would be of no use to anyone, and memory is bounded. `count` has them all. */
const KEPT = 10_000;

export class Findings {
  readonly list: SalvageFinding[] = [];
  count = 0;
  private readonly told = new Set<string>();

  add(code: SalvageCode, object: string, detail?: string): void {
    const name = `${code} ${object} ${code === "frame.damaged" || code === "record.damaged" ? (detail ?? "") : ""}`;
    if (this.told.has(name)) return;
    this.count++;
    if (this.told.size < KEPT) this.told.add(name);
    if (this.list.length < KEPT) this.list.push(detail === undefined ? { code, object } : { code, object, detail });
  }

  /** Files a fault of a wrapped key, a pack's key, an index block: told by what object it names. Rethrows what is no fault of stored bytes. */
  fault(error: unknown, otherwise: string): void {
    const { object, missing, unreadable, message } = faultOf(error, otherwise);
    if (unreadable) this.add("object.unreadable", object, message);
    else this.add(`${roomOf(object)}.${missing ? "missing" : "damaged"}`, object, missing ? undefined : message);
  }
}

type Room = "description" | "journal" | "key" | "manifest" | "pack" | "pack_key" | "tree";

/** The first half of the codes for an object. */
export function roomOf(object: string): Room {
  if (object === "vault.json") return "description";
  if (object.startsWith("keys/")) return "key";
  if (object.startsWith("journal/")) return "journal";
  if (object.startsWith("snapshots/")) return "manifest";
  if (object.startsWith("packs/")) return object.endsWith(".key") ? "pack_key" : "pack";
  return "tree";
}

export interface Fault {
  readonly object: string;
  readonly missing: boolean;
  /** The store, not the bytes. */
  readonly unreadable: boolean;
  readonly message: string;
}

/** What is wrong with which object, when it is damage of any sort; anything else is thrown again. */
export function faultOf(error: unknown, otherwise: string): Fault {
  if (error instanceof StoreError) return { object: otherwise, missing: false, unreadable: true, message: error.code };
  if (error instanceof VaultError && error.code !== "vault.bad_record") {
    return { object: error.object ?? otherwise, missing: error.code === "vault.missing_object", unreadable: false, message: error.message };
  }
  throw error;
}
