/** /app/exposure: is all of this store copied that we know of? Its action looks again, and keeps what somebody says about something new. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData, useSearchParams } from "@remix-run/react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { ExposureModel } from "#app/ui/models-exposure.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentExposure } from "#app/ui/present/exposure.ts";
import { ExposureScreen } from "#app/ui/screens/exposure.tsx";
import { coveragePorts, requestCheck } from "#app/workflows/coverage/request-check.ts";
import { exposure } from "#app/workflows/coverage/exposure.ts";
import { decideTask } from "#app/workflows/coverage/tasks.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Exposure" }];

const search = z.object({ view: z.enum(["inventory", "coverage", "tasks"]).catch("inventory") });
const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("check") }),
  z.object({ intent: z.literal("decide"), id: z.string().min(1).max(100), state: z.enum(["accepted", "done"]), reason: z.string().max(500) }),
]);

export const loader = shopLoader({ search }, async ({ app, shop, search: { view } }): Promise<ExposureModel> => presentExposure(await exposure(known(app.ports), { shop }), view));

export const action = shopAction({ body }, async ({ app, shop, actor, request, body: asked }) => {
  const ports = known(app.ports);
  if (asked.intent === "decide") return decideTask(ports, { shop, actor, id: asked.id, state: asked.state, reason: asked.reason });
  const { kind, ...rest } = await requestCheck(ports, { shop, actor, signal: request.signal });
  return { kind, ...("code" in rest ? { code: rest.code } : {}) };
});

function known(ports: Parameters<typeof coveragePorts>[0]) {
  const all = coveragePorts(ports);
  if (all === null) throw new RequestError("request.failed", "this process keeps no coverage");
  return all;
}

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly kind: string };
}

export default function Exposure() {
  const model = useLoaderData<typeof loader>() as ExposureModel;
  const [, setSearch] = useSearchParams();
  const [checker, decider] = [useFetcher<Answer>(), useFetcher<Answer>()];
  const deciding = decider.formData?.get("id");
  return (
    <ExposureScreen
      model={model}
      onView={(view) => setSearch({ view })}
      onCheck={() => checker.submit({ intent: "check" }, { method: "post" })}
      checking={checker.state !== "idle"}
      onDecide={(id, state, reason) => decider.submit({ intent: "decide", id, state, reason }, { method: "post" })}
      busy={typeof deciding === "string" ? deciding : null}
      problem={problemOf(checker.data) ?? problemOf(decider.data)}
    />
  );
}
