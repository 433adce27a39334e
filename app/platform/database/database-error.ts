/** The database cannot be started, reached or brought to the version this program needs. */
export type DatabaseErrorCode =
  | "database.no_binaries"
  | "database.not_started"
  | "database.other_version"
  | "database.busy"
  | "database.migration_changed"
  | "database.migration_failed"
  | "database.newer_schema";

export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;
  readonly retry = "never";
  constructor(code: DatabaseErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
