/** Taking and stopping a snapshot from a screen: posts to the overview's action, which owns both. */
import { useFetcher } from "@remix-run/react";
import type { ProblemModel } from "../models.ts";
import { problemOf } from "../present/answers.ts";

export interface SnapshotActions {
  readonly onSnapshot: () => void;
  readonly onCancel: (runId: string) => void;
  readonly onEmergency: () => void;
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
}

export function useSnapshotActions(): SnapshotActions {
  const fetcher = useFetcher<{ ok: boolean; error?: { code: string }; data?: unknown }>();
  const to = { method: "post", action: "/app?index" } as const;
  return {
    onSnapshot: () => fetcher.submit({ intent: "snapshot" }, to),
    onCancel: (run) => fetcher.submit({ intent: "cancel", run }, to),
    onEmergency: () => fetcher.submit({ intent: "emergency", reason: "incident", incident: "", assistantRun: "newest" }, { method: "post", action: "/app/recovery-points" }),
    busy: fetcher.state !== "idle",
    problem: fetcher.state === "idle" ? problemOf(fetcher.data) : null,
  };
}
