/** Sets up how responders sign in. Whoever may name the team may do this: it decides who is believed. */
import { actorName, mayRequest, type AccessRefusal, type Actor } from "#app/access/index.ts";
import type { Ports, SignInTests, ViewerSettings } from "../ports.ts";
import { recordEvent } from "../shared/outbox.ts";
import { recordRefusal } from "../shared/record-refusal.ts";
import { publishRoster, type PublishPorts } from "./publish-roster.ts";

export interface EnteredSignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly groupsClaim: string;
  /** One on each line, as a person types them. */
  readonly groups: string;
  /** null: keep what is there; empty: there is none. */
  readonly secret: string | null;
}

export type SavedSignIn =
  | { readonly kind: "saved"; readonly roster: "published" | "unchanged" | "nothing" | "later" }
  /** By field: "missing", "bad", "too_many". */
  | { readonly kind: "invalid"; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly code: AccessRefusal };

export type ConfigurePorts = PublishPorts & Pick<Ports, "clock"> & { readonly viewerSettings: ViewerSettings; readonly signInTests: SignInTests };

const CLAIM = /^[A-Za-z][A-Za-z0-9_:./-]{0,199}$/;
const MOST_GROUPS = 50;

export async function configureSignIn(ports: ConfigurePorts, o: { readonly shop: string; readonly actor: Actor; readonly entered: EnteredSignIn }): Promise<SavedSignIn> {
  const { shop, actor, entered } = o;
  const refusal = await refusalOf(ports, shop, actor);
  if (refusal !== null) return { kind: "refused", code: refusal };
  const { setting, fields } = settingFrom(entered);
  if (Object.keys(fields).length > 0) return { kind: "invalid", fields };
  const kept = entered.secret === null ? undefined : entered.secret.trim() === "" ? null : entered.secret.trim();
  await ports.viewerSettings.save({ shop, ...setting, savedAt: ports.clock.now(), savedBy: actorName(actor) }, kept);
  await recordEvent(ports, shop, { actor: actorName(actor), action: "setting.changed", subject: { shop, setting: "viewer", enabled: true }, outcome: "done" });
  return { kind: "saved", roster: (await publishRoster(ports, shop)).kind };
}

export type TestedSignIn = { readonly kind: "tested"; readonly pkce: boolean; readonly endsSessions: boolean } | { readonly kind: "failed"; readonly code: string } | { readonly kind: "invalid"; readonly fields: Readonly<Record<string, string>> } | { readonly kind: "refused"; readonly code: AccessRefusal };

/** Asks the provider what it says of itself. Signs nobody in. */
export async function testSignIn(ports: ConfigurePorts, o: { readonly shop: string; readonly actor: Actor; readonly entered: EnteredSignIn }): Promise<TestedSignIn> {
  const { shop, actor, entered } = o;
  const refusal = await refusalOf(ports, shop, actor);
  if (refusal !== null) return { kind: "refused", code: refusal };
  const { setting, fields } = settingFrom(entered);
  if (Object.keys(fields).length > 0) return { kind: "invalid", fields };
  const tested = await ports.signInTests.test(setting, null);
  return tested.ok ? { kind: "tested", pkce: tested.pkce, endsSessions: tested.endsSessions } : { kind: "failed", code: tested.code };
}

async function refusalOf(ports: ConfigurePorts, shop: string, actor: Actor): Promise<AccessRefusal | null> {
  const roles = (await ports.responseTeam?.rolesOf(shop, actorName(actor))) ?? [];
  const decision = mayRequest("team.configure", actor, shop, { roles });
  if (decision.allowed) return null;
  await recordRefusal(ports, { shop, actor, asked: "team.configure", code: decision.code });
  return decision.code;
}

function settingFrom({ issuer, clientId, groupsClaim, groups }: EnteredSignIn): { readonly setting: { issuer: string; clientId: string; groupsClaim: string; groups: string[] }; readonly fields: Readonly<Record<string, string>> } {
  const fields: Record<string, string> = {};
  const listed = [...new Set(groups.split(/\r?\n/).map((group) => group.trim()).filter((group) => group !== ""))];
  // As it is typed, but for spaces: whether it ends with a slash is part of what an issuer is called.
  const address = issuer.trim();
  if (address === "") fields["issuer"] = "missing";
  else if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol) || address.length > 500) fields["issuer"] = "bad";
  if (clientId.trim() === "") fields["clientId"] = "missing";
  else if (clientId.length > 500 || /\s/.test(clientId.trim())) fields["clientId"] = "bad";
  if (!CLAIM.test(groupsClaim.trim())) fields["groupsClaim"] = groupsClaim.trim() === "" ? "missing" : "bad";
  if (listed.length > MOST_GROUPS) fields["groups"] = "too_many";
  else if (listed.some((group) => group.length > 200)) fields["groups"] = "bad";
  return { setting: { issuer: address, clientId: clientId.trim(), groupsClaim: groupsClaim.trim(), groups: listed }, fields };
}
