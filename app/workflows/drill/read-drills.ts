/** Signed records of drills as the vault holds them, each with the newest certification that is about exactly that record. */
import { readDrillObjects, type DrillObject, type ObjectStore, type VaultDescription } from "#app/vault/index.ts";
import type { CatalogDrill, DrillCertification } from "../ports.ts";
import { certificationOf, certifiedRecord, predicateOf, rowOf, type DrillPredicate } from "./statement.ts";

export interface SignedDrill {
  readonly record: DrillObject;
  readonly predicate: DrillPredicate;
  readonly certification: DrillCertification | null;
  readonly row: CatalogDrill;
}

type Signer = Pick<VaultDescription, "vaultId" | "signingPublicKey">;

/** In order of time. What is damaged is left out: verify and the report name it. */
export async function readSignedDrills(store: ObjectStore, description: Signer, options: { readonly drillId?: string } = {}): Promise<SignedDrill[]> {
  const { results, certifications } = await readDrillObjects(store, description, options);
  return pairUp(results, certifications);
}

export function pairUp(results: readonly DrillObject[], certifications: readonly DrillObject[]): SignedDrill[] {
  return results.flatMap((record) => {
    const predicate = predicateOf(record);
    if (predicate === null) return [];
    const about = certifications.filter((one) => certifiedRecord(one).digest === record.digest).map(certificationOf).filter((one) => one !== null);
    const certification = about.sort((a, b) => (a.certifiedAt < b.certifiedAt ? -1 : 1)).at(-1) ?? null;
    return [{ record, predicate, certification, row: rowOf(predicate, { object: record.object, digest: record.digest }, certification) }];
  });
}
