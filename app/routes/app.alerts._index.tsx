/** /app/alerts: does something need me? */
import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useRevalidator, useSearchParams } from "@remix-run/react";
import { useEffect } from "react";
import { z } from "zod";
import { shopLoader } from "#app/platform/routes.server.ts";
import type { AlertsModel } from "#app/ui/models.ts";
import { ALERTS_A_PAGE, alertRow, peopleTold } from "#app/ui/present/alerts.ts";
import { AlertsScreen } from "#app/ui/screens/alerts.tsx";
import { stateOfAlerts } from "#app/workflows/overview/judge.ts";
import { ALERT_CODES, type AlertFilter } from "#app/workflows/ports/alerts.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Alerts" }];

const search = z.object({
  view: z.enum(["unresolved", "resolved", "all"]).catch("unresolved"),
  severity: z.enum(["critical", "warning"]).nullable().catch(null),
  code: z.enum(ALERT_CODES).nullable().catch(null),
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
});
/** Watchers look once a minute. */
const EVERY_MS = 30_000;

export const loader = shopLoader({ search }, async ({ app, shop, search: { view, severity, code, page } }): Promise<AlertsModel> => {
  const { alertRecords, clock } = app.ports;
  const filter: AlertFilter = {
    ...(view === "all" ? {} : { states: view === "resolved" ? ["resolved"] : ["open", "acknowledged"] }),
    ...(severity === null ? {} : { severity }),
    ...(code === null ? {} : { codes: [code] }),
  };
  const [rows, matching, total, open, acknowledged, unresolved, settings, deliveries] = await Promise.all([
    alertRecords.list(shop, filter, { limit: ALERTS_A_PAGE, offset: (page - 1) * ALERTS_A_PAGE }),
    alertRecords.count(shop, filter),
    alertRecords.count(shop),
    alertRecords.count(shop, { states: ["open"] }),
    alertRecords.count(shop, { states: ["acknowledged"] }),
    alertRecords.unresolved(shop),
    app.alerting.alertSettings.get(shop),
    app.alerting.deliveries.list(shop, { limit: 20 }),
  ]);
  return {
    now: clock.now().toISOString(), state: stateOfAlerts(unresolved), view, severity, code, page, pages: Math.ceil(matching / ALERTS_A_PAGE), open, acknowledged, total,
    rows: rows.map(alertRow), told: peopleTold(settings), undelivered: deliveries.filter(({ state, reason }) => state === "failed" && reason !== "test").length,
  };
});

export default function Alerts() {
  const model = useLoaderData<typeof loader>() as AlertsModel;
  const [current, setSearch] = useSearchParams();
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") revalidate();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [revalidate]);
  return (
    <AlertsScreen
      model={model}
      onView={(view) => {
        const next = new URLSearchParams(current);
        for (const [name, value] of Object.entries(view)) next.set(name, String(value));
        setSearch(next, { preventScrollReset: true });
      }}
    />
  );
}
