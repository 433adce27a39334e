/** /app/assistant/:id: the one thing that is asked now. Several people may stand here at once; the page looks every few seconds whether another has answered. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData, useRevalidator } from "@remix-run/react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import { download } from "#app/ui/browser/download.ts";
import { fetchText } from "#app/ui/browser/fetch-text.ts";
import type { ProblemModel } from "#app/ui/models.ts";
import type { AssistantRunModel } from "#app/ui/models/assistant.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentAssistantRun } from "#app/ui/present/assistant.ts";
import { AssistantRunScreen } from "#app/ui/screens/assistant-run.tsx";
import { ACTS, AnswerShape, assistantPorts, lookUp, recordRestored, showRun, takeStep, type AskedStep } from "#app/workflows/assistant/index.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Assistant" }];

const EVERY_MS = 5_000;

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const after = z.number().int().min(0);
const name = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
const number = z.number().int().min(1);
const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("answer"), after, node: name, answer: AnswerShape }),
  z.object({ intent: z.literal("look") }),
  z.object({ intent: z.literal("back"), after, to: number }),
  z.object({ intent: z.literal("record"), after, act: z.enum(ACTS) }),
  z.object({ intent: z.literal("ask-waiver"), after, rule: name, reason: z.string().max(1000) }),
  z.object({ intent: z.literal("decide-waiver"), after, asked: number, approved: z.boolean() }),
  z.object({ intent: z.literal("end"), after, how: z.enum(["finished", "abandoned"]) }),
]);

export const loader = shopLoader({ params }, async ({ app, shop, actor, params: { id } }): Promise<AssistantRunModel> => {
  const ports = kept(app.ports);
  await recordRestored(ports, { shop, runId: id });
  const shown = await showRun(ports, { shop, actor, runId: id });
  if (shown === null) throw new RequestError("request.not_found", "no such run of the assistant");
  return presentAssistantRun(shown);
});

export const action = shopAction({ params, body }, async ({ app, shop, actor, params: { id }, body: asked }) => {
  const ports = kept(app.ports);
  if (asked.intent === "look") {
    const looked = await lookUp(ports, { shop, actor, runId: id });
    return { kind: looked.kind, ...("code" in looked ? { code: looked.code } : {}) };
  }
  const taken = await takeStep(ports, { shop, actor, runId: id, after: asked.after, step: stepOf(asked) });
  return { kind: taken.kind, ...("code" in taken ? { code: taken.code } : {}) };
});

function stepOf(asked: Exclude<z.infer<typeof body>, { intent: "look" }>): AskedStep["step"] {
  switch (asked.intent) {
    case "answer":
      return { what: "answered", node: asked.node, answer: asked.answer };
    case "back":
      return { what: "went-back", to: asked.to };
    case "record":
      return { what: "recorded", act: asked.act, waiver: null };
    case "ask-waiver":
      return { what: "waiver-asked", rule: asked.rule, reason: asked.reason };
    case "decide-waiver":
      return { what: "waiver-decided", asked: asked.asked, approved: asked.approved };
    default:
      return { what: asked.how };
  }
}

function kept(ports: Parameters<typeof assistantPorts>[0]) {
  const all = assistantPorts(ports);
  if (all === null) throw new RequestError("request.failed", "this process keeps no runs of the assistant");
  return all;
}

export default function AssistantRun() {
  const model = useLoaderData<typeof loader>() as AssistantRunModel;
  const fetcher = useFetcher<{ ok: boolean; error?: { code: string }; data?: unknown }>();
  const revalidator = useRevalidator();
  const [missing, setMissing] = useState<ProblemModel | null>(null);
  const over = model.state === "finished" || model.state === "abandoned";
  useEffect(() => {
    if (over) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && revalidator.state === "idle") revalidator.revalidate();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [over, revalidator]);
  const send = (asked: object): void => fetcher.submit({ after: model.steps, ...asked } as never, { method: "post", encType: "application/json" });
  const save = async (): Promise<void> => {
    const text = await fetchText(`/app/assistant/${model.id}/export`);
    setMissing(text === null ? { code: "request.failed" } : null);
    if (text !== null) download(`assistant-run-${model.id.slice(0, 12)}.json`, text, "application/json");
  };
  return (
    <AssistantRunScreen
      model={model}
      busy={fetcher.state !== "idle"}
      problem={problemOf(fetcher.data) ?? missing}
      onAnswer={(answer) => send({ intent: "answer", node: model.node.id, answer })}
      onLook={() => send({ intent: "look" })}
      onBack={(to) => send({ intent: "back", to })}
      onRecord={(act) => send({ intent: "record", act })}
      onAskWaiver={(rule, reason) => send({ intent: "ask-waiver", rule, reason })}
      onDecideWaiver={(asked, approved) => send({ intent: "decide-waiver", asked, approved })}
      onEnd={(how) => send({ intent: "end", how })}
      onPrint={() => window.print()}
      onExport={() => void save()}
    />
  );
}
