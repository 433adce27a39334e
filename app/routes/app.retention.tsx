/** /app/retention: which snapshots stay, which may go, and what is held. */
import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import type { PruneDraft, RetentionModel } from "#app/ui/models/privacy.ts";
import { useProgress } from "#app/ui/parts/use-progress.ts";
import { problemOf } from "#app/ui/present/answers.ts";
import { holdRow, lastOf, pruneDraft } from "#app/ui/present/privacy.ts";
import { underWay } from "#app/ui/present/run.ts";
import { RetentionScreen, type RetentionActions } from "#app/ui/screens/retention.tsx";
import { requestCustody } from "#app/workflows/custody/request-custody.ts";
import { holdInShop, planPrune, releaseInShop, savePolicy, showRetention } from "#app/workflows/retention/shop-retention.ts";

export { ScreenBoundary as ErrorBoundary } from "#app/ui/parts/boundary.tsx";
export const meta: MetaFunction = () => [{ title: "Retention" }];

const keep = z.string().max(300).regex(/^[a-z]+=\d+(,[a-z]+=\d+)*$/);
const line = (most: number) => z.string().trim().min(1).max(most);
const legal = z.object({ basis: line(200), citation: line(300), until: z.iso.date().optional(), persons: z.array(z.string().max(250)).max(1000) });
const body = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("draft"), keep }),
  z.object({ intent: z.literal("prune"), keep }),
  z.object({ intent: z.literal("save"), keep, enabled: z.boolean() }),
  z.object({ intent: z.literal("hold"), name: line(64), reason: line(500), snapshots: z.string().regex(/^(all|[0-9a-f]{16})$/), legal: legal.optional() }),
  z.object({ intent: z.literal("release"), hold: z.string().regex(/^[0-9a-f]{16}$/), reason: line(500) }),
]);

/** Snapshots that can be held one by one from the form. */
const RECENT = 50;

export const loader = shopLoader(async ({ app, shop, actor }): Promise<RetentionModel> => {
  const { links, retention, runs, clock } = app.ports;
  const now = clock.now();
  const base = { now: now.toISOString(), snapshots: 0, policy: null, holds: [], damagedHolds: [], recent: [], run: null };
  if ((await links.get(shop)) === null) return { ...base, ready: false };
  const [retained, policy, own] = await Promise.all([showRetention(app.ports, { shop, actor }), retention.get(shop), runs.list(shop, { kind: "custody", limit: 5 })]);
  const run = underWay(own, now);
  if (retained.kind !== "retained") return { ...base, ready: false, run, problem: { code: retained.code } };
  const last = lastOf(own, "prune");
  return {
    ...base,
    ready: true,
    snapshots: retained.snapshots.length,
    policy: policy === null ? null : { keep: policy.keep, enabled: policy.enabled, ...(policy.prunedAt === null ? {} : { prunedAt: policy.prunedAt.toISOString() }) },
    holds: retained.holds.map(holdRow),
    damagedHolds: retained.damaged,
    recent: retained.snapshots.slice(0, RECENT).map(({ snapshotId, takenAt }) => ({ id: snapshotId, takenAt })),
    run,
    ...(last !== null && last.code !== "prune.done" && run === null ? { problem: { code: last.code, at: last.at } } : {}),
  };
});

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }) => {
  const who = { shop, actor };
  switch (asked.intent) {
    case "draft": {
      const planned = await planPrune(app.ports, who, asked.keep);
      return planned.kind === "done" ? { kind: "draft" as const, draft: pruneDraft(asked.keep, planned.report, planned.youngerThanSixYears) } : { kind: planned.kind, code: planned.code };
    }
    case "prune": {
      const { kind, ...rest } = await requestCustody(app.ports, { ...who, work: { what: "prune", keep: asked.keep }, keys: null });
      return { kind, ...("code" in rest ? { code: rest.code } : {}) };
    }
    case "save": {
      const saved = await savePolicy(app.ports, who, asked);
      return { kind: saved.kind, ...("code" in saved ? { code: saved.code } : {}) };
    }
    case "hold": {
      const { legal: given } = asked;
      const held = await holdInShop(app.ports, who, {
        name: asked.name,
        reason: asked.reason,
        snapshots: asked.snapshots === "all" ? "all" : [asked.snapshots],
        ...(given === undefined ? {} : { legal: { basis: given.basis, citation: given.citation, until: given.until === undefined ? null : new Date(`${given.until}T00:00:00Z`), persons: given.persons.length === 0 ? ("all" as const) : given.persons } }),
      });
      return { kind: held.kind, ...("code" in held ? { code: held.code } : {}) };
    }
    case "release": {
      const released = await releaseInShop(app.ports, who, asked);
      return { kind: released.kind, ...("code" in released ? { code: released.code } : {}) };
    }
    default:
      asked satisfies never;
      return null;
  }
});

interface Answer {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
  readonly data?: { readonly kind: string; readonly draft?: PruneDraft; readonly code?: string } | null;
}

export default function Retention() {
  const model = useLoaderData<typeof loader>() as RetentionModel;
  const run = useProgress(model.run);
  const fetchers = { draft: useFetcher<Answer>(), prune: useFetcher<Answer>(), save: useFetcher<Answer>(), hold: useFetcher<Answer>(), release: useFetcher<Answer>() };
  const busy = (Object.keys(fetchers) as (keyof typeof fetchers)[]).find((name) => fetchers[name].state !== "idle") ?? null;
  const send = (intent: keyof typeof fetchers, fields: object): void => void fetchers[intent].submit({ intent, ...fields } as never, { method: "post", encType: "application/json" });
  const actions: RetentionActions = {
    busy,
    problem: Object.values(fetchers).map((fetcher) => problemOf(fetcher.data as never)).find((problem) => problem !== null) ?? null,
    draft: fetchers.draft.data?.data?.draft ?? null,
    onDraft: (policy) => send("draft", { keep: policy }),
    onPrune: (policy) => send("prune", { keep: policy }),
    onSave: (policy, enabled) => send("save", { keep: policy, enabled }),
    onHold: (hold) => send("hold", hold),
    onRelease: (hold, reason) => send("release", { hold, reason }),
  };
  return <RetentionScreen model={{ ...model, run }} {...actions} />;
}
