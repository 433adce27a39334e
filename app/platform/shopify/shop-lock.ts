/** One piece of work at a time per shop, over all processes that share the database: PostgreSQL's advisory lock. */
import type pg from "pg";

export type ShopLock = <T>(shop: string, work: () => Promise<T>) => Promise<T>;

/**
 * `pool` serves locks only: work under a lock takes its connections elsewhere, so waiting for a lock never keeps its holder from them.
 * A holder that dies loses its connection and with it the lock.
 */
export function shopLock(pool: pg.Pool, purpose: string): ShopLock {
  return async (shop, work) => {
    const client = await pool.connect();
    const name = `${purpose} ${shop}`;
    let broken: Error | undefined;
    try {
      await client.query("SET lock_timeout = '20s'");
      await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [name]);
      try {
        return await work();
      } finally {
        await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [name]).catch((error: unknown) => {
          broken = error instanceof Error ? error : new Error("the lock's connection broke");
        });
      }
    } finally {
      // A connection that could not unlock is closed, which unlocks.
      client.release(broken);
    }
  };
}
