/** /app/snapshots: what do we have, from when, and is anything missing? */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useSearchParams } from "@remix-run/react";
import { z } from "zod";
import { shopLoader } from "#app/platform/routes.server.ts";
import type { SnapshotsModel } from "#app/ui/models.ts";
import { useToastOn } from "#app/ui/parts/toast.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { useSnapshotActions } from "#app/ui/parts/use-snapshot-actions.ts";
import { pickSnapshots } from "#app/ui/present/pick-snapshots.ts";
import { presentSnapshots, SNAPSHOTS_A_PAGE } from "#app/ui/present/snapshots.ts";
import { SnapshotsScreen } from "#app/ui/screens/snapshots.tsx";
import { gapsBesides } from "#app/workflows/coverage/exposure.ts";
import { listSnapshots } from "#app/workflows/snapshot/list-snapshots.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Snapshots" }];

const search = z.object({ view: z.enum(["all", "complete", "gaps"]).catch("all"), page: z.coerce.number().int().min(1).max(100_000).catch(1) });

export const loader = shopLoader({ search }, async ({ app, shop, search: { view, page } }): Promise<SnapshotsModel> => {
  const { catalog, links, clock } = app.ports;
  const offset = (page - 1) * SNAPSHOTS_A_PAGE;
  const [list, link] = await Promise.all([listSnapshots(app.ports, { shop, limit: SNAPSHOTS_A_PAGE, offset }), links.get(shop)]);
  const rows = view === "all" ? list.snapshots : await pickSnapshots(catalog, shop, (s) => (gapsBesides(s) === 0) === (view === "complete"), { offset, limit: SNAPSHOTS_A_PAGE });
  const [newest] = await catalog.snapshots(shop, { limit: 1 });
  const [newestWithGaps] = list.withGaps === 0 ? [] : await pickSnapshots(catalog, shop, (s) => gapsBesides(s) > 0, { offset: 0, limit: 1 });
  return presentSnapshots({ ...list, rows, link, newest: newest ?? null, newestWithGaps: newestWithGaps ?? null, filter: view, page, now: clock.now() });
});

export default function Snapshots() {
  const model = useLoaderData<typeof loader>() as SnapshotsModel;
  const [, setSearch] = useSearchParams();
  const run = useProgress(model.run);
  useToastOn(model.total, "Snapshot taken");
  const actions = useSnapshotActions();
  return <SnapshotsScreen model={{ ...model, run }} {...actions} onView={(view, page) => setSearch({ view, page: String(page) })} />;
}
