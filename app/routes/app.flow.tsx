/** /app/flow: does Flow hear what happens here, and does what it asks for get done? */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { useEffect } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { FlowModel } from "#app/ui/models.ts";
import { toast } from "#app/ui/parts/toast.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentFlow } from "#app/ui/present/flow.ts";
import { FlowScreen } from "#app/ui/screens/flow.tsx";
import { ACTIONS } from "#app/workflows/flow/actions.ts";
import { sendAgain } from "#app/workflows/flow/send-again.ts";
import { TRIGGERS } from "#app/workflows/flow/triggers.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Shopify Flow" }];

const body = z.object({ again: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const SHOWN = 20;

export const loader = shopLoader(async ({ app, shop }): Promise<FlowModel> => {
  const { deliveries, listeners, actions } = app.flow;
  const [newest, failed, waiting, listening, asked] = await Promise.all([
    deliveries.list(shop, { limit: SHOWN }),
    deliveries.list(shop, { states: ["failed"], limit: SHOWN }),
    deliveries.list(shop, { states: ["waiting"], limit: 200 }),
    listeners.list(shop),
    actions.list(shop, { limit: SHOWN }),
  ]);
  return presentFlow({ triggers: TRIGGERS, actions: ACTIONS }, { deliveries: newest, failed, waiting: waiting.length, listeners: listening, actions: asked }, { shop, now: app.ports.clock.now() });
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: { again } }) => {
  const sent = await sendAgain({ ...app.ports, ...app.flow }, { shop, actor, id: again });
  if (sent.kind === "refused") throw new RequestError("request.refused", "this person may not send events");
  return { kind: sent.kind };
});

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly kind: "again" | "nothing-to-send" };
}

export default function Flow() {
  const model = useLoaderData<typeof loader>() as FlowModel;
  const fetcher = useFetcher<Answer>();
  const problem = problemOf(fetcher.data);
  useEffect(() => {
    if (fetcher.state === "idle" && fetcher.data?.ok === true) toast(fetcher.data.data?.kind === "again" ? "It is sent again" : "It was sent in the meantime");
  }, [fetcher.state, fetcher.data]);
  const sending = fetcher.formData?.get("again");
  const busy = fetcher.state === "idle" || typeof sending !== "string" ? null : sending;
  return <FlowScreen model={problem ? { ...model, problem } : model} busy={busy} onAgain={(id) => fetcher.submit({ again: id }, { method: "post" })} />;
}
