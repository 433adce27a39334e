/** /app/restore/:id: what will change if I press this? From the plan over a second person's approval to the report. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData, useRevalidator, useSearchParams } from "@remix-run/react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { holdToRefusal, shopAction, shopLoader } from "#app/platform/routes.server.ts";
import { download } from "#app/ui/browser/download.ts";
import { fetchText } from "#app/ui/browser/fetch-text.ts";
import { askForScopes, type AskedScopes } from "#app/ui/browser/scopes.ts";
import type { RestoreModel } from "#app/ui/models/restore.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentRestore } from "#app/ui/present/restore.ts";
import { isUnderWay } from "#app/ui/present/run.ts";
import { RestoreScreen } from "#app/ui/screens/restore.tsx";
import { cancelPlan, decideConflicts, decidePlan, pauseApply, startApply, submitPlan } from "#app/workflows/restore/approve.ts";
import { prepareRestore } from "#app/workflows/restore/plan-keys.ts";
import { startPlanning } from "#app/workflows/restore/plan-request.ts";
import { giveBackRights, noteGranted } from "#app/workflows/restore/rights.ts";
import { showPlan } from "#app/workflows/restore/show.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Restore" }];

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const search = z.object({ page: z.coerce.number().int().min(0).max(1_000_000).catch(0), show: z.enum(["all", "conflicts"]).catch("all") });
const keys = z.record(z.string().max(200), z.string().regex(/^[\w-]{43}$/)).nullable();
const decision = z.object({ kind: z.string().min(1).max(200), id: z.string().min(1).max(4096), decision: z.enum(["overwrite", "keep"]).nullable() });
const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("plan"), keys }),
  z.object({ intent: z.literal("decide"), rule: z.enum(["ask", "overwrite", "keep"]), decisions: z.array(decision).max(1000) }),
  z.object({ intent: z.literal("submit") }),
  z.object({ intent: z.enum(["approve", "refuse"]), digest: z.string().regex(/^[0-9a-f]{64}$/), remark: z.string().max(1000) }),
  z.object({ intent: z.literal("apply"), keys }),
  z.object({ intent: z.literal("granted"), rights: z.array(z.string().regex(/^[a-z_]{1,100}$/)).min(1).max(100) }),
  z.object({ intent: z.enum(["pause", "resume", "cancel", "give-back"]) }),
]);

export const loader = shopLoader({ params, search }, async ({ app, shop, actor, params: { id }, search: { page, show } }): Promise<RestoreModel> => {
  const { clock, runs, responseTeam } = app.ports;
  const conflicts = show === "conflicts";
  const shown = holdToRefusal(await showPlan(app.ports, { shop, actor, planId: id, page, conflicts }));
  if (shown.kind === "not-found") throw new RequestError("request.not_found", "no such restore");
  if (shown.kind === "failed") throw Object.assign(new Error("the plan cannot be read"), { code: shown.code });
  const { row } = shown;
  const [run, team] = await Promise.all([row.runId === null ? null : runs.get(row.runId), responseTeam?.list(shop) ?? []]);
  const live = run !== null && isUnderWay(run);
  const asked = row.state === "planning" ? "restore.plan" : row.state === "approved" || row.state === "running" || row.state === "paused" ? "restore.apply" : null;
  // Whoever may only look is not handed sealed keys, and looking is no attempt to get them.
  const may = asked === "restore.plan" ? shown.may.plan : shown.may.apply;
  const prepared = asked === null || !may || (live && run.kind === "restore") ? null : await prepareRestore(app.ports, { shop, actor, row, asked });
  return presentRestore(shown, { now: clock.now(), page, conflicts, prepared, run: live ? run : null, labels: new Map(team.map((member) => [member.actor, member.label])) });
});

export const action = shopAction({ params, body }, async ({ app, shop, actor, params: { id: planId }, body: asked }) => {
  const o = { shop, actor, planId };
  const bytes = (sent: Readonly<Record<string, string>> | null): Map<string, Uint8Array> | null => (sent === null ? null : new Map(Object.entries(sent).map(([id, key]) => [id, new Uint8Array(Buffer.from(key, "base64url"))])));
  const answer = await (async () => {
    switch (asked.intent) {
      case "plan":
        return startPlanning(app.ports, { ...o, keys: bytes(asked.keys) });
      case "decide":
        return decideConflicts(app.ports, { ...o, rule: asked.rule, decisions: asked.decisions });
      case "submit":
        return submitPlan(app.ports, o);
      case "approve":
      case "refuse":
        return decidePlan(app.ports, { ...o, approve: asked.intent === "approve", digest: asked.digest, remark: asked.remark });
      case "apply":
        return startApply(app.ports, { ...o, keys: bytes(asked.keys) });
      case "pause":
      case "resume":
        return pauseApply(app.ports, { ...o, pause: asked.intent === "pause" });
      case "granted":
        return noteGranted(app.ports, { ...o, rights: asked.rights });
      case "give-back":
        return giveBackRights(app.ports, o);
      case "cancel":
        return cancelPlan(app.ports, o);
    }
  })();
  return { kind: answer.kind, ...("code" in answer ? { code: answer.code } : {}) };
});

export default function Restore() {
  const model = useLoaderData<typeof loader>() as RestoreModel;
  const fetcher = useFetcher<typeof action>();
  const revalidator = useRevalidator();
  const [, setSearch] = useSearchParams();
  const run = useProgress(model.run);
  const lacking = (model.rights?.missing?.length ?? 0) > 0 && !model.rights?.here;
  const waits = model.state === "awaiting-approval" || model.waiting || model.run !== null || lacking;
  // Somebody else's decision, or the end of a run, shows without a reload.
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => revalidator.revalidate(), 4_000);
    return () => clearInterval(timer);
  }, [waits, revalidator]);
  const send = (asked: object): void => fetcher.submit(asked as never, { method: "post", encType: "application/json" });
  const [answer, setAnswer] = useState<Exclude<AskedScopes, "granted"> | null>(null);
  const askRights = async (rights: readonly string[]): Promise<void> => {
    const said = await askForScopes(rights);
    setAnswer(said === "granted" ? null : said);
    if (said === "granted") send({ intent: "granted", rights });
  };
  const take = async (format: "csv" | "json"): Promise<void> => {
    const text = await fetchText(`/app/restore/${model.id}/report?format=${format}`);
    if (text !== null) download(`restore-${model.id.slice(0, 12)}.${format}`, text, format === "csv" ? "text/csv" : "application/json");
  };
  const takePart = async (part: number): Promise<void> => {
    const text = await fetchText(`/app/restore/${model.id}/export?part=${part}`);
    if (text !== null) download(`export-${model.id.slice(0, 12)}-${part}.jwe.json`, text, "application/json");
  };
  return (
    <RestoreScreen
      model={{ ...model, run }}
      busy={fetcher.state !== "idle"}
      problem={problemOf(fetcher.data) ?? model.problem ?? null}
      onKeys={(opened) => send({ intent: model.state === "planning" ? "plan" : "apply", keys: opened === null ? null : { ...opened } })}
      onDecide={(rule, decisions) => send({ intent: "decide", rule, decisions })}
      onSubmit={() => send({ intent: "submit" })}
      onApprove={(approve, remark) => send({ intent: approve ? "approve" : "refuse", digest: model.digest ?? "", remark })}
      onControl={(intent) => send({ intent })}
      onPage={(page, onlyConflicts) => setSearch({ page: String(page), show: onlyConflicts ? "conflicts" : "all" }, { preventScrollReset: true })}
      onPart={(part) => void takePart(part)}
      onReport={(format) => void take(format)}
      rightsAnswer={answer}
      onRights={(rights) => void askRights(rights)}
      onRightsBack={() => send({ intent: "give-back" })}
    />
  );
}
