/** A moment, said as people do, with the exact time on hover and for screen readers. */
import { createContext, useContext, useEffect, useState } from "react";
import type { ReactNode } from "react";
import { dayAndTime, exact, relative } from "../wording/time.ts";

interface Clock {
  /** Now, ISO 8601. */
  readonly now: string;
  /** IANA name. "UTC" on the server and in the first paint, so that both agree; then the reader's own. */
  readonly zone: string;
}

const ClockContext = createContext<Clock | null>(null);
const TICK_MS = 15_000;

/** Keeps "2 minutes ago" true while a page stays open. `now` is the server's, so a wrong clock on the desk does not matter. */
export function ClockProvider({ now, children }: { now: string; children: ReactNode }) {
  const [clock, setClock] = useState<Clock>({ now, zone: "UTC" });
  useEffect(() => {
    const began = performance.now();
    const tick = () => setClock({ now: new Date(Date.parse(now) + (performance.now() - began)).toISOString(), zone: ownZone() });
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [now]);
  return <ClockContext.Provider value={clock}>{children}</ClockContext.Provider>;
}

function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export function useClock(): Clock {
  const clock = useContext(ClockContext);
  if (!clock) throw new Error("a time is shown outside ClockProvider");
  return clock;
}

export function Time({ at, form = "relative", begins = false }: { at: string; form?: "relative" | "day" | "exact"; /** It begins a cell or a sentence. */ begins?: boolean }) {
  const { now, zone } = useClock();
  const said = form === "relative" ? relative(at, now) : form === "day" ? dayAndTime(at, now, zone) : exact(at, zone);
  const full = exact(at, zone);
  return (
    <time dateTime={at} title={full}>
      {begins ? said.charAt(0).toUpperCase() + said.slice(1) : said}
      {form === "exact" ? null : <span className="hf-unseen">{` (${full})`}</span>}
    </time>
  );
}
