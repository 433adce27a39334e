/** When a shop's snapshots are taken by themselves. */
export interface Schedule {
  readonly shop: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name, "Europe/Berlin". */
  readonly timezone: string;
  readonly enabled: boolean;
}

export interface Schedules {
  get(shop: string): Promise<Schedule | null>;
  /** Sets or replaces the shop's schedule. Throws RequestError "request.invalid" for a cron line or time zone nobody knows. */
  save(schedule: Schedule): Promise<void>;
  /** The next time a snapshot will be asked for, or null when switched off. */
  next(shop: string): Promise<Date | null>;
}
