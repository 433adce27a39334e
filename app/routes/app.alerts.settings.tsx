/** /app/alerts/settings: will somebody hear of it tonight? A webhook's address goes in and never comes out again. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { SaveBar } from "@shopify/app-bridge-react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { AlertSettingsModel, TestResult } from "#app/ui/models.ts";
import { toast } from "#app/ui/parts/toast.ts";
import { presentAlertSettings, splitEmails } from "#app/ui/present/alerts.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { AlertSettingsScreen, type AlertSettingsForm } from "#app/ui/screens/alert-settings.tsx";
import { MOST_LEVELS, proposedSettings, saveAlertSettings, sendTestAlert } from "#app/workflows/alerts/settings.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Who is told of alerts" }];

const level = z.object({ emails: z.string().max(4000), webhook: z.string().max(2000).nullable() });
const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("save"), enabled: z.boolean(), minutes: z.string().max(10), levels: z.array(level).min(1).max(MOST_LEVELS) }),
  z.object({ intent: z.literal("test"), level: z.number().int().min(0).max(MOST_LEVELS - 1) }),
]);

export const loader = shopLoader(async ({ app, shop }): Promise<AlertSettingsModel> => {
  const { alertSettings, deliveries, senders } = app.alerting;
  const [saved, last] = await Promise.all([alertSettings.get(shop), deliveries.list(shop, { limit: 10 })]);
  return presentAlertSettings(saved ?? proposedSettings(shop), { saved: saved !== null, canEmail: senders.canEmail, mostLevels: MOST_LEVELS, now: app.ports.clock.now(), deliveries: last });
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }) => {
  const ports = { ...app.ports, ...app.alerting };
  if (asked.intent === "test") {
    const tested = await sendTestAlert(ports, { shop, actor, level: asked.level });
    if (tested.kind === "refused") throw new RequestError("request.refused", "this person may not send tests");
    return { kind: "tested" as const, level: asked.level, channels: tested.kind === "nobody" ? null : tested.channels };
  }
  const before = await app.alerting.alertSettings.get(shop);
  const levels = asked.levels.map(({ emails, webhook }, n) => ({ emails: splitEmails(emails), webhookUrl: webhook === null ? (before?.levels[n]?.webhookUrl ?? null) : webhook.trim() === "" ? null : webhook.trim() }));
  const saved = await saveAlertSettings(ports, { shop, actor, settings: { enabled: asked.enabled, escalateAfterMinutes: Number(asked.minutes), levels } });
  if (saved.kind === "refused") throw new RequestError("request.refused", "this person may not set up alerts");
  return saved.kind === "saved" ? { kind: "saved" as const } : { kind: "invalid" as const, fields: saved.fields };
});

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly kind: "saved" | "invalid" | "tested"; readonly fields?: Readonly<Record<string, string>>; readonly level?: number; readonly channels?: readonly TestResult[] | null };
}

const formOf = ({ enabled, escalateAfterMinutes, levels }: AlertSettingsModel): AlertSettingsForm => ({
  enabled, minutes: String(escalateAfterMinutes), levels: levels.map(({ emails }) => ({ emails: emails.join("\n"), webhook: null })),
});

export default function AlertSettings() {
  const model = useLoaderData<typeof loader>() as AlertSettingsModel;
  const [saver, tester] = [useFetcher<Answer>(), useFetcher<Answer>()];
  const kept = formOf(model);
  const [form, setForm] = useState(kept);
  const [faultsOf, setFaultsOf] = useState<AlertSettingsForm | null>(null);
  const changed = JSON.stringify(form) !== JSON.stringify(kept);
  useEffect(() => {
    if (saver.state !== "idle" || saver.data === undefined) return;
    if (saver.data.data?.kind === "saved") {
      toast("Saved");
      setForm(formOf(model));
    }
    // What comes back with an answer is the model of that answer.
  }, [saver.state, saver.data, model]);
  const [level, setLevel] = useState<number | null>(null);
  const send = (data: object) => saver.submit(data as never, { method: "post", encType: "application/json" });
  const tested = tester.state === "idle" ? tester.data?.data : undefined;
  const faults = saver.data?.data?.kind === "invalid" && faultsOf === form ? (saver.data.data.fields ?? {}) : {};
  return (
    <>
      <SaveBar id="alert-settings" open={changed}>
        <button type="button" variant="primary" onClick={() => { setFaultsOf(form); send({ intent: "save", ...form }); }}>Save</button>
        <button type="button" onClick={() => setForm(kept)}>Discard</button>
      </SaveBar>
      <AlertSettingsScreen
        model={model}
        form={form}
        onForm={setForm}
        changed={changed}
        faults={faults}
        onTest={(n) => { setLevel(n); tester.submit({ intent: "test", level: n } as never, { method: "post", encType: "application/json" }); }}
        testing={tester.state === "idle" ? null : level}
        tested={tested?.kind === "tested" && tested.level !== undefined ? { level: tested.level, channels: tested.channels ?? null } : null}
        problem={problemOf(saver.data) ?? problemOf(tester.data)}
      />
    </>
  );
}
