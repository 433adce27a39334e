/**
 * Sends what waits in a line of deliveries, and keeps how each attempt ended. One that is not taken is tried again, later and later, until it is given up. None is
 * lost: a process that dies between the answer and its row means that it is sent once more.
 */
import type { Clock, Delivery, DeliveryLine, SendOutcome } from "../ports.ts";
import { eachDue } from "./each-due.ts";

/** What came of one attempt; over: by now nobody needs it. */
export type Attempt<Over extends string, Code extends string> = SendOutcome<Code> | { readonly kind: "over"; readonly state: Over };

export interface Deliver<Over extends string, Code extends string, Row extends Delivery<Over>> {
  readonly clock: Clock;
  readonly line: DeliveryLine<Row>;
  /** For so long what is taken is nobody else's. */
  readonly claimMs: number;
  /** Milliseconds of rest after each failed attempt. There is one attempt more than there are pauses. */
  readonly pausesMs: readonly number[];
  /** What an attempt ended with that threw: a fault of ours, which must not be repeated for ever either. */
  readonly fault: Code;
  send(row: Row): Promise<Attempt<Over, Code>>;
  /** After its row says so. */
  sent?(row: Row): Promise<void>;
  /** After its row says so. `again`: it will be tried once more. */
  notSent(row: Row, why: { readonly code: Code; readonly again: boolean }): Promise<void> | void;
}

const AT_ONCE = 20;
const SIDE_BY_SIDE = 5;

/** Answers how many were taken by the other side. */
export function deliverDue<Over extends string, Code extends string, Row extends Delivery<Over>>(o: Deliver<Over, Code, Row>): Promise<number> {
  return eachDue({ ...o, atOnce: AT_ONCE, sideBySide: SIDE_BY_SIDE }, (row) => deliver(o, row));
}

async function deliver<Over extends string, Code extends string, Row extends Delivery<Over>>(o: Deliver<Over, Code, Row>, row: Row): Promise<boolean> {
  const attempt: Attempt<Over, Code> & { readonly thrown?: { readonly error: unknown } } = await o.send(row).catch((error: unknown) => ({ kind: "failed", code: o.fault, retry: "later", thrown: { error } }));
  const at = o.clock.now();
  if (attempt.kind !== "failed") {
    await o.line.ended(row.id, { state: attempt.kind === "sent" ? "sent" : attempt.state, at, code: null });
    if (attempt.kind === "sent") await o.sent?.(row);
    return attempt.kind === "sent";
  }
  const { code, retry, afterMs = 0 } = attempt;
  const pause = retry === "later" ? o.pausesMs[row.attempts - 1] : undefined;
  const again = pause !== undefined;
  await o.line.ended(row.id, again ? { state: "waiting", at, nextAt: new Date(at.getTime() + Math.max(pause, afterMs)), code } : { state: "failed", at, code });
  await o.notSent(row, { code, again });
  if (attempt.thrown !== undefined) throw attempt.thrown.error;
  return false;
}
