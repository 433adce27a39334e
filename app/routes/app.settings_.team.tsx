/** /app/settings/team: who may act in an emergency. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { SaveBar } from "@shopify/app-bridge-react";
import { useEffect, useState } from "react";
import { z } from "zod";
import type { Actor } from "#app/access/index.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { TeamModel } from "#app/ui/models/restore.ts";
import { askForScopes, type AskedScopes } from "#app/ui/browser/scopes.ts";
import { toast } from "#app/ui/parts/toast.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentReceiving } from "#app/ui/present/restore.ts";
import { TeamScreen, type TeamForm } from "#app/ui/screens/team.tsx";
import { mightRestore } from "#app/workflows/restore/access.ts";
import { giveBackForOthers, noteGrantedForOthers, rightsForOthers } from "#app/workflows/restore/rights.ts";
import { INVITATION_DAYS, invitationsOf, inviteShop, withdrawInvitation } from "#app/workflows/restore/invitations.ts";
import { askToJoin, saveTeam } from "#app/workflows/restore/team.ts";
import { publishRoster } from "#app/workflows/view/publish-roster.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Response team" }];

const member = z.object({ actor: z.string().max(150), label: z.string().max(64), responder: z.boolean(), approver: z.boolean() });
const domain = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/);
const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("save"), members: z.array(member).max(300) }),
  z.object({ intent: z.literal("ask"), label: z.string().min(1).max(64) }),
  z.object({ intent: z.literal("invite"), from: domain, days: z.number().int().min(1).max(INVITATION_DAYS.most) }),
  z.object({ intent: z.literal("withdraw"), from: domain }),
  z.object({ intent: z.literal("granted"), rights: z.array(z.string().regex(/^[a-z_]{1,100}$/)).min(1).max(100) }),
  z.object({ intent: z.literal("give-back") }),
]);

export const loader = shopLoader(async ({ app, shop, actor, staff }): Promise<TeamModel> => {
  const { responseTeam, clock, links } = app.ports;
  const might = (asked: "team.configure" | "invitation.make" | "invitation.withdraw"): Promise<boolean> => mightRestore(app.ports, asked, { shop, actor });
  const [members, mayConfigure, mayInvite, mayWithdraw, link, invitations, rights] = await Promise.all([
    responseTeam?.list(shop) ?? [], might("team.configure"), might("invitation.make"), might("invitation.withdraw"), links.get(shop), invitationsOf(app.ports, shop), rightsForOthers(app.ports, shop),
  ]);
  return {
    now: clock.now().toISOString(),
    you: `staff:${staff.id}`,
    mayConfigure,
    members: members.map(({ actor: own, label, roles, changedAt }) => ({ actor: own, label, responder: roles.includes("responder"), approver: roles.includes("approver"), changedAt: changedAt.toISOString() })),
    receiving: presentReceiving({ shop, ready: link !== null, mayInvite, mayWithdraw, invitations, rights, labels: new Map(members.map((one) => [one.actor, one.label])) }),
  };
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }) => {
  if (asked.intent !== "save") return answerOf(app.ports, { shop, actor }, asked);
  const saved = await saveTeam(app.ports, { shop, actor, members: asked.members.map(({ actor: own, label, responder, approver }) => ({ actor: own, label, roles: [...(responder ? (["responder"] as const) : []), ...(approver ? (["approver"] as const) : [])] })) });
  // The viewer goes by what lies in the vault, also when this host is gone.
  if (saved.kind === "saved") await publishRoster({ ...app.ports, viewerSettings: app.viewer.settings }, shop);
  return saved;
});

function answerOf(ports: Parameters<typeof inviteShop>[0], who: { readonly shop: string; readonly actor: Actor }, asked: Exclude<z.infer<typeof body>, { readonly intent: "save" }>) {
  switch (asked.intent) {
    case "ask":
      return askToJoin(ports, { ...who, label: asked.label });
    case "invite":
      return inviteShop(ports, { ...who, from: asked.from, days: asked.days });
    case "withdraw":
      return withdrawInvitation(ports, { ...who, from: asked.from });
    case "granted":
      return noteGrantedForOthers(ports, { ...who, rights: asked.rights });
    case "give-back":
      return giveBackForOthers(ports, who);
  }
}

const formOf = ({ members }: TeamModel): TeamForm => ({ members: members.map(({ actor, label, responder, approver }) => ({ actor, label, responder, approver })) });

export default function ResponseTeam() {
  const model = useLoaderData<typeof loader>() as TeamModel;
  const [saver, asker, other] = [useFetcher<typeof action>(), useFetcher<typeof action>(), useFetcher<typeof action>()];
  const [rightsAnswer, setRightsAnswer] = useState<Exclude<AskedScopes, "granted"> | null>(null);
  const say = (asked: object): void => other.submit(asked as never, { method: "post", encType: "application/json" });
  const askRights = async (rights: readonly string[]): Promise<void> => {
    const said = await askForScopes(rights);
    setRightsAnswer(said === "granted" ? null : said);
    if (said === "granted") say({ intent: "granted", rights });
  };
  const kept = formOf(model);
  const [form, setForm] = useState(kept);
  const changed = JSON.stringify(form) !== JSON.stringify(kept);
  useEffect(() => {
    const answer = [saver, asker].find(({ state, data }) => state === "idle" && data?.ok === true && (data.data.kind === "saved" || data.data.kind === "asked"));
    if (answer === undefined) return;
    toast(answer === saver ? "Saved" : "Asked");
    setForm(formOf(model));
    // What comes back with an answer is the model of that answer.
  }, [saver.state, saver.data, asker.state, asker.data, model]);
  return (
    <>
      <SaveBar id="response-team" open={changed}>
        <button type="button" variant="primary" onClick={() => saver.submit({ intent: "save", members: form.members } as never, { method: "post", encType: "application/json" })}>Save</button>
        <button type="button" onClick={() => setForm(kept)}>Discard</button>
      </SaveBar>
      <TeamScreen model={model} form={form} onForm={setForm} busy={asker.state !== "idle"} problem={problemOf(saver.data) ?? problemOf(asker.data) ?? problemOf(other.data)} receiving={{ busy: other.state !== "idle", onInvite: (from, days) => say({ intent: "invite", from, days }), onWithdraw: (from) => say({ intent: "withdraw", from }), rightsAnswer, onRights: (rights) => void askRights(rights), onRightsBack: () => say({ intent: "give-back" }) }} onAsk={(label) => asker.submit({ intent: "ask", label } as never, { method: "post", encType: "application/json" })} />
    </>
  );
}
