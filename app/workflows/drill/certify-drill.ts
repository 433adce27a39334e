/**
 * A manager answers for a drill's result: has seen it, says whether the copies can be relied on, and what is to be done where they cannot. What an auditor asks for under
 * 45 CFR 164.308(a)(7)(ii)(D), "testing and revision procedures": that tests were documented, who reviewed them, and what was corrected. Nobody reviews their own: it takes an approver
 * who did not run it. A second signed record, about the first by its digest; nothing is changed or removed. What is written must not identify anybody.
 */
import { actorName, type AccessRefusal, type Actor } from "#app/access/index.ts";
import { detect, type Identifier } from "#app/phi/index.ts";
import { putDrillCertification } from "#app/vault/index.ts";
import type { CatalogDrill, DrillVerdict, Ports } from "../ports.ts";
import { vaultLedger } from "../shared/vault-ledger.ts";
import { withShopVault } from "../shared/with-shop-vault.ts";
import { refusedDrill, type DrillAccessPorts } from "./access.ts";
import { readSignedDrills } from "./read-drills.ts";
import { certificationOf, rowOf } from "./statement.ts";

export interface CertifyDrill {
  readonly shop: string;
  readonly actor: Actor;
  readonly drillId: string;
  readonly verdict: DrillVerdict;
  readonly remarks: string;
  readonly correctiveAction: string;
}

export type CertifiedDrill =
  | { readonly kind: "certified"; readonly drill: CatalogDrill }
  | { readonly kind: "refused"; readonly code: AccessRefusal }
  | { readonly kind: "not-found" }
  /** A drill that failed cannot be accepted without saying what is done about it. */
  | { readonly kind: "invalid"; readonly code: "drill.action_needed" | "drill.remarks_too_long" }
  /** The text has what looks like somebody's; which field, and what. */
  | { readonly kind: "invalid"; readonly code: "drill.remarks_identify"; readonly field: "remarks" | "correctiveAction"; readonly identifier: Identifier }
  | { readonly kind: "failed"; readonly code: string };

const MOST_LETTERS = 2000;

export async function certifyDrill(
  ports: Pick<Ports, "keyring" | "catalog" | "scratch" | "random" | "log"> & DrillAccessPorts,
  { shop, actor, drillId, verdict, remarks, correctiveAction }: CertifyDrill,
): Promise<CertifiedDrill> {
  // Before anything is read: with nobody's drill in hand, only whether they may answer for anybody's.
  const refused = await refusedDrill(ports, "drill.certify", { shop, actor, ranBy: "system" });
  if (refused !== null) return refused;
  for (const [field, text] of [["remarks", remarks], ["correctiveAction", correctiveAction]] as const) {
    if (text.length > MOST_LETTERS) return { kind: "invalid", code: "drill.remarks_too_long" };
    // A date is when something is to be done by; everything else may be somebody's.
    const found = detect(text).find(({ identifier }) => identifier !== "date");
    if (found !== undefined) return { kind: "invalid", code: "drill.remarks_identify", field, identifier: found.identifier };
  }
  return withShopVault(ports, shop, async ({ vault, store, hostKeys }): Promise<CertifiedDrill> => {
    const [signed] = (await readSignedDrills(store, vault.description, { drillId })).filter(({ row }) => row.drillId === drillId && row.shop === shop);
    if (signed === undefined) return { kind: "not-found" };
    const own = await refusedDrill(ports, "drill.certify", { shop, actor, ranBy: signed.predicate.requestedBy });
    if (own !== null) return own;
    if ((!signed.predicate.passed || verdict === "accepted_with_action") && correctiveAction.trim() === "") return { kind: "invalid", code: "drill.action_needed" };
    const ledger = await vaultLedger(ports, vault.description.vaultId, store);
    const { vaultId } = vault.description;
    const predicate = { certifiedAt: ports.clock.now().toISOString(), certifiedBy: actorName(actor), verdict, remarks: remarks.trim(), correctiveAction: correctiveAction.trim() };
    const kept = await putDrillCertification({ store, description: vault.description, signingKey: hostKeys.signingKey, random: ports.random }, signed.record, predicate);
    await ledger.append([{ actor: actorName(actor), action: "drill.certified", subject: { vault: vaultId, shop, drill: drillId, record: signed.record.digest, certificate: kept.digest, verdict }, outcome: "done" }]);
    const drill = rowOf(signed.predicate, { object: signed.record.object, digest: signed.record.digest }, certificationOf(kept));
    await ports.catalog.putDrill(drill);
    ports.log.info("drill.certified", { shop, drill: drillId, verdict, by: actorName(actor) });
    return { kind: "certified", drill };
  });
}
