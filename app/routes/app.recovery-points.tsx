/** /app/recovery-points: how much would we lose? Its action takes an emergency snapshot, closes the incident that some are held for, or keeps how old a recovery point may be. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { RecoveryPointsModel } from "#app/ui/models/recovery.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentRecovery } from "#app/ui/present/recovery.ts";
import { RecoveryPointsScreen } from "#app/ui/screens/recovery-points.tsx";
import { recoveryPoints, setObjective } from "#app/workflows/capture/recovery-points.ts";
import { newestOpenRun } from "#app/workflows/assistant/index.ts";
import { closeIncident } from "#app/workflows/capture/emergency-hold.ts";
import { INCIDENT, takeEmergencySnapshot } from "#app/workflows/capture/emergency.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Recovery points" }];

const HOURS = 24;
const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("emergency"), reason: z.enum(["incident", "attack", "data-loss", "before-change", "exercise", "other"]), incident: z.string().max(64).regex(/^[A-Za-z0-9_-]*$/), assistantRun: z.string().max(64).regex(/^[A-Za-z0-9_-]*$/).default("") }),
  z.object({ intent: z.literal("close-incident"), incident: z.string().max(64).regex(INCIDENT) }),
  z.object({ intent: z.literal("objective"), stream: z.string().max(64).regex(/^[a-z][a-z-]*$/), minutes: z.coerce.number().int().min(1).max(44_640) }),
]);

export const loader = shopLoader(async ({ app, shop }): Promise<RecoveryPointsModel> => presentRecovery(await recoveryPoints(app.ports, { shop, hours: HOURS })));

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }) => {
  const { capture } = app.ports;
  if (capture === undefined) throw new RequestError("request.failed", "nothing is captured by this process");
  if (asked.intent === "objective") return setObjective(app.ports, { shop, actor, stream: asked.stream, minutes: asked.minutes });
  // The button elsewhere asks nothing: whoever is in the middle of a run of the assistant means that one.
  const assistantRun = asked.intent === "emergency" && asked.assistantRun === "newest" ? await newestOpenRun(app.ports, { shop }) : asked.intent === "emergency" && asked.assistantRun !== "" ? asked.assistantRun : null;
  const { kind, ...rest } =
    asked.intent === "close-incident"
      ? await closeIncident(app.ports, { shop, actor, incident: asked.incident })
      : await takeEmergencySnapshot({ ...app.ports, ...capture }, { shop, actor, reason: asked.reason, ...(asked.incident === "" ? {} : { incident: asked.incident }), ...(assistantRun === null ? {} : { assistantRun }) });
  return { kind, ...("code" in rest ? { code: rest.code } : {}) };
});

export default function RecoveryPoints() {
  const model = useLoaderData<typeof loader>() as RecoveryPointsModel;
  const fetcher = useFetcher<{ ok: boolean; error?: { code: string }; data?: unknown }>();
  return (
    <RecoveryPointsScreen
      model={model}
      busy={fetcher.state !== "idle"}
      problem={fetcher.state === "idle" ? problemOf(fetcher.data) : null}
      onEmergency={(asked) => fetcher.submit({ intent: "emergency", ...asked }, { method: "post" })}
      onCloseIncident={(incident) => fetcher.submit({ intent: "close-incident", incident }, { method: "post" })}
      onObjective={(stream, minutes) => fetcher.submit({ intent: "objective", stream, minutes: String(minutes) }, { method: "post" })}
    />
  );
}
