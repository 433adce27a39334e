/** With which keys a run opens records: those that a person handed in for this run only, or the key service that is set up for this host. */
import { contentKeys, type ContentKeys, type KeyOpener, type ObjectStore } from "#app/vault/index.ts";
import type { Ports, Run } from "../ports.ts";

export interface KeysOfRun {
  /** The key service; null: a person's keys. */
  readonly unattended: KeyOpener | null;
  content(store: ObjectStore): ContentKeys;
}

/** Null: neither. A run that began with a person's keys does not go on with the key service: whose keys they were is in the log. */
export async function keysOfRun(ports: Pick<Ports, "unattended">, run: Run, handedIn: ReadonlyMap<string, Uint8Array> | null): Promise<KeysOfRun | null> {
  if (handedIn !== null) return { unattended: null, content: () => ({ get: (keyId) => Promise.resolve(handedIn.get(keyId) ?? null) }) };
  const unattended = run.input["keys"] === true ? null : ((await ports.unattended?.openerFor(run.shop)) ?? null);
  return unattended && { unattended, content: (store) => contentKeys(store, unattended) };
}
