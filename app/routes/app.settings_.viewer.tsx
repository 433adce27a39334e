/** /app/settings/viewer: how responders sign in to the downtime viewer. The client secret goes in and never comes out again. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { SaveBar } from "@shopify/app-bridge-react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { ViewerSettingsModel } from "#app/ui/models/viewer.ts";
import { toast } from "#app/ui/parts/toast.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentViewerSettings } from "#app/ui/present/viewer.ts";
import { ViewerSettingsScreen, type ViewerForm } from "#app/ui/screens/viewer-settings.tsx";
import { configureSignIn, testSignIn } from "#app/workflows/view/configure.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Downtime viewer" }];

const entered = { issuer: z.string().max(1000), clientId: z.string().max(1000), groupsClaim: z.string().max(300), groups: z.string().max(20_000), secret: z.string().max(4000).nullable() };
const body = z.discriminatedUnion("intent", [z.object({ intent: z.literal("save"), ...entered }), z.object({ intent: z.literal("test"), ...entered })]);

export const loader = shopLoader(async ({ app, shop }): Promise<ViewerSettingsModel> => {
  const { viewer, ports } = app;
  const [setting, link, team] = await Promise.all([viewer.settings.get(shop), ports.links.get(shop), ports.responseTeam?.list(shop) ?? []]);
  return presentViewerSettings(setting, { linked: link !== null, url: viewer.url, team, ownKey: ports.unattended !== undefined, now: ports.clock.now() });
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: { intent, ...form } }) => {
  const ports = { ...app.ports, viewerSettings: app.viewer.settings, signInTests: app.viewer.tests };
  const answer = intent === "test" ? await testSignIn(ports, { shop, actor, entered: form }) : await configureSignIn(ports, { shop, actor, entered: form });
  if (answer.kind === "refused") throw new RequestError("request.refused", "this person may not set up the viewer");
  if (answer.kind === "failed") return { kind: "failed" as const, cause: answer.code };
  return answer;
});

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly kind: "saved" | "invalid" | "tested" | "failed"; readonly fields?: Readonly<Record<string, string>>; readonly pkce?: boolean; readonly cause?: string };
}

const formOf = ({ saved }: ViewerSettingsModel): ViewerForm => ({ issuer: saved?.issuer ?? "", clientId: saved?.clientId ?? "", groupsClaim: saved?.groupsClaim ?? "groups", groups: (saved?.groups ?? []).join("\n"), secret: null });

export default function ViewerSettings() {
  const model = useLoaderData<typeof loader>() as ViewerSettingsModel;
  const [saver, tester] = [useFetcher<Answer>(), useFetcher<Answer>()];
  const kept = formOf(model);
  const [form, setForm] = useState(kept);
  const [faultsOf, setFaultsOf] = useState<ViewerForm | null>(null);
  const changed = JSON.stringify(form) !== JSON.stringify(kept);
  useEffect(() => {
    if (saver.state !== "idle" || saver.data?.data?.kind !== "saved") return;
    toast("Saved");
    setForm(formOf(model));
    // What comes back with an answer is the model of that answer.
  }, [saver.state, saver.data, model]);
  const send = (fetcher: typeof saver, intent: "save" | "test") => {
    setFaultsOf(form);
    fetcher.submit({ intent, ...form } as never, { method: "post", encType: "application/json" });
  };
  const invalid = [saver.data?.data, tester.data?.data].find((data) => data?.kind === "invalid");
  const tested = tester.state === "idle" ? tester.data?.data : undefined;
  return (
    <>
      <SaveBar id="viewer-settings" open={changed}>
        <button type="button" variant="primary" onClick={() => send(saver, "save")}>Save</button>
        <button type="button" onClick={() => setForm(kept)}>Discard</button>
      </SaveBar>
      <ViewerSettingsScreen
        model={model}
        form={form}
        onForm={setForm}
        faults={faultsOf === form ? (invalid?.fields ?? {}) : {}}
        onTest={() => send(tester, "test")}
        testing={tester.state !== "idle"}
        tested={tested?.kind === "tested" ? { code: null, pkce: tested.pkce === true } : tested?.kind === "failed" ? { code: tested.cause ?? "", pkce: false } : null}
        problem={problemOf(saver.data) ?? problemOf(tester.data)}
      />
    </>
  );
}
