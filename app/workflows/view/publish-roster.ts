/**
 * Puts into the vault who may look at records when nothing but the vault is left: the response team's responders and the way to sign in. Written only when it says something new; safe to
 * repeat, and repeated by itself, so that a storage that was away catches up.
 */
import { putRoster, readRoster, type Roster } from "#app/vault/index.ts";
import type { Ports, ViewerSettings } from "../ports.ts";
import { failureOf } from "../shared/failure.ts";
import { keepEvent } from "../shared/outbox.ts";
import { readableDescription } from "../shared/readable-description.ts";

export type PublishPorts = Pick<Ports, "links" | "keyring" | "stores" | "signer" | "outbox" | "clock" | "log" | "responseTeam"> & { readonly viewerSettings?: ViewerSettings };

export type Published =
  | { readonly kind: "published"; readonly sequence: number }
  | { readonly kind: "unchanged" }
  /** No vault, no keys of it, or nothing set up yet. */
  | { readonly kind: "nothing" }
  | { readonly kind: "later"; readonly code: string };

export async function publishRoster(ports: PublishPorts, shop: string): Promise<Published> {
  const { viewerSettings, responseTeam, links, keyring, stores, clock } = ports;
  const setting = (await viewerSettings?.get(shop)) ?? null;
  const link = await links.get(shop);
  if (setting === null || link === null) return { kind: "nothing" };
  const hostKeys = await keyring.get(link.vaultId);
  if (hostKeys === null) return { kind: "nothing" };
  const team = (await responseTeam?.list(shop)) ?? [];
  const said: Pick<Roster, "shop" | "signIn" | "responders"> = {
    shop,
    signIn: { issuer: setting.issuer, clientId: setting.clientId, groupsClaim: setting.groupsClaim, groups: [...setting.groups].sort(), secret: setting.hasSecret },
    responders: team.filter(({ actor, roles }) => actor.startsWith("responder:") && roles.includes("responder")).map(({ actor }) => actor.slice("responder:".length)).sort(),
  };
  try {
    const store = await stores.open(link.storageUrl, { shop });
    const description = await readableDescription(store);
    if (description?.vaultId !== link.vaultId) return { kind: "nothing" };
    const there = await readRoster(store, description);
    if (there !== null && same(there, said)) return { kind: "unchanged" };
    const { roster, digest } = await putRoster({ store, description, signingKey: hostKeys.signingKey, clock }, said);
    await keepEvent(ports, shop, { actor: "system", action: "roster.published", subject: { vault: link.vaultId, shop, sequence: roster.sequence, digest, responders: said.responders.length, groups: setting.groups.length }, outcome: "done" });
    ports.log.info("roster.published", { shop, sequence: roster.sequence, responders: said.responders.length });
    return { kind: "published", sequence: roster.sequence };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    ports.log.warn("roster.later", { shop, code: failure.code });
    return { kind: "later", code: failure.code };
  }
}

function same(one: Pick<Roster, "shop" | "signIn" | "responders">, other: typeof one): boolean {
  const facts = ({ shop, signIn, responders }: typeof one): string =>
    JSON.stringify([shop, signIn === null ? null : [signIn.issuer, signIn.clientId, signIn.groupsClaim, [...signIn.groups].sort(), signIn.secret], [...responders].sort()]);
  return facts(one) === facts(other);
}
