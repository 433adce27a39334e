/**
 * Deliveries into the database, many in one statement: those that arrive while one statement is under way go together in the next, so that the number of
 * commits a second does not grow with the number of webhooks. Each is answered only when its own commit has returned.
 */
import type pg from "pg";
import type { CaptureEvent } from "#app/workflows/ports.ts";

/** Rows of one statement. */
const MOST = 512;
/** Statements under way at once: one commits while the next gathers. */
const LANES = 2;
/** More than this waiting means that the database does not keep up: the platform is told to come again. */
const MOST_WAITING = 20_000;

export interface CaptureIntake {
  /** Resolves when all are durable. Answers how many were news. Throws what the database throws, or IntakeFull. */
  keep(events: readonly CaptureEvent[]): Promise<number>;
  readonly waiting: number;
}

export class IntakeFull extends Error {
  override readonly name = "IntakeFull";
  readonly code = "capture.intake_full";
  constructor() {
    super("too many webhooks wait to be kept");
  }
}

interface Waiting {
  readonly events: readonly CaptureEvent[];
  readonly resolve: (news: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A record waits 0.7 s after its first event: an order that is created, paid and updated at once is fetched once.
 * The first statement keeps each delivery once; the second lets every record that is news wait, one row for each.
 */
const KEEP = `
WITH incoming AS (
  SELECT DISTINCT ON (1, 3, 4) * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[])
    AS t("webhookId", "shop", "kind", "recordId", "topic", "action", "eventId", "occurredAt", "receivedAt") ORDER BY 1, 3, 4
), fresh AS (
  INSERT INTO "CaptureEvent" ("webhookId", "shop", "kind", "recordId", "topic", "action", "eventId", "occurredAt", "receivedAt")
    SELECT "webhookId", "shop", "kind", "recordId", "topic", "action", "eventId", "occurredAt", "receivedAt" FROM incoming
    ON CONFLICT DO NOTHING RETURNING "webhookId", "shop", "kind", "recordId", "occurredAt", "receivedAt"
), waiting AS (
  INSERT INTO "CapturePending" AS p ("shop", "kind", "recordId", "version", "events", "occurredAt", "receivedAt", "lastReceivedAt", "dueAt")
    SELECT "shop", "kind", "recordId", 1, count(*), min("occurredAt"), min("receivedAt"), max("receivedAt"), min("receivedAt") + interval '700 milliseconds' FROM fresh GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT ("shop", "kind", "recordId") DO UPDATE SET "version" = p."version" + 1, "events" = p."events" + excluded."events", "lastReceivedAt" = GREATEST(p."lastReceivedAt", excluded."lastReceivedAt"),
      "occurredAt" = LEAST(p."occurredAt", excluded."occurredAt"), "dueAt" = LEAST(p."dueAt", excluded."dueAt")
)
SELECT "webhookId" FROM fresh`;

export function captureIntake(pool: Pick<pg.Pool, "query">): CaptureIntake {
  const queue: Waiting[] = [];
  let lanes = 0;
  let waiting = 0;

  const next = (): Waiting[] => {
    const batch: Waiting[] = [];
    let rows = 0;
    while (queue.length > 0 && (batch.length === 0 || rows + (queue[0] as Waiting).events.length <= MOST)) {
      const one = queue.shift() as Waiting;
      batch.push(one);
      rows += one.events.length;
    }
    return batch;
  };

  const run = async (): Promise<void> => {
    lanes++;
    try {
      while (queue.length > 0) {
        const batch = next();
        waiting -= batch.length;
        await keep(batch);
      }
    } finally {
      lanes--;
    }
  };

  const keep = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const rows = batch.flatMap(({ events }) => events);
      const fresh = await insert(pool, rows);
      for (const { events, resolve } of batch) resolve(new Set(events.map(({ webhookId }) => webhookId).filter((id) => fresh.has(id))).size);
    } catch (error) {
      // One bad row must not take others with it: each is tried alone, and only its own sender hears of the fault.
      if (batch.length === 1) (batch[0] as Waiting).reject(error);
      else for (const one of batch) await keep([one]);
    }
  };

  return {
    keep: (events) => {
      if (events.length === 0) return Promise.resolve(0);
      if (waiting >= MOST_WAITING) return Promise.reject(new IntakeFull());
      return new Promise<number>((resolve, reject) => {
        queue.push({ events, resolve, reject });
        waiting++;
        if (lanes < LANES) void run();
      });
    },
    get waiting() {
      return waiting;
    },
  };
}

async function insert(pool: Pick<pg.Pool, "query">, rows: readonly CaptureEvent[]): Promise<Set<string>> {
  const column = <T>(of: (event: CaptureEvent) => T): T[] => rows.map(of);
  const { rows: fresh } = await pool.query<{ webhookId: string }>({
    name: "capture-keep",
    text: KEEP,
    values: [
      column((e) => e.webhookId), column((e) => e.shop), column((e) => e.kind), column((e) => e.recordId), column((e) => e.topic),
      column((e) => e.action), column((e) => e.eventId), column((e) => e.occurredAt), column((e) => e.receivedAt),
    ],
  });
  return new Set(fresh.map(({ webhookId }) => webhookId));
}
