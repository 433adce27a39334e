/**
 * Sends e-mail over SMTP, by nodemailer, with the host's own mail server: the operator of this host names it in the environment, merchants name recipients only. Off
 * this machine nothing goes without TLS (STARTTLS or implicit), and the server's certificate must be good.
 */
import { createTransport } from "nodemailer";
import type { AlertMessage, DeliveryOutcome } from "#app/workflows/ports.ts";
import type { Secret } from "../secrets/secret.ts";

export interface SmtpOptions {
  /** smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465. */
  readonly url: Secret<string>;
  /** "Holdfast <alerts@example.com>". */
  readonly from: string;
  /** Trusted besides the system's: tests. */
  readonly ca?: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

export function smtpSender({ url, from, ca, timeoutMs = TIMEOUT_MS }: SmtpOptions): (to: readonly string[], message: AlertMessage) => Promise<DeliveryOutcome> {
  const { protocol, hostname, port, username, password } = new URL(url.reveal());
  const secure = protocol === "smtps:";
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && (username !== "" || !LOOPBACK.includes(hostname)),
    ...(username === "" ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async (to, { subject, text }) => {
    try {
      // One message to all: they are colleagues of one shop, and each may see who else knows.
      const { rejected } = await transport.sendMail({ from, to: [...to], subject, text, headers: { "Auto-Submitted": "auto-generated" } });
      return rejected.length < to.length ? { kind: "sent" } : refused;
    } catch (error) {
      return failureOf(error);
    }
  };
}

const refused: DeliveryOutcome = { kind: "failed", code: "delivery.refused", retry: "never" };

/** By nodemailer's codes and the server's reply (RFC 5321, 4.2.1: 4yz may succeed later, 5yz will not). */
function failureOf(error: unknown): DeliveryOutcome {
  const { code, responseCode } = (typeof error === "object" && error !== null ? error : {}) as { code?: unknown; responseCode?: unknown };
  // The server offers no TLS, or its certificate is not good: that is for the operator to mend, and then it may be tried again.
  if (code === "ETLS" || code === "ESOCKET") return { kind: "failed", code: code === "ETLS" ? "delivery.refused" : "delivery.unreachable", retry: "later" };
  if (typeof responseCode === "number" && responseCode >= 500) return refused;
  if (typeof responseCode === "number" && responseCode >= 400) return { kind: "failed", code: "delivery.busy", retry: "later" };
  return { kind: "failed", code: "delivery.unreachable", retry: "later" };
}
