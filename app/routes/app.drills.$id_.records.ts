/** A drill's signed records, as stored: DSSE envelopes, its result first and then whoever answered for it. */
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopLoader } from "#app/platform/routes.server.ts";
import { drillEnvelopes } from "#app/workflows/drill/shop-drills.ts";

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9][\w-]{0,63}$/) });

export const loader = shopLoader({ params }, async ({ app, shop, params: { id } }) => {
  const found = await drillEnvelopes(app.ports, { shop, drillId: id });
  if (found === null) throw new RequestError("request.not_found", "no such drill");
  // One envelope a line (JSON lines), byte for byte as signed.
  return { text: found.map(({ text }) => `${text}\n`).join("") };
});
