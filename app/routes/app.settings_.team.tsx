/** /app/settings/team: who may act in an emergency. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { SaveBar } from "@shopify/app-bridge-react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { TeamModel } from "#app/ui/models/restore.ts";
import { toast } from "#app/ui/parts/toast.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { TeamScreen, type TeamForm } from "#app/ui/screens/team.tsx";
import { mightRestore } from "#app/workflows/restore/access.ts";
import { askToJoin, saveTeam } from "#app/workflows/restore/team.ts";
import { publishRoster } from "#app/workflows/view/publish-roster.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Response team" }];

const member = z.object({ actor: z.string().max(150), label: z.string().max(64), responder: z.boolean(), approver: z.boolean() });
const body = z.discriminatedUnion("intent", [z.object({ intent: z.literal("save"), members: z.array(member).max(300) }), z.object({ intent: z.literal("ask"), label: z.string().min(1).max(64) })]);

export const loader = shopLoader(async ({ app, shop, actor, staff }): Promise<TeamModel> => {
  const { responseTeam, clock } = app.ports;
  const [members, mayConfigure] = await Promise.all([responseTeam?.list(shop) ?? [], mightRestore(app.ports, "team.configure", { shop, actor })]);
  return { now: clock.now().toISOString(), you: `staff:${staff.id}`, mayConfigure, members: members.map(({ actor: own, label, roles, changedAt }) => ({ actor: own, label, responder: roles.includes("responder"), approver: roles.includes("approver"), changedAt: changedAt.toISOString() })) };
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }) => {
  if (asked.intent === "ask") return askToJoin(app.ports, { shop, actor, label: asked.label });
  const saved = await saveTeam(app.ports, { shop, actor, members: asked.members.map(({ actor: own, label, responder, approver }) => ({ actor: own, label, roles: [...(responder ? (["responder"] as const) : []), ...(approver ? (["approver"] as const) : [])] })) });
  // The viewer goes by what lies in the vault, also when this host is gone.
  if (saved.kind === "saved") await publishRoster({ ...app.ports, viewerSettings: app.viewer.settings }, shop);
  return saved;
});

const formOf = ({ members }: TeamModel): TeamForm => ({ members: members.map(({ actor, label, responder, approver }) => ({ actor, label, responder, approver })) });

export default function ResponseTeam() {
  const model = useLoaderData<typeof loader>() as TeamModel;
  const [saver, asker] = [useFetcher<typeof action>(), useFetcher<typeof action>()];
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
      <TeamScreen model={model} form={form} onForm={setForm} busy={asker.state !== "idle"} problem={problemOf(saver.data) ?? problemOf(asker.data)} onAsk={(label) => asker.submit({ intent: "ask", label } as never, { method: "post", encType: "application/json" })} />
    </>
  );
}
