/** One part of an export, sealed to its recipient as it lies in the merchant's storage: nobody here can read it. */
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { holdToRefusal, shopLoader } from "#app/platform/routes.server.ts";
import { partOfExport } from "#app/workflows/restore/show.ts";

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const search = z.object({ part: z.coerce.number().int().min(1).max(1_000_000) });

export const loader = shopLoader({ params, search }, async ({ app, shop, actor, params: { id }, search: { part } }) => {
  const found = holdToRefusal(await partOfExport(app.ports, { shop, actor, planId: id, part }));
  if (found.kind !== "part") throw new RequestError("request.not_found", "no such part of an export");
  return { text: found.text };
});
