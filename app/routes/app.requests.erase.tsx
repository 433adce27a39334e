/** /app/requests/erase: somebody is erased by id, without a request of the platform. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { EraseModel } from "#app/ui/models/privacy.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentVaultKeys } from "#app/ui/present/drill-keys.ts";
import { certificateName, lastOf } from "#app/ui/present/privacy.ts";
import { underWay } from "#app/ui/present/run.ts";
import { EraseScreen } from "#app/ui/screens/erase.tsx";
import { prepareCustody } from "#app/workflows/custody/prepare-custody.ts";
import { requestCustody } from "#app/workflows/custody/request-custody.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Erase a customer" }];

const body = z.object({
  id: z.string().regex(/^gid:\/\/shopify\/[A-Za-z]+\/[A-Za-z0-9?=&_-]{1,200}$/),
  reason: z.string().min(1).max(500).regex(/^[^\p{Cc}@]*$/u),
  keys: z.record(z.string().max(200), z.string().regex(/^[\w-]{43}$/)),
});

export const loader = shopLoader(async ({ app, shop, actor }): Promise<EraseModel> => {
  const { links, runs, clock } = app.ports;
  const now = clock.now();
  const [link, own] = await Promise.all([links.get(shop), runs.list(shop, { kind: "custody", limit: 5 })]);
  const prepared = link === null ? null : await prepareCustody(app.ports, { shop, actor, action: "records.erase" });
  const keys = prepared?.kind === "ready" ? presentVaultKeys(prepared) : null;
  const last = lastOf(own, "erase");
  return {
    now: now.toISOString(),
    ready: link !== null,
    snapshots: prepared?.kind === "ready" ? prepared.snapshots : 0,
    keys,
    run: underWay(own, now),
    last: last === null ? null : { code: last.code, at: last.at, certificate: last.result === null ? null : certificateName(last.result) },
    ...(prepared === null || keys !== null ? {} : { problem: { code: prepared.kind === "ready" ? "vault.damaged_object" : prepared.code } }),
  };
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: { id, reason, keys } }) => {
  const bytes = new Map(Object.entries(keys).map(([keyId, key]) => [keyId, new Uint8Array(Buffer.from(key, "base64url"))]));
  const { kind, ...rest } = await requestCustody(app.ports, { shop, actor, work: { what: "erase", ids: id, reason }, keys: bytes });
  return { kind, ...("code" in rest ? { code: rest.code } : {}) };
});

export default function Erase() {
  const model = useLoaderData<typeof loader>() as EraseModel;
  const fetcher = useFetcher<typeof action>();
  const run = useProgress(model.run);
  return <EraseScreen model={{ ...model, run }} busy={fetcher.state !== "idle"} problem={problemOf(fetcher.data)} onErase={({ id, reason, keys }) => fetcher.submit({ id, reason, keys: { ...keys } }, { method: "post", encType: "application/json" })} />;
}
