/** The report of a restore, whole, to be taken away: ids, outcomes and reasons; no values. */
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { holdToRefusal, shopLoader } from "#app/platform/routes.server.ts";
import { wholeReport } from "#app/workflows/restore/show.ts";

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const search = z.object({ format: z.enum(["csv", "json"]).catch("json") });

export const loader = shopLoader({ params, search }, async ({ app, shop, actor, params: { id }, search: { format } }) => {
  const found = holdToRefusal(await wholeReport(app.ports, { shop, actor, planId: id, format }));
  if (found.kind !== "report") throw new RequestError("request.not_found", "no such report");
  const { head, lines } = found;
  if (format === "json") return { text: JSON.stringify({ ...head, chunks: undefined, records: lines }, null, 2) };
  const rows = lines.map(({ kind, id: own, newId, outcome, code, losses, differs }) => ({
    kind, id: own, newId: newId ?? "", outcome, code: code ?? "",
    losses: losses.map((loss) => `${loss.kind}.${loss.field} (${loss.reason})`).join("; "),
    differs: differs === null ? "not read again" : differs.map((one) => `${one.kind}: ${one.fields.join(" ")}`).join("; "),
  }));
  return { text: stringify(rows, { header: true, columns: ["kind", "id", "newId", "outcome", "code", "losses", "differs"], escape_formulas: true }) };
});
