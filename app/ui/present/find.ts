/** From the workflow's answers to what the search box is given. */
import type { FindMaterial, FindRefused, Found } from "#app/workflows/find/find.ts";
import { presentVaultKeys } from "./drill-keys.ts";
import type { FindAnswerModel, FindMaterialModel } from "../models/find.ts";

export function presentFindMaterial(prepared: FindMaterial | FindRefused): FindMaterialModel {
  if (prepared.kind !== "ready") return { vaultId: "", recipientKeyIds: [], sealedKeys: [], packs: [], problem: { code: prepared.code }, ...refusal(prepared) };
  const { recipients } = prepared;
  // A key that is no JWE any more closes its own packs; the others are searched.
  const sealedKeys = prepared.keys.flatMap((key) => presentVaultKeys({ recipients, keys: [key] })?.sealedKeys ?? []);
  return { vaultId: prepared.vaultId, recipientKeyIds: recipients, sealedKeys, packs: prepared.packs };
}

export function presentFound(answer: Found): FindAnswerModel {
  if (answer.kind !== "found") return { found: [], more: false, unsearched: 0, faults: 0, problem: { code: answer.code }, ...refusal(answer) };
  return { found: answer.found.map(({ kind, id, state, within }) => ({ kind, id, state, within: within?.kind ?? null })), more: answer.more, unsearched: answer.unsearched, faults: answer.faults.length };
}

/** So that a refusal is answered as one. */
function refusal({ kind, code }: FindRefused): { readonly kind?: "refused"; readonly code?: string } {
  return kind === "refused" ? { kind, code } : {};
}
