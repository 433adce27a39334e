/** /app/restore/new: which moment, and what of it. What is looked for is found in the browser; only ids come here. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { RestoreNewModel } from "#app/ui/models/restore.ts";
import { useFind } from "#app/ui/parts/use-find.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { RestoreNewScreen } from "#app/ui/screens/restore-new.tsx";
import { assistantOutcome } from "#app/workflows/assistant/outcome.ts";
import { mightRestore } from "#app/workflows/restore/access.ts";
import { receiversFor } from "#app/workflows/restore/invitations.ts";
import { requestPlan } from "#app/workflows/restore/plan-request.ts";
import { ExportShape, SelectionShape } from "#app/workflows/restore/plan-types.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Plan a restore" }];

const search = z.object({ from: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).optional().catch(undefined) });
const body = z.object({ at: z.iso.datetime(), selection: SelectionShape, rule: z.enum(["ask", "overwrite", "keep"]), extras: z.enum(["keep", "remove"]), sandbox: z.boolean(), shop: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/).nullable().default(null), export: ExportShape.nullable().default(null), from: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).nullable() });

export const loader = shopLoader({ search }, async ({ app, shop, actor, search: { from } }): Promise<RestoreNewModel> => {
  const { links, catalog, clock, inventory } = app.ports;
  const [link, snapshots, counts, mayPlan, outcome, there, receivers] = await Promise.all([
    links.get(shop),
    catalog.snapshots(shop, { limit: 50 }),
    catalog.countSnapshots(shop),
    mightRestore(app.ports, "restore.plan", { shop, actor }),
    from === undefined ? null : assistantOutcome(app.ports, { shop, runId: from }),
    inventory?.list(shop) ?? [],
    receiversFor(app.ports, shop),
  ]);
  const named = outcome?.at ?? (outcome?.snapshotId ? (await catalog.snapshot(shop, outcome.snapshotId))?.takenAt.toISOString() : undefined) ?? null;
  return {
    now: clock.now().toISOString(),
    ready: link !== null,
    mayPlan,
    shop,
    receivers: receivers.map(({ until, ...one }) => ({ ...one, until: until.toISOString() })),
    first: counts.first?.toISOString() ?? null,
    points: snapshots.map(({ takenAt, complete, records }) => ({ at: takenAt.toISOString(), complete, records })),
    kinds: Object.keys(snapshots[0]?.kinds ?? {}).filter((kind) => kind !== "Metafield").sort(),
    namespaces: [...new Set(there.filter(({ namespace }) => namespace !== "").map(({ namespace }) => namespace))].sort(),
    from: outcome === null ? null : { run: outcome.runId, at: named, selection: outcome.selection, rule: outcome.conflicts === "restore" ? "overwrite" : "ask", extras: outcome.extras ?? "keep" },
  };
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: { at, selection, rule, extras, sandbox, shop: into, export: sealed, from }, redirect }) => {
  const asked = await requestPlan(app.ports, { shop, actor, at: new Date(at), selection, rule, extras, target: sealed ?? (into === null ? { kind: sandbox ? "sandbox" : "same-shop" } : { kind: "shop", shop: into }), assistantRun: from });
  if (asked.kind === "requested") return redirect(`/app/restore/${asked.planId}`);
  return asked;
});

export default function RestoreNew() {
  const model = useLoaderData<typeof loader>() as RestoreNewModel;
  const fetcher = useFetcher<typeof action>();
  const find = useFind();
  return <RestoreNewScreen model={model} find={find} busy={fetcher.state !== "idle"} problem={problemOf(fetcher.data)} onPlan={(asked) => fetcher.submit(asked as never, { method: "post", encType: "application/json" })} />;
}
