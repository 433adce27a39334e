/** What a search in the browser is given and answers. Ids and kinds; what is looked for never leaves the browser. */
import type { ProblemModel } from "../models.ts";
import type { VaultKeysModel } from "./privacy.ts";

/** What tokens are made with. `secret`: a pack's wrapped secret (the vault's format, 2.4), base64url; the content key `keyId` opens it. */
export interface FindMaterialModel extends VaultKeysModel {
  readonly vaultId: string;
  readonly packs: readonly { readonly pack: string; readonly keyId: string; readonly secret: string }[];
  readonly problem?: ProblemModel;
}

/** One pack's tokens, base64url. */
export interface PackTokensModel {
  readonly pack: string;
  readonly blocksKey: string;
  readonly groups: readonly (readonly string[])[];
}

export type FindBody = { readonly by: "email" | "phone" | "name" | "order"; readonly tokens: readonly PackTokensModel[] } | { readonly by: "id"; readonly ids: readonly string[] };

export interface FoundModel {
  readonly kind: string;
  readonly id: string;
  readonly state: "current" | "earlier" | "gone";
  /** The kind of the part in which it was found, when that is not the record itself. */
  readonly within: string | null;
}

export interface FindAnswerModel {
  /** This person may not look for records; `code` says why. */
  readonly kind?: "refused";
  readonly code?: string;
  readonly found: readonly FoundModel[];
  readonly more: boolean;
  /** Packs that could not be asked. */
  readonly unsearched: number;
  readonly faults: number;
  readonly problem?: ProblemModel;
}
