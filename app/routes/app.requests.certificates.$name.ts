/** One certificate of erasure, as it is stored: flattened JWS, signed by the vault's key. */
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopLoader } from "#app/platform/routes.server.ts";
import { listCertificates } from "#app/workflows/retention/shop-retention.ts";

const params = z.object({ name: z.string().regex(/^\d{10}\.certificate-\d{1,6}$/) });

export const loader = shopLoader({ params }, async ({ app, shop, actor, params: { name } }) => {
  const listed = await listCertificates(app.ports, { shop, actor });
  const found = listed.kind === "certificates" ? listed.certificates.find(({ object }) => object === `redactions/${name}.json`) : undefined;
  if (found === undefined) throw new RequestError("request.not_found", "no such certificate");
  return { text: found.jws };
});
