/** /app/keys: who can open the backups, what is due, and changing it. Only public halves and content keys come here. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { KeysModel } from "#app/ui/models/privacy.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { presentVaultKeys } from "#app/ui/present/drill-keys.ts";
import { lastOf, presentKeys } from "#app/ui/present/privacy.ts";
import { underWay } from "#app/ui/present/run.ts";
import { KeysScreen } from "#app/ui/screens/keys.tsx";
import { prepareCustody } from "#app/workflows/custody/prepare-custody.ts";
import { requestCustody } from "#app/workflows/custody/request-custody.ts";
import { months } from "#app/workflows/keys/period.ts";
import { planRotation, type KeyPolicy } from "#app/workflows/keys/plan-rotation.ts";
import { showKeys } from "#app/workflows/retention/shop-retention.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Keys" }];

/** Proposed: what is kept is kept six years, keys are replaced every year and destroyed after five (docs/keys.md). */
const POLICY: KeyPolicy = { retention: months(72), rotateEvery: months(12), keyLife: months(60) };

const point = z.string().regex(/^[\w-]{20,140}$/);
const keyId = z.string().regex(/^[\w-]{16,200}$/);
const body = z.object({
  add: z.array(z.strictObject({ kty: z.literal("EC"), crv: z.enum(["P-256", "P-384"]), x: point, y: point, kid: keyId, alg: z.literal("ECDH-ES+A256KW"), use: z.literal("enc") })).max(16),
  remove: z.array(keyId).max(64),
  reason: z.string().max(500).regex(/^[^\p{Cc}@]*$/u),
  keys: z.record(z.string().max(200), z.string().regex(/^[\w-]{43}$/)),
});

export const loader = shopLoader(async ({ app, shop, actor }): Promise<KeysModel> => {
  const { links, runs, clock } = app.ports;
  const now = clock.now();
  const link = await links.get(shop);
  const base = { now: now.toISOString(), recipients: [], due: [], refusals: [], keys: null, run: null, last: null };
  if (link === null) return { ...base, ready: false };
  const [shown, prepared, own] = await Promise.all([showKeys(app.ports, { shop, actor }), prepareCustody(app.ports, { shop, actor, action: "keys.rotate" }), runs.list(shop, { kind: "custody", limit: 5 })]);
  if (shown.kind !== "keys") return { ...base, ready: false, problem: { code: shown.code } };
  const algorithms = new Map(link.recipients.map((recipient) => [recipient.keyId, recipient.jwk.kty === "RSA" ? "RSA-OAEP-256" : `${recipient.jwk.crv ?? "EC"}, ECDH-ES+A256KW`]));
  const last = lastOf(own, "rotate");
  return {
    ...base,
    ready: true,
    ...presentKeys(planRotation(shown.facts, POLICY, now), algorithms),
    keys: prepared.kind === "ready" ? presentVaultKeys(prepared) : null,
    run: underWay(own, now),
    last: last === null ? null : { code: last.code, at: last.at },
    ...(prepared.kind === "ready" ? {} : { problem: { code: prepared.code } }),
  };
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: { add, remove, reason, keys } }) => {
  const shown = await showKeys(app.ports, { shop, actor });
  if (shown.kind !== "keys") return { kind: shown.kind, code: shown.code, refusals: [] };
  const refusals = planRotation(shown.facts, POLICY, app.ports.clock.now(), { remove, added: add.length, destroy: [] }).refusals.filter(({ code }) => code !== "plan.past_cryptoperiod" && code !== "plan.key_life_too_short");
  if (refusals.length > 0) return { kind: "plan-refuses", refusals: refusals.map(({ sentence }) => sentence) };
  const bytes = new Map(Object.entries(keys).map(([id, key]) => [id, new Uint8Array(Buffer.from(key, "base64url"))]));
  const recipients = add.map(({ kid, ...jwk }) => ({ keyId: kid, jwk: { ...jwk, kid } }));
  const { kind, ...rest } = await requestCustody(app.ports, { shop, actor, work: { what: "rotate", add: JSON.stringify(recipients), remove: remove.join(" "), reason }, keys: bytes });
  return { kind, refusals: [], ...("code" in rest ? { code: rest.code } : {}) };
});

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly refusals?: readonly string[]; readonly code?: string };
}

export default function Keys() {
  const model = useLoaderData<typeof loader>() as KeysModel;
  const fetcher = useFetcher<Answer>();
  const run = useProgress(model.run);
  return (
    <KeysScreen
      model={{ ...model, run }}
      busy={fetcher.state !== "idle"}
      problem={problemOf(fetcher.data as never)}
      refusals={fetcher.data?.data?.refusals ?? []}
      onRotate={({ add, remove, reason, keys }) => fetcher.submit({ add: add.map((half) => ({ ...half })), remove: [...remove], reason, keys: { ...keys } }, { method: "post", encType: "application/json" })}
    />
  );
}
