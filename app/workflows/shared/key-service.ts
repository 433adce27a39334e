/**
 * Whether the merchant's key service can be relied on now. It is somebody else's, and may be away in the night in which it is needed: whoever holds an identity goes on
 * without it, so nobody waits for it long.
 */
import type { KeyOpener } from "#app/vault/index.ts";
import type { Ports } from "../ports.ts";

/** A person looks at a screen meanwhile. */
const PATIENCE_MS = 4_000;

export type KeyService =
  /** None is set up for this host. */
  | "none"
  /** It has just opened what it was asked to. */
  | "opens"
  /** It did not answer, refused, or is no recipient of this vault. */
  | "away";

/** `jwe`: a sealed key of the vault, to ask with; what it opens to is zeroed at once. Null: there is none, and only whether it can be reached counts. */
export async function askKeyService({ unattended }: Pick<Ports, "unattended">, shop: string, jwe: Uint8Array | null, patienceMs = PATIENCE_MS): Promise<KeyService> {
  if (unattended === undefined) return "none";
  const ask = async (): Promise<KeyService> => {
    const opener = await unattended.openerFor(shop);
    if (opener === null) return "none";
    if (jwe === null) return "opens";
    const key = await opener.open(jwe);
    key?.fill(0);
    return key === null ? "away" : "opens";
  };
  try {
    return await within(patienceMs, ask());
  } catch {
    // Why is told by the run that is started in spite of it; here only that somebody else must open.
    return "away";
  }
}

/** The same service, of which nothing is waited for longer than this, milliseconds. Rejects with `late` then. */
export function impatient(opener: KeyOpener, patienceMs: number, late: () => Error): KeyOpener {
  return { ...(opener.keyId === undefined ? {} : { keyId: opener.keyId }), open: (jwe) => within(patienceMs, opener.open(jwe), late) };
}

async function within<T>(ms: number, work: Promise<T>, late: () => Error = () => new Error("the key service does not answer")): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  work.catch(() => undefined);
  const over = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(late()); }, ms); });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
