/** A package for a data request, sealed as it lies in the merchant's storage. Opened in the browser, by whoever has an identity. */
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { holdToRefusal, shopLoader } from "#app/platform/routes.server.ts";
import { fetchPackage } from "#app/workflows/compliance/fetch-package.ts";

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) });

export const loader = shopLoader({ params }, async ({ app, shop, actor, params: { id } }) => {
  const fetched = holdToRefusal(await fetchPackage(app.ports, { shop, actor, requestId: id }));
  if (fetched.kind !== "package") throw new RequestError("request.not_found", "there is no such package");
  return { text: fetched.sealed };
});
