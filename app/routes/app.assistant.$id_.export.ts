/** A run of the assistant as a file for an auditor: the tree, the steps, and the ledger's entries for them. No ids of records. */
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopLoader } from "#app/platform/routes.server.ts";
import { assistantPorts, exportRun } from "#app/workflows/assistant/index.ts";

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

export const loader = shopLoader({ params }, async ({ app, shop, actor, params: { id } }) => {
  const ports = assistantPorts(app.ports);
  const exported = ports === null ? null : await exportRun(ports, { shop, actor, runId: id });
  if (exported?.kind !== "exported") throw new RequestError("request.not_found", "no such run of the assistant");
  return { text: `${JSON.stringify(exported.file, null, 2)}\n` };
});
