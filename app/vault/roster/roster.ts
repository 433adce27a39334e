/**
 * Who may look at a record when nothing but the storage is left: `access/roster/<n>.json`, numbered and signed by the vault's key, written anew whenever the team or
 * the sign-in changes; the newest counts. It names people by opaque ids only, and holds no secret, so whoever reads the storage learns how many there are.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { damaged, VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, Jwk } from "../ports.ts";
import { claim, numberOf, numbered, readNumbered } from "../retention/sequence.ts";
import type { VaultDescription } from "../types.ts";

const FOLDER = "access/roster";
/** Of two hosts at once, one is numbered after the other. */
const ATTEMPTS = 20;

const RosterShape = z.object({
  format: z.literal(1),
  vaultId: z.string(),
  sequence: z.number().int().positive(),
  at: z.iso.datetime({ precision: 3 }),
  /** Whose customers the records are about. */
  shop: z.string().min(1).max(255),
  /** How responders prove who they are; null: nobody can sign in. */
  signIn: z
    .object({
      /** OpenID Connect Discovery 1.0: the provider's issuer identifier. */
      issuer: z.url().max(500),
      clientId: z.string().min(1).max(500),
      /** The claim of the ID token that lists groups, and those whose members are responders. */
      groupsClaim: z.string().min(1).max(200),
      groups: z.array(z.string().min(1).max(200)).max(50),
      /** The client has a secret, which is not here: whoever starts the viewer brings it. */
      secret: z.boolean(),
    })
    .nullable(),
  /** Opaque ids, as the ledger names them without "responder:". */
  responders: z.array(z.string().regex(/^[A-Za-z0-9_-]{1,128}$/)).max(1000),
});

export type Roster = Omit<z.infer<typeof RosterShape>, "format" | "vaultId">;

/**
 * The newest that the vault's key signed for its number; null: there is none. What anybody else put there counts for nothing, or one object of a stranger's would lock every
 * responder out. Whoever can remove objects can bring back an older one: docs/threat-model.md. Throws StoreError.
 */
export async function readRoster(store: ObjectStore, description: VaultDescription): Promise<Roster | null> {
  for (const sequence of [...(await numbers(store))].sort((one, other) => other - one)) {
    const roster = await rosterAt(store, description, sequence);
    if (roster !== null) return roster;
  }
  return null;
}

async function rosterAt(store: ObjectStore, description: VaultDescription, sequence: number): Promise<Roster | null> {
  const object = numbered(FOLDER, sequence);
  const bytes = await store.get(object);
  if (bytes === null) return null;
  try {
    return await parseRoster(bytes, object, sequence, description);
  } catch (error) {
    if (error instanceof VaultError && error.code === "vault.damaged_object") return null;
    throw error;
  }
}

/** Throws vault.damaged_object for what the vault's key did not sign for this number. */
export async function parseRoster(bytes: Uint8Array, object: string, sequence: number, description: Pick<VaultDescription, "vaultId" | "signingPublicKey">): Promise<Roster> {
  const parsed = RosterShape.safeParse(await verifySigned(bytes, "holdfast-roster", description.signingPublicKey, object));
  if (!parsed.success || parsed.data.vaultId !== description.vaultId || parsed.data.sequence !== sequence) throw damaged(object, "it is not a roster of this vault under this number");
  const { format: _, vaultId: __, ...roster } = parsed.data;
  return roster;
}

export interface RosterObjects {
  /** By object: rosters as the vault's key signed them, each with the SHA-256 of the stored bytes, hex. */
  readonly sound: ReadonlyMap<string, { readonly roster: Roster; readonly digest: string }>;
  readonly damaged: readonly string[];
  /** Below the newest that is sound, and not there: rosters are never removed. */
  readonly missing: readonly string[];
}

/** Every roster that is or was there, for a verifier. Throws StoreError. */
export async function readRosterObjects(store: ObjectStore, description: VaultDescription): Promise<RosterObjects> {
  const { records, damaged: bad, missing } = await readNumbered(store, FOLDER, async (bytes, object, sequence) => {
    const roster = await parseRoster(bytes, object, sequence, description);
    return { roster, digest: createHash("sha256").update(bytes).digest("hex") };
  });
  return { sound: new Map(records.map(({ object, record }) => [object, record])), damaged: bad, missing };
}

/** The name of the roster with this number. */
export function rosterObject(sequence: number): string {
  return numbered(FOLDER, sequence);
}

/** The number of a roster by its name; null: it is none. */
export function rosterSequenceOf(key: string): number | null {
  return numberOf(FOLDER, key);
}

/** Writes the next one and answers it. Throws StoreError. */
export async function putRoster(
  o: { readonly store: ObjectStore; readonly description: VaultDescription; readonly signingKey: Jwk; readonly clock: Clock },
  said: Pick<Roster, "shop" | "signIn" | "responders">,
): Promise<{ readonly roster: Roster; readonly object: string; readonly digest: string }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const taken = await numbers(o.store);
    let sequence = ((await readRoster(o.store, o.description))?.sequence ?? 0) + 1;
    while (taken.has(sequence)) sequence++;
    const roster: Roster = { ...said, sequence, at: o.clock.now().toISOString() };
    const object = numbered(FOLDER, sequence);
    const bytes = await signJson(RosterShape.parse({ format: 1, vaultId: o.description.vaultId, ...roster }), "holdfast-roster", o.signingKey);
    if (await claim(o.store, object, bytes)) return { roster, object, digest: createHash("sha256").update(bytes).digest("hex") };
  }
  throw new VaultError("vault.recipients_contended", "others wrote rosters at the same time, again and again", { retry: "later" });
}

async function numbers(store: ObjectStore): Promise<Set<number>> {
  const found = new Set<number>();
  for await (const { key } of store.list(`${FOLDER}/`)) {
    const sequence = numberOf(FOLDER, key);
    if (sequence !== null) found.add(sequence);
  }
  return found;
}
