/** /app/setup: where the copies are kept, and the key that opens them. Only the public half of the key comes here. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { SettingsModel, StorageCheckModel, StorageReportModel } from "#app/ui/models.ts";
import { StorageCredentialShape } from "#app/workflows/setup/storage-credential-shape.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { cronFor, timezoneOr } from "#app/ui/present/schedule.ts";
import { presentSettings } from "#app/ui/present/setup.ts";
import { tryOut, tryStorage } from "#app/ui/present/try-storage.ts";
import { SetupScreen } from "#app/ui/screens/setup.tsx";
import { linkStorage } from "#app/workflows/setup/link-storage.ts";
import { recordSchedule } from "#app/workflows/setup/record-setting.ts";
import { checkStorage } from "#app/workflows/setup/check-storage.ts";
import { suggestStorage } from "#app/workflows/setup/suggest-storage.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Set-up" }];

const address = z.string().trim().min(1).max(2000);
const point = z.string().regex(/^[\w-]{20,140}$/);
/** Exactly the members of a public EC key: one that carries more is refused here already. */
const recipient = z.strictObject({ kty: z.literal("EC"), crv: z.enum(["P-256", "P-384"]), x: point, y: point, kid: z.string().max(100), alg: z.literal("ECDH-ES+A256KW"), use: z.literal("enc") });
const credential = StorageCredentialShape.optional();
const body = z.discriminatedUnion("intent", [z.object({ intent: z.literal("check"), address, credential }), z.object({ intent: z.literal("test"), address, credential }), z.object({ intent: z.literal("create"), address, credential, recipient, timezone: z.string().max(100).optional().transform(timezoneOr) })]);

export const loader = shopLoader(async ({ app, shop, redirect }): Promise<SettingsModel> => {
  const link = await app.ports.links.get(shop);
  if (link) redirect("/app/settings");
  const base = pathToFileURL(app.settings.fileStores).href;
  return presentSettings(null, app.ports.clock.now(), { suggestedAddress: suggestStorage({ shop, base }), vaultsFolder: base });
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked, redirect }) => {
  const user = { shop, ...(asked.credential === undefined ? {} : { credential: asked.credential }) };
  if (asked.intent === "test") {
    const tested = await tryOut(app.storageTests, asked.address, user);
    return "code" in tested ? { kind: "storage-refused" as const, code: tested.code } : { kind: "tested" as const, report: tested };
  }
  if (asked.intent === "check") return { kind: "checked" as const, check: await tryStorage((url) => app.ports.stores.open(url, user), asked.address, (store) => checkStorage(store, app.ports.random)) };
  const { kid, ...jwk } = asked.recipient;
  const made = await linkStorage(app.ports, { shop, actor, storageUrl: asked.address, recipient: { keyId: kid, jwk: { ...jwk, kid } }, ...(asked.credential === undefined ? {} : { credential: asked.credential }) });
  // A copy a day from the start: nobody should have to remember it.
  if (made.kind === "linked") {
    await app.schedules.save({ shop, cron: cronFor("day", shop), timezone: asked.timezone, enabled: true });
    await recordSchedule(app.ports, { shop, actor, frequency: "day", timezone: asked.timezone });
  }
  if (made.kind === "linked" || made.kind === "already-linked") return redirect("/app");
  return { kind: made.kind, code: made.code };
});

export default function Setup() {
  const model = useLoaderData<typeof loader>() as SettingsModel;
  const [checker, tester, maker] = [useFetcher<{ ok: boolean; data?: { check?: StorageCheckModel } }>(), useFetcher<{ ok: boolean; data?: { report?: StorageReportModel } }>(), useFetcher<typeof action>()];
  const send = { method: "post", encType: "application/json" } as const;
  const of = (address: string, credential: object | null) => ({ address, ...(credential === null ? {} : { credential: { ...credential } }) });
  return (
    <SetupScreen
      model={model}
      check={checker.data?.data?.check ?? null}
      checking={checker.state !== "idle"}
      creating={maker.state !== "idle"}
      report={tester.data?.data?.report ?? null}
      testing={tester.state !== "idle"}
      problem={problemOf(maker.data) ?? problemOf(tester.data as never) ?? problemOf(checker.data)}
      onCheck={(address, credential) => checker.submit({ intent: "check", ...of(address, credential) } as never, send)}
      onTest={(address, credential) => tester.submit({ intent: "test", ...of(address, credential) } as never, send)}
      onCreate={(address, credential, key) => maker.submit({ intent: "create", ...of(address, credential), recipient: { ...key }, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone } as never, send)}
    />
  );
}
