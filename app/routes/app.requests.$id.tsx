/** /app/requests/:id: one privacy request, and its answer. The browser opens the vault's keys and sends only those. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { RequestError } from "#app/platform/request-error.ts";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import { download } from "#app/ui/browser/download.ts";
import { openPackage } from "#app/ui/browser/package.ts";
import type { Identity } from "#app/ui/browser/identity.ts";
import type { RequestModel } from "#app/ui/models/privacy.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { fetchText } from "#app/ui/browser/fetch-text.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentVaultKeys } from "#app/ui/present/drill-keys.ts";
import { lastOf, requestPage, requestRow } from "#app/ui/present/privacy.ts";
import { underWay } from "#app/ui/present/run.ts";
import { RequestScreen } from "#app/ui/screens/request.tsx";
import { PACKAGE_LIVES_MS } from "#app/workflows/compliance/packages.ts";
import { prepareCustody } from "#app/workflows/custody/prepare-custody.ts";
import { requestCustody } from "#app/workflows/custody/request-custody.ts";
import { showRetention } from "#app/workflows/retention/shop-retention.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Privacy request" }];

const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) });
/** 32 bytes are 43 characters of base64url. */
const body = z.object({ keys: z.record(z.string().max(200), z.string().regex(/^[\w-]{43}$/)) });

export const loader = shopLoader({ params }, async ({ app, shop, actor, params: { id } }): Promise<RequestModel> => {
  const { compliance, runs, clock } = app.ports;
  const request = await compliance.get(shop, id);
  if (request === null) throw new RequestError("request.not_found", "no such request");
  const now = clock.now();
  const action = request.topic === "customers/data_request" ? "records.disclose" : "records.erase";
  const wanted = request.state === "open" || request.object !== null;
  const [own, prepared, retained] = await Promise.all([
    runs.list(shop, { kind: "custody", limit: 5 }),
    wanted ? prepareCustody(app.ports, { shop, actor, action }) : null,
    request.hold === null ? null : showRetention(app.ports, { shop, actor }),
  ]);
  const keys = prepared?.kind === "ready" ? presentVaultKeys(prepared) : null;
  const problem = prepared === null || prepared.kind === "ready" ? (prepared !== null && keys === null ? { code: "vault.damaged_object" } : null) : { code: prepared.code };
  const last = lastOf(own, action === "records.disclose" ? "disclose" : "requests");
  // A run that ended badly is told on the page of the request it was about.
  const failed = request.state === "open" && last !== null && !["compliance.erased", "compliance.disclosed", "compliance.nothing_held", "compliance.nothing_to_do"].includes(last.code) && own.some(({ input }) => `${String(input["requests"] ?? input["request"])} `.includes(`${id} `)) ? { code: last.code, at: last.at } : null;
  return {
    now: now.toISOString(),
    ...requestRow(request),
    ...requestPage(request, retained?.kind === "retained" ? retained.holds : [], PACKAGE_LIVES_MS),
    shop,
    snapshots: prepared?.kind === "ready" ? prepared.snapshots : 0,
    keys,
    run: underWay(own, now),
    ...(problem ?? failed ? { problem: (problem ?? failed)! } : {}),
  };
});

export const action = shopAction({ params, body }, async ({ app, shop, actor, params: { id }, body: { keys } }) => {
  const request = await app.ports.compliance.get(shop, id);
  if (request === null) throw new RequestError("request.not_found", "no such request");
  const bytes = new Map(Object.entries(keys).map(([keyId, key]) => [keyId, new Uint8Array(Buffer.from(key, "base64url"))]));
  const work = request.topic === "customers/data_request" ? ({ what: "disclose", request: id } as const) : ({ what: "requests", requests: id } as const);
  const { kind, ...rest } = await requestCustody(app.ports, { shop, actor, work, keys: bytes });
  return { kind, ...("code" in rest ? { code: rest.code } : {}) };
});

export default function Request() {
  const model = useLoaderData<typeof loader>() as RequestModel;
  const fetcher = useFetcher<typeof action>();
  const run = useProgress(model.run);
  const open = async (identity: Identity): Promise<string | null> => {
    const sealed = await fetchText(`/app/requests/${model.id}/package`);
    if (sealed === null) return "compliance.package_expired";
    const text = await openPackage(identity, sealed);
    if (text === null) return "vault.damaged_object";
    download(`privacy-request-${model.id.slice(0, 12)}.jsonl`, text, "application/jsonl");
    return null;
  };
  const certificate = async (): Promise<void> => {
    const name = model.certificate?.name;
    const text = name === undefined ? null : await fetchText(`/app/requests/certificates/${name}`);
    if (text !== null) download(`${name}.json`, text, "application/json");
  };
  return (
    <RequestScreen
      model={{ ...model, run }}
      busy={fetcher.state !== "idle"}
      problem={problemOf(fetcher.data) ?? (run === null ? (model.problem ?? null) : null)}
      onCarryOut={(keys) => fetcher.submit({ keys: { ...keys } }, { method: "post", encType: "application/json" })}
      onOpenPackage={open}
      onCertificate={() => void certificate()}
    />
  );
}
