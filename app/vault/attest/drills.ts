/**
 * What drills found, kept in the vault: `drills/<time>-<id>.json`, and `drills/<time>-<id>.certified-<8 hex digits>.json` when somebody answered for it. Both are
 * signed statements (dsse.ts), written once and never removed. What a predicate says besides the members named here is the business of whoever writes it.
 */
import { z } from "zod";
import { sha256 } from "../crypto/digest.ts";
import { damaged, VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Jwk, PublicJwk, Random } from "../ports.ts";
import { protectedStore } from "../repair/parity-store.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";
import { signStatement, STATEMENT_TYPE, verifyStatement } from "./dsse.ts";
import type { Statement } from "./dsse.ts";

export const DRILL_RESULT = "holdfast:drill-result/v1";
export const DRILL_CERTIFICATION = "holdfast:drill-certification/v1";

const FOLDER = "drills/";
const RESULT = /^drills\/(\d{8}T\d{6}\.\d{3}Z)-([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.json$/;
const CERTIFIED = /^drills\/(\d{8}T\d{6}\.\d{3}Z)-([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.certified-[0-9a-f]{8}\.json$/;
const Time = z.iso.datetime({ precision: 3 });

/** What every predicate here says, so that an object cannot be moved to another name or vault. */
const Bound = z.looseObject({ vaultId: z.string(), drillId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/), startedAt: Time });

export interface DrillObject {
  readonly object: string;
  /** SHA-256 hex of the stored bytes: what the ledger names it by. */
  readonly digest: string;
  readonly drillId: string;
  readonly statement: Statement;
  /** The envelope, as stored. */
  readonly bytes: Uint8Array;
}

export interface DrillObjects {
  /** In order of time. */
  readonly results: readonly DrillObject[];
  readonly certifications: readonly DrillObject[];
  /** Objects under drills/ that are not what the vault's key signed for their names. */
  readonly damaged: readonly string[];
}

export interface DrillKeeper {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly signingKey: Jwk;
}

export type DrillPredicate = z.infer<typeof Bound>;

/** Writes a drill's result. `subject`: what was drilled, by name and digest. Idempotent; throws vault.damaged_object when the drill has another result already. */
export async function putDrillResult(o: DrillKeeper, subject: Statement["subject"], predicate: DrillPredicate): Promise<DrillObject> {
  return put(o, `${base(predicate)}.json`, { _type: STATEMENT_TYPE, subject, predicateType: DRILL_RESULT, predicate });
}

/** Writes that somebody answers for a result, or does not: the subject is the result's own object. */
export async function putDrillCertification(o: DrillKeeper & { readonly random: Random }, result: DrillObject, predicate: Omit<DrillPredicate, "drillId" | "startedAt" | "vaultId">): Promise<DrillObject> {
  const { vaultId, drillId, startedAt } = Bound.parse(result.statement.predicate);
  const bound = { ...predicate, vaultId, drillId, startedAt };
  const object = `${base(bound)}.certified-${Buffer.from(o.random(4)).toString("hex")}.json`;
  return put(o, object, { _type: STATEMENT_TYPE, subject: [{ name: result.object, digest: { sha256: result.digest } }], predicateType: DRILL_CERTIFICATION, predicate: bound });
}

async function put({ store, description, signingKey }: DrillKeeper, object: string, statement: Statement): Promise<DrillObject> {
  const bytes = await signStatement(statement, signingKey);
  await putExact(protectedStore(store, description), object, bytes);
  return { object, digest: sha256(bytes), drillId: String(statement.predicate["drillId"]), statement, bytes };
}

function base({ startedAt, drillId }: DrillPredicate): string {
  return `${FOLDER}${startedAt.replaceAll("-", "").replaceAll(":", "")}-${drillId}`;
}

/** Throws vault.damaged_object unless the vault's key signed these bytes for this name. */
export async function parseDrillObject(bytes: Uint8Array, object: string, { vaultId, signingPublicKey }: { readonly vaultId: string; readonly signingPublicKey: PublicJwk }): Promise<DrillObject> {
  const certified = CERTIFIED.test(object);
  if (!certified && !RESULT.test(object)) throw damaged(object, "its name is no drill's");
  const statement = await verifyStatement(bytes, signingPublicKey, object);
  const bound = Bound.safeParse(statement.predicate);
  if (statement.predicateType !== (certified ? DRILL_CERTIFICATION : DRILL_RESULT) || !bound.success) throw damaged(object, "it lacks what a drill's record has");
  const expected = base(bound.data);
  if (bound.data.vaultId !== vaultId || !(certified ? object.startsWith(`${expected}.certified-`) : object === `${expected}.json`)) throw damaged(object, "it belongs to another place");
  return { object, digest: sha256(bytes), drillId: bound.data.drillId, statement, bytes: Uint8Array.from(bytes) };
}

/** All that hold, in order of their names, which begin with the time; and the names of those that do not. */
export async function readDrillObjects(store: ObjectStore, description: Pick<VaultDescription, "vaultId" | "signingPublicKey">, options: { readonly drillId?: string } = {}): Promise<DrillObjects> {
  const results: DrillObject[] = [];
  const certifications: DrillObject[] = [];
  const wrong: string[] = [];
  for await (const { key } of store.list(FOLDER)) {
    const id = (RESULT.exec(key) ?? CERTIFIED.exec(key))?.[2];
    if (id === undefined || (options.drillId !== undefined && id !== options.drillId)) continue;
    const bytes = await store.get(key);
    if (bytes === null) continue;
    try {
      const found = await parseDrillObject(bytes, key, description);
      (CERTIFIED.test(key) ? certifications : results).push(found);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      wrong.push(key);
    }
  }
  return { results, certifications, damaged: wrong };
}
