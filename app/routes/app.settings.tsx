/** /app/settings: where the copies are kept and which keys open them. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { SettingsModel, StorageCheckModel } from "#app/ui/models.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentSettings } from "#app/ui/present/setup.ts";
import { tryStorage } from "#app/ui/present/try-storage.ts";
import { SettingsScreen } from "#app/ui/screens/settings.tsx";
import { checkStorage } from "#app/workflows/setup/check-storage.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Settings" }];

export const loader = shopLoader(async ({ app, shop }): Promise<SettingsModel> => {
  const [link, next] = await Promise.all([app.ports.links.get(shop), app.schedules.next(shop)]);
  return presentSettings(link, app.ports.clock.now(), next ? { nextSnapshotAt: next.toISOString() } : {});
});

export const action = shopAction(async ({ app, shop }) => {
  const link = await app.ports.links.get(shop);
  if (!link) throw new RequestError("request.conflict", "no storage is linked to this shop");
  return { check: await tryStorage(app.ports.stores, link.storageUrl, (store) => checkStorage(store, app.ports.random)) };
});

export default function Settings() {
  const model = useLoaderData<typeof loader>() as SettingsModel;
  const fetcher = useFetcher<{ ok: boolean; error?: { code: string }; data?: { check?: StorageCheckModel } }>();
  return (
    <SettingsScreen
      model={model}
      check={fetcher.data?.data?.check ?? null}
      checking={fetcher.state !== "idle"}
      problem={problemOf(fetcher.data)}
      onCheck={() => fetcher.submit({}, { method: "post" })}
    />
  );
}
