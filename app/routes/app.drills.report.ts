/** The report of a period, worked out from the signed records when it is asked for: as the screen shows it, whole as JSON, or as a table. */
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopLoader } from "#app/platform/routes.server.ts";
import { presentReport, reportTable } from "#app/ui/present/drills.ts";
import { shopDrillReport } from "#app/workflows/drill/shop-drills.ts";

const Day = z.union([z.literal(""), z.iso.date()]).optional();
const search = z.object({ from: Day, to: Day, format: z.enum(["shown", "json", "csv"]).default("shown") });

export const loader = shopLoader({ search }, async ({ app, shop, search: { from, to, format } }) => {
  const asked = await shopDrillReport(app.ports, { shop, ...(from ? { from: new Date(`${from}T00:00:00.000Z`) } : {}), ...(to ? { to: new Date(`${to}T23:59:59.999Z`) } : {}) });
  if (asked.kind !== "report") throw new RequestError("request.not_found", "there is no report");
  if (format === "json") return { text: JSON.stringify(asked.report, null, 2) };
  // A cell that begins like a formula must not be one in whoever's spreadsheet.
  return { text: format === "csv" ? stringify([...reportTable(asked.report)], { header: true, escape_formulas: true }) : JSON.stringify(presentReport(asked.report)) };
});
