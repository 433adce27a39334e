/**
 * A queue of small reminders to do something: at least once, in no promised order. The truth about work (who does it, how far it is) is in
 * the Run table; a job only wakes a worker, so a job that comes twice or is lost does no harm (see maintenance.ts).
 */
import type { ZodType } from "zod";

/** A kind of job, apart from what handles it. A change of shape is a new version, so that jobs kept by an older program are still understood. */
export interface JobDefinition<T> {
  /** Letters, digits and underscores. */
  readonly name: string;
  readonly version: number;
  readonly shape: ZodType<T>;
}

export interface JobQueue {
  /** Makes the queue of a definition; idempotent. */
  declare<T>(definition: JobDefinition<T>): Promise<void>;
  /** `key`: while a job with this key waits, another is not added. False then. */
  send<T>(definition: JobDefinition<T>, data: T, options?: { readonly key?: string }): Promise<boolean>;
  /** Works on jobs, `concurrency` at a time. A handler that throws is logged; its job is tried again a few times. */
  work<T>(definition: JobDefinition<T>, concurrency: number, handler: (data: T) => Promise<void>): Promise<void>;
  /** Hands out no more jobs. */
  pause(): Promise<void>;
  /** Waits up to `patienceMs` for handlers under way, then closes. */
  close(patienceMs: number): Promise<void>;
}
