/** What the command itself can find wrong. Everything below it has its own family of errors. */
export type CliErrorCode =
  | "cli.usage"
  | "cli.no_home"
  | "cli.home_unusable"
  | "cli.no_host_keys"
  | "cli.host_keys_damaged"
  | "cli.record_not_found"
  | "cli.record_erased"
  | "cli.output_failed"
  | "cli.output_closed"
  | "cli.ledger_empty"
  | "cli.entry_not_found"
  | "cli.witness_refused"
  | "cli.witness_unavailable"
  | "cli.checkpoint_unreadable"
  | "cli.not_a_checkpoint"
  | "cli.no_shop_token"
  | "cli.rights_missing"
  | "cli.sandbox_session_damaged"
  | "cli.no_roster"
  | "cli.port_unusable"
  | "cli.interrupted";

export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  constructor(code: CliErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
  }
}
