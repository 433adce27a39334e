/** /app/settings: where the copies are kept, which keys open them, and how often a snapshot is taken. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { SaveBar } from "@shopify/app-bridge-react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { SettingsModel, StorageCheckModel, StorageReportModel } from "#app/ui/models.ts";
import { toast } from "#app/ui/parts/toast.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { BETWEEN, betweenOf, cronBetween, cronFor, frequencyOf, timezoneOr } from "#app/ui/present/schedule.ts";
import { presentSettings } from "#app/ui/present/setup.ts";
import { tryStorage } from "#app/ui/present/try-storage.ts";
import { SettingsScreen } from "#app/ui/screens/settings.tsx";
import { checkStorage } from "#app/workflows/setup/check-storage.ts";
import { StorageCredentialShape } from "#app/workflows/setup/storage-credential-shape.ts";
import { changeCredentials } from "#app/workflows/setup/change-credentials.ts";
import { testStorage } from "#app/workflows/setup/test-storage.ts";
import { recordSchedule } from "#app/workflows/setup/record-setting.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Settings" }];

const timezone = z.string().max(100).optional().transform(timezoneOr);
const body = z.discriminatedUnion("intent", [z.object({ intent: z.literal("check") }), z.object({ intent: z.literal("test") }), z.object({ intent: z.literal("credentials"), credential: StorageCredentialShape }), z.object({ intent: z.literal("schedule"), frequency: z.enum(["hour", "six-hours", "day", "off"]), between: z.enum(BETWEEN), timezone })]);

export const loader = shopLoader(async ({ app, shop }): Promise<SettingsModel> => {
  const [link, next, schedule, between, nextBetween] = await Promise.all([app.ports.links.get(shop), app.schedules.next(shop), app.schedules.get(shop), app.changesSchedules.get(shop), app.changesSchedules.next(shop)]);
  const credentialsAt = link === null || link.storageUrl.startsWith("file:") ? null : await app.ports.credentials.savedAt(shop, link.storageUrl);
  return presentSettings(link, app.ports.clock.now(), { ...(credentialsAt === null ? {} : { credentialsAt: credentialsAt.toISOString() }), frequency: frequencyOf(schedule), between: betweenOf(between), ...(nextBetween ? { nextChangesAt: nextBetween.toISOString() } : {}), ...(next ? { nextSnapshotAt: next.toISOString() } : {}) });
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }) => {
  const link = await app.ports.links.get(shop);
  if (!link) throw new RequestError("request.conflict", "no storage is linked to this shop");
  if (asked.intent === "check") return { kind: "checked" as const, check: await tryStorage((url) => app.ports.stores.open(url, { shop }), link.storageUrl, (store) => checkStorage(store, app.ports.random)) };
  if (asked.intent === "test") {
    const tested = await testStorage(app.ports, app.storageTests, { shop, actor });
    return tested.kind === "not-linked" ? { kind: tested.kind, code: "request.conflict" } : tested;
  }
  if (asked.intent === "credentials") {
    const { kind, ...rest } = await changeCredentials(app.ports, { shop, actor, credential: asked.credential });
    return { kind, ...("code" in rest ? { code: rest.code } : {}) };
  }
  const { frequency } = asked;
  // Nothing but a full one sees what was deleted: without them, changes alone are not read.
  const between = frequency === "off" ? "off" : asked.between;
  await app.schedules.save({ shop, cron: cronFor(frequency === "off" ? "day" : frequency, shop), timezone: asked.timezone, enabled: frequency !== "off" });
  await app.changesSchedules.save(shop, { cron: cronBetween(between === "off" ? "60" : between, shop), timezone: asked.timezone, enabled: between !== "off" });
  await recordSchedule(app.ports, { shop, actor, frequency, timezone: asked.timezone });
  await recordSchedule(app.ports, { shop, actor, frequency: between === "off" ? "off" : `every-${between}-minutes`, timezone: asked.timezone, setting: "schedule_changes" });
  return { kind: "saved" as const };
});

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly kind: string; readonly check?: StorageCheckModel; readonly report?: StorageReportModel };
}

export default function Settings() {
  const model = useLoaderData<typeof loader>() as SettingsModel;
  const [checker, saver, tester, changer] = [useFetcher<Answer>(), useFetcher<Answer>(), useFetcher<Answer>(), useFetcher<Answer>()];
  const [frequency, setFrequency] = useState(model.frequency);
  const [between, setBetween] = useState(model.between);
  const changed = frequency !== model.frequency || between !== model.between;
  const discard = () => {
    setFrequency(model.frequency);
    setBetween(model.between);
  };
  useEffect(() => {
    if (saver.state === "idle" && saver.data?.ok) toast("Saved");
  }, [saver.state, saver.data]);
  const save = () => saver.submit({ intent: "schedule", frequency: frequency ?? "off", between: between ?? "off", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }, { method: "post" });
  return (
    <>
      <SaveBar id="settings-schedule" open={changed}>
        <button type="button" variant="primary" onClick={save}>Save</button>
        <button type="button" onClick={discard}>Discard</button>
      </SaveBar>
      <SettingsScreen
        model={model}
        check={checker.data?.data?.check ?? null}
        checking={checker.state !== "idle"}
        report={tester.data?.data?.report ?? null}
        testing={tester.state !== "idle"}
        onTest={() => tester.submit({ intent: "test" }, { method: "post" })}
        problem={problemOf(checker.data) ?? problemOf(tester.data) ?? problemOf(changer.data) ?? problemOf(saver.data)}
        saving={changer.state !== "idle"}
        onCredentials={(credential) => changer.submit({ intent: "credentials", credential: { ...credential } } as never, { method: "post", encType: "application/json" })}
        frequency={frequency}
        onFrequency={setFrequency}
        between={between}
        onBetween={setBetween}
        onCheck={() => checker.submit({ intent: "check" }, { method: "post" })}
      />
    </>
  );
}
