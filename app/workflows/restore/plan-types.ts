/** What a plan of a restore says: a head, which the second person approves by its digest, and one line per family that differs, in chunks that the head names. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { ConflictRule, RestoreSelection, RestoreTotals } from "../ports.ts";
import { canonicalJson } from "./canonical.ts";

const Id = z.string().min(1).max(4096);
const Name = z.string().min(1).max(1000);
const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();
const Counts = z.object({ create: Count, update: Count, remove: Count, none: Count, refuse: Count, erased: Count });
const Selection = z.discriminatedUnion("scope", [
  z.strictObject({ scope: z.literal("everything") }),
  z.strictObject({ scope: z.literal("kinds"), kinds: z.array(Name).min(1).max(100) }),
  z.strictObject({ scope: z.literal("namespace"), namespace: z.string().min(1).max(255) }),
  z.strictObject({ scope: z.literal("person"), ids: z.array(Id).min(1).max(100) }),
  z.strictObject({ scope: z.literal("records"), ids: z.array(Id).min(1).max(1000) }),
  z.strictObject({ scope: z.literal("field"), ids: z.tuple([Id]), field: Name }),
]);
const Base64url = z.string().regex(/^[A-Za-z0-9_-]{1,1500}$/);
const RecipientJwk = z.union([z.strictObject({ kty: z.literal("EC"), crv: z.enum(["P-256", "P-384"]), x: Base64url, y: Base64url }), z.strictObject({ kty: z.literal("RSA"), n: Base64url, e: Base64url })]);
const Export = z.strictObject({ kind: z.literal("export"), name: z.string().regex(/^[^\p{Cc}@]{1,64}$/u), recipient: z.strictObject({ keyId: z.string().regex(/^[A-Za-z0-9_-]{43}$/), jwk: RecipientJwk }) });
const Target = z.discriminatedUnion("kind", [Export, z.strictObject({ kind: z.literal("same-shop") }), z.strictObject({ kind: z.literal("shop"), shop: z.string().max(255) }), z.strictObject({ kind: z.literal("sandbox") })]);
const Decision = z.enum(["overwrite", "keep"]);

export const PlanShape = z.strictObject({
  format: z.literal(1),
  planId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  shop: z.string().max(255),
  vaultId: z.string(),
  target: Target,
  /** The chosen moment, ISO 8601 UTC. */
  at: z.iso.datetime(),
  /** The snapshot that the moment is read from, and the last segment of the journal that counts over it. */
  base: z.string().nullable(),
  through: z.strictObject({ sequence: Count, digest: Digest }).nullable(),
  /** The snapshot that says what the shop has now; null: the chosen records were asked for one by one. */
  before: z.string().nullable(),
  selection: Selection,
  rule: z.enum(["ask", "overwrite", "keep"]),
  extras: z.enum(["keep", "remove"]),
  /** What somebody decided for single records, in the order of kind and id. */
  decisions: z.array(z.strictObject({ kind: Name, id: Id, decision: Decision })).max(10_000),
  totals: z.object({ ...Counts.shape, kinds: z.record(z.string(), Counts), editedSince: Count, reCreated: Count, undecided: Count, losses: z.array(z.object({ kind: Name, field: Name, reason: Name, records: Count })).max(10_000), costPoints: z.number().nonnegative(), moments: z.array(z.strictObject({ kind: Name, at: z.iso.datetime() })).max(1000).optional(), rights: z.array(z.string().max(100)).max(100).optional() }),
  estimateMs: z.number().nonnegative(),
  createdAt: z.iso.datetime(),
  createdBy: z.string().max(200),
  plannedAt: z.iso.datetime(),
  chunks: z.array(z.strictObject({ name: z.string().max(64), digest: Digest, families: Count })).max(100_000),
});
export type RestorePlan = z.infer<typeof PlanShape>;

export const FamilyShape = z.strictObject({
  kind: Name,
  /** The root's id then; now, where it did not exist then. */
  id: Id,
  /** Only what it says of records that are created anew is written; all else of it stays as it is. */
  only: z.literal("references").optional(),
  /** Its id now, where that is another: it was made anew since. */
  nowId: Id.optional(),
  action: z.enum(["create", "update", "remove", "none", "refuse"]),
  changes: z.array(z.object({ kind: Name, id: Id, fields: z.array(Name) })),
  losses: z.array(z.object({ kind: Name, field: Name, reason: Name })),
  costPoints: z.number().nonnegative(),
  /** edited-since: changed again after the change that is to be undone. re-created: another record now has what must be unique. */
  conflict: z.enum(["edited-since", "re-created"]).nullable(),
  /** Digest of what the shop has now; null: it is gone. */
  seen: z.string().regex(/^[0-9a-f]{32}$/).nullable(),
});
export type PlannedFamily = z.infer<typeof FamilyShape>;
export type PlanDecision = z.infer<typeof Decision>;

// The database's row and the sealed plan say the same in the same words.
export const ExportShape = Export;
export const SelectionShape: z.ZodType<RestoreSelection> = Selection;
export type SameTotals = RestorePlan["totals"] extends RestoreTotals ? true : never;

export function encodePlan(plan: RestorePlan): Buffer {
  return Buffer.from(canonicalJson(plan), "utf8");
}

/** SHA-256 of the canonical form, hex: what the second person approves. */
export function planDigest(plan: RestorePlan): string {
  return createHash("sha256").update(encodePlan(plan)).digest("hex");
}

/** What happens to a family: "overwrite" puts it back. Null: somebody has to decide. What has no conflict is put back, unless somebody said to keep it. */
export function decisionOf(rule: ConflictRule, decisions: ReadonlyMap<string, PlanDecision>, { kind, id, conflict }: Pick<PlannedFamily, "kind" | "id" | "conflict">): PlanDecision | null {
  const said = decisions.get(decisionKey(kind, id));
  if (said !== undefined) return said;
  if (conflict === null) return "overwrite";
  return rule === "ask" ? null : rule;
}

export function decisionKey(kind: string, id: string): string {
  return `${kind}\0${id}`;
}

export function decisionsOf({ decisions }: Pick<RestorePlan, "decisions">): ReadonlyMap<string, PlanDecision> {
  return new Map(decisions.map(({ kind, id, decision }) => [decisionKey(kind, id), decision]));
}

/** What the ledger and the report say: records that go into another shop are disclosed to it. */
export function disclosed({ target }: Pick<RestorePlan, "target">): { readonly disclosedTo?: string } {
  return target.kind === "shop" ? { disclosedTo: target.shop } : {};
}
