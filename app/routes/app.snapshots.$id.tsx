/** /app/snapshots/:id: is this one whole? */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopLoader } from "#app/platform/routes.server.ts";
import type { SnapshotModel } from "#app/ui/models.ts";
import { pickSnapshots } from "#app/ui/present/pick-snapshots.ts";
import { presentSnapshot } from "#app/ui/present/snapshots.ts";
import { SnapshotScreen } from "#app/ui/screens/snapshot.tsx";
import { showSnapshot } from "#app/workflows/snapshot/list-snapshots.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Snapshot" }];

const params = z.object({ id: z.string().min(1).max(100) });

export const loader = shopLoader({ params }, async ({ app, shop, params: { id } }): Promise<SnapshotModel> => {
  const [snapshot, link] = await Promise.all([showSnapshot(app.ports, { shop, snapshotId: id }), app.ports.links.get(shop)]);
  if (snapshot === null) throw new RequestError("request.not_found", "no such snapshot");
  const [previous] = await pickSnapshots(app.ports.catalog, shop, (s) => s.takenAt < snapshot.takenAt, { offset: 0, limit: 1 });
  return presentSnapshot(snapshot, link, previous ?? null, app.ports.clock.now());
});

export default function Snapshot() {
  return <SnapshotScreen model={useLoaderData<typeof loader>() as SnapshotModel} />;
}
