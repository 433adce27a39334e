/**
 * Follows work under way. Asks a small route instead of reloading the page's data, and an answer that does not come is no error:
 * the work goes on without this page, so the page just asks again.
 */
import { useRevalidator } from "@remix-run/react";
import { useEffect, useState } from "react";
import type { ProgressModel, RunModel } from "../models.ts";

const EVERY_MS = 1_500;

/** The run as it stands now. When it is over, the page's own data is loaded again. */
export function useProgress(initial: RunModel | null): RunModel | null {
  const [latest, setLatest] = useState<RunModel | null>(null);
  const revalidator = useRevalidator();
  const id = initial?.id ?? null;
  useEffect(() => {
    if (id === null) return undefined;
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      if (document.visibilityState === "hidden") return;
      const answer = await askProgress(stop.signal);
      if (answer === null || stop.signal.aborted) return;
      if (answer.run?.id === id) return setLatest(answer.run);
      stop.abort();
      clearInterval(timer);
      revalidator.revalidate();
    };
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
    // The run's id is what is followed; a newer reading of the same run must not start the clock again.
  }, [id]);
  return latest?.id === id && initial !== null ? latest : initial;
}

/** App Bridge's fetch puts the session token in. Null: no answer this time. */
async function askProgress(signal: AbortSignal): Promise<ProgressModel | null> {
  try {
    const response = await fetch("/app/progress", { signal, headers: { Accept: "application/json" } });
    return response.ok ? ((await response.json()) as ProgressModel) : null;
  } catch {
    return null;
  }
}
