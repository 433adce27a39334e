/** /app/assistant: what has happened? Its action starts a run and goes there. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { AssistantModel } from "#app/ui/models/assistant.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentAssistant } from "#app/ui/present/assistant.ts";
import { AssistantScreen } from "#app/ui/screens/assistant.tsx";
import { assistantPorts, listAssistant, startAssistant } from "#app/workflows/assistant/index.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Assistant" }];

const body = z.object({ scenario: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/) });

export const loader = shopLoader(async ({ app, shop }): Promise<AssistantModel> => presentAssistant(await listAssistant(kept(app.ports), { shop })));

export const action = shopAction({ body }, async ({ app, shop, actor, body: { scenario }, redirect }) => {
  const started = await startAssistant(kept(app.ports), { shop, actor, scenario });
  if (started.kind === "started") return redirect(`/app/assistant/${started.runId}`);
  return { kind: started.kind, code: started.code };
});

function kept(ports: Parameters<typeof assistantPorts>[0]) {
  const all = assistantPorts(ports);
  if (all === null) throw new RequestError("request.failed", "this process keeps no runs of the assistant");
  return all;
}

export default function Assistant() {
  const model = useLoaderData<typeof loader>() as AssistantModel;
  const fetcher = useFetcher<{ ok: boolean; error?: { code: string }; data?: unknown }>();
  const starting = fetcher.state === "idle" ? null : fetcher.formData?.get("scenario");
  return <AssistantScreen model={model} starting={typeof starting === "string" ? starting : null} problem={problemOf(fetcher.data)} onStart={(scenario) => fetcher.submit({ scenario }, { method: "post" })} />;
}
