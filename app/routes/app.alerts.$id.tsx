/** /app/alerts/:id: what happened, what does it mean for the data, what do I do? */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { useEffect } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { AlertModel } from "#app/ui/models.ts";
import { toast } from "#app/ui/parts/toast.ts";
import { presentAlert } from "#app/ui/present/alerts.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { AlertScreen } from "#app/ui/screens/alert.tsx";
import { acknowledgeAlert } from "#app/workflows/alerts/acknowledge.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Alert" }];

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const body = z.object({ note: z.string().max(500) });

export const loader = shopLoader({ params }, async ({ app, shop, params: { id } }): Promise<AlertModel> => {
  const alert = await app.ports.alertRecords.get(shop, id);
  if (alert === null) throw new RequestError("request.not_found", "no such alert");
  return presentAlert(alert, await app.alerting.deliveries.list(shop, { alertId: id }), app.ports.clock.now());
});

export const action = shopAction({ body, params }, async ({ app, shop, actor, body: { note }, params: { id } }) => {
  const { kind } = await acknowledgeAlert(app.ports, { shop, actor, id, note });
  if (kind === "refused") throw new RequestError("request.refused", "this person may not acknowledge alerts");
  return { kind };
});

export default function Alert() {
  const model = useLoaderData<typeof loader>() as AlertModel;
  const fetcher = useFetcher<{ ok: boolean; error?: { code: string }; data?: { kind: string } }>();
  const answer = fetcher.state === "idle" ? (fetcher.data?.data?.kind ?? null) : null;
  useEffect(() => {
    if (answer === "acknowledged") toast("Acknowledged");
  }, [answer]);
  return <AlertScreen model={model} busy={fetcher.state !== "idle"} answer={answer} problem={problemOf(fetcher.data)} onAcknowledge={(note) => fetcher.submit({ note }, { method: "post" })} />;
}
