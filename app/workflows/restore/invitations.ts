/**
 * Which other shop may put its records into this one. Said by an approver of the shop that is written to, for some days, and taken back by anybody of its team;
 * both are in that shop's ledger. What is disclosed is the other shop's, whose own two people decide about it.
 */
import { actorName, type Actor } from "#app/access/index.ts";
import { SourceError } from "#app/sources/port.ts";
import type { Ports, RestoreInvitation, RestorePlanRow } from "../ports.ts";
import { RunFailed } from "../shared/failure.ts";
import { recordEvent } from "../shared/outbox.ts";
import { refusedRestore, type Refused, type RestoreAccessPorts } from "./access.ts";
import { AHEAD } from "./rights.ts";

export const INVITATION_DAYS = { most: 30, usual: 7 } as const;
const DAY_MS = 24 * 3_600_000;
const MOST_INVITATIONS = 20;
/** A shop's own domain (https://shopify.dev/docs/api/admin-graphql/latest/objects/Shop#field-Shop.fields.myshopifyDomain), with a port in a rehearsal. */
const DOMAIN = /^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/;
/** The wizard waits no longer for other shops' answers. */
const PATIENCE_MS = 3_000;

export type InvitationPorts = RestoreAccessPorts & Pick<Ports, "invitations" | "restorePlans" | "restoreTargets">;
export type MadeInvitation = { readonly kind: "invited"; readonly until: string } | Refused | { readonly kind: "failed"; readonly code: "restore.bad_invitation" | "restore.not_here" | "vault.not_linked" };

/** `days`: 1 to 30, from now. In place of what was said about the same shop before. */
export async function inviteShop(ports: InvitationPorts, { shop, actor, from, days }: { readonly shop: string; readonly actor: Actor; readonly from: string; readonly days: number }): Promise<MadeInvitation> {
  const refused = await refusedRestore(ports, "invitation.make", { shop, actor });
  if (refused !== null) return refused;
  const { invitations, links, clock } = ports;
  if (invitations === undefined) return { kind: "failed", code: "restore.not_here" };
  // Without a vault there is no log that could say who let whom in.
  if ((await links.get(shop)) === null) return { kind: "failed", code: "vault.not_linked" };
  if (!DOMAIN.test(from) || from === shop || !Number.isInteger(days) || days < 1 || days > INVITATION_DAYS.most) return { kind: "failed", code: "restore.bad_invitation" };
  const now = clock.now();
  const others = (await invitations.madeBy(shop)).filter((one) => one.from !== from && one.until > now);
  if (others.length >= MOST_INVITATIONS) return { kind: "failed", code: "restore.bad_invitation" };
  const until = new Date(now.getTime() + days * DAY_MS);
  const by = actorName(actor);
  await invitations.save({ shop, from, until, madeBy: by, madeAt: now });
  await recordEvent(ports, shop, { actor: by, action: "invitation.made", subject: { shop, from, until: until.toISOString() }, outcome: "done" });
  return { kind: "invited", until: until.toISOString() };
}

/** A restore of that shop that is under way stops before its next batch. */
export async function withdrawInvitation(ports: InvitationPorts, { shop, actor, from }: { readonly shop: string; readonly actor: Actor; readonly from: string }): Promise<{ readonly kind: "withdrawn" } | Refused | { readonly kind: "failed"; readonly code: "restore.not_in_this_state" }> {
  const refused = await refusedRestore(ports, "invitation.withdraw", { shop, actor });
  if (refused !== null) return refused;
  if ((await ports.invitations?.remove(shop, from)) !== true) return { kind: "failed", code: "restore.not_in_this_state" };
  await recordEvent(ports, shop, { actor: actorName(actor), action: "invitation.withdrawn", subject: { shop, from }, outcome: "done" });
  return { kind: "withdrawn" };
}

export interface ShownInvitation extends RestoreInvitation {
  readonly over: boolean;
  /** Plans of that shop for this one that are not over. */
  readonly plans: readonly Pick<RestorePlanRow, "planId" | "state">[];
}

/** What the receiving shop's team has said. */
export async function invitationsOf({ invitations, restorePlans, clock }: Pick<Ports, "invitations" | "restorePlans" | "clock">, shop: string): Promise<readonly ShownInvitation[]> {
  const [made, plans] = await Promise.all([invitations?.madeBy(shop) ?? [], restorePlans?.into(shop, { states: AHEAD, limit: 500 }) ?? []]);
  const now = clock.now();
  return made.map((one) => ({ ...one, over: one.until <= now, plans: plans.filter((plan) => plan.shop === one.from).map(({ planId, state }) => ({ planId, state })) }));
}

/** A shop that takes records of this one now. */
export interface Receiver {
  readonly shop: string;
  readonly until: Date;
  /** Rights to write that it has granted the app. Null: it could not be asked. */
  readonly writes: readonly string[] | null;
}

/** What the wizard offers. The shops are asked at once, and not for long. */
export async function receiversFor({ invitations, restoreTargets, clock }: Pick<Ports, "invitations" | "restoreTargets" | "clock">, shop: string): Promise<readonly Receiver[]> {
  const now = clock.now();
  const open = ((await invitations?.madeTo(shop)) ?? []).filter(({ until }) => until > now);
  return Promise.all(
    open.map(async ({ shop: receiver, until }): Promise<Receiver> => {
      if (restoreTargets === undefined) return { shop: receiver, until, writes: null };
      const signal = AbortSignal.timeout(PATIENCE_MS);
      try {
        const { rights } = (await restoreTargets.open(shop, { kind: "shop", shop: receiver }, signal)).target;
        return { shop: receiver, until, writes: rights === undefined ? null : (await rights.granted(signal)).filter((right) => right.startsWith("write_")).sort() };
      } catch (error) {
        if (error instanceof SourceError || error instanceof RunFailed) return { shop: receiver, until, writes: null };
        throw error;
      }
    }),
  );
}
