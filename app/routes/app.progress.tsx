/** What is under way, for screens that follow it. JSON only. */
import { shopLoader } from "#app/platform/routes.server.ts";
import type { ProgressModel } from "#app/ui/models.ts";
import { underWay } from "#app/ui/present/run.ts";

export const loader = shopLoader(async ({ app, shop }): Promise<ProgressModel> => {
  const [runs, [newest]] = await Promise.all([app.ports.runs.list(shop, { limit: 10 }), app.ports.catalog.snapshots(shop, { limit: 1 })]);
  const now = app.ports.clock.now();
  return { now: now.toISOString(), run: underWay(runs, now, newest?.records) };
});
