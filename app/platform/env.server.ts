/** The environment, read once at the start: every problem is told at once, and nothing else in the app reads process.env. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Secret } from "./secrets/secret.ts";

export interface Env {
  readonly mode: "production" | "development" | "test";
  /** "all": pages and background work in one process. */
  readonly role: "all" | "web" | "worker";
  /** Snapshots one process takes at the same time. Null: the usual number. */
  readonly snapshotsAtOnce: number | null;
  /** A bulk operation without progress for so long is cancelled and asked for again. Null: the usual patience. */
  readonly stalledMs: number | null;
  readonly host: string;
  readonly port: number;
  /** Host state: the embedded database, the host secret, scratch room. */
  readonly home: string;
  /** Null: the app runs its own PostgreSQL under `home`. */
  readonly databaseUrl: Secret<string> | null;
  /** Null: one is made and kept under `home`. */
  readonly hostSecret: Secret<string> | null;
  readonly apiKey: string;
  readonly apiSecret: Secret<string>;
  /** The client secret before it was rotated: webhooks signed with it are believed as long as it is set. */
  readonly oldApiSecret: Secret<string> | null;
  /** Where browsers reach the app; an origin. */
  readonly appUrl: string;
  /** `file:` storage must lie below this folder: a merchant names the address, and the host is not the merchant's. */
  readonly fileStores: string;
  /** Storage inside this host's own networks may be used: for a merchant who runs the app themselves. */
  readonly privateStorage: boolean;
  /** A key in a service (aws-kms:ARN, azure-kv:URL) with which erasures are carried out although nobody is there. Null: a person brings an identity. */
  readonly unattendedKey: string | null;
  /** One more origin that may frame the app, besides Shopify's admin. Loopback only: the sandbox's admin page. */
  readonly frameAncestor: string | null;
  /** App Bridge from elsewhere than Shopify. Loopback only: the sandbox's stand-in. */
  readonly appBridgeUrl: string | null;
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
  /** The host's mail server, for alerts. Null: no e-mail leaves. */
  readonly mail: { readonly url: Secret<string>; readonly from: string } | null;
  /** What must be shown for /metrics. Null: pages are only given at `metricsAt`. */
  readonly metricsToken: Secret<string> | null;
  /** A listener of its own for /metrics, /healthz and /readyz; workers have no other. */
  readonly metricsAt: { readonly host: string; readonly port: number } | null;
  /** The downtime viewer: where browsers reach it (an origin), and where it listens. Null: this process runs none. */
  readonly viewer: { readonly url: string; readonly host: string; readonly port: number } | null;
  /** Identity providers inside this host's own networks may be asked: for a merchant who runs the app themselves. */
  readonly privateProvider: boolean;
}

export class EnvError extends Error {
  override readonly name = "EnvError";
  readonly code = "env.invalid";
  readonly retry = "never";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/** Values that stand in .env.example, in the sandbox and in other people's examples: fine to try with, open doors in production. */
const PUBLISHED = /^(?:change-?me|secret|password|example|test|dummy|your[-_].*|<.*>|x{3,}|0+|replace.*|holdfast.*example.*|sandbox[-_].*)$/i;
const WEAK = "is a value from an example: production needs one of its own";

const optional = <T extends z.ZodType>(shape: T) => z.preprocess((value) => (value === "" ? undefined : value), shape.optional());
const isLoopback = (text: string): boolean => ["localhost", "127.0.0.1", "[::1]"].includes(new URL(text).hostname);
const loopbackUrl = z.url({ protocol: /^https?$/ }).refine(isLoopback, "may only be on this machine (localhost)");

const Shape = z.object({
  NODE_ENV: optional(z.enum(["production", "development", "test"])),
  HOLDFAST_ROLE: optional(z.enum(["all", "web", "worker"])),
  HOLDFAST_SNAPSHOTS_AT_ONCE: optional(z.coerce.number().int().min(1).max(64)),
  HOLDFAST_STALLED_SECONDS: optional(z.coerce.number().min(5).max(86_400)),
  HOST: optional(z.string().regex(/^[A-Za-z0-9.:-]+$/, "is not the name of an interface")),
  PORT: optional(z.coerce.number().int().min(0).max(65_535)),
  HOLDFAST_HOME: optional(z.string()),
  DATABASE_URL: optional(z.url({ protocol: /^postgres(?:ql)?$/, error: "is not a postgresql:// address" })),
  HOLDFAST_SECRET: optional(z.string().min(32, "needs 32 characters or more (openssl rand -base64 32)")),
  SHOPIFY_API_KEY: z.string("is missing: the app's client id").min(1, "is empty: the app's client id"),
  SHOPIFY_API_SECRET: z.string("is missing: the app's client secret").min(1, "is empty: the app's client secret"),
  SHOPIFY_OLD_API_SECRET: optional(z.string()),
  SHOPIFY_APP_URL: z.url({ protocol: /^https?$/, error: "is missing or no address: where browsers reach the app" }),
  HOLDFAST_FILE_STORES: optional(z.string()),
  HOLDFAST_PRIVATE_STORAGE: optional(z.enum(["allow", "refuse"])),
  HOLDFAST_UNATTENDED_KEY: optional(z.string().regex(/^(?:aws-kms:|azure-kv:)/, "must be aws-kms:ARN or azure-kv:URL")),
  HOLDFAST_FRAME_ANCESTOR: optional(loopbackUrl),
  APP_BRIDGE_URL: optional(loopbackUrl),
  HOLDFAST_SMTP_URL: optional(z.url({ protocol: /^smtps?$/, error: "is not smtp://user:password@host:587 or smtps://…" })),
  HOLDFAST_MAIL_FROM: optional(z.string().regex(/^(?:[^<>@"\r\n]{1,100} <)?[^\s<>@]+@[^\s<>@]+>?$/, "is not an address, or Name <address>")),
  HOLDFAST_METRICS_TOKEN: optional(z.string().min(24, "needs 24 characters or more (openssl rand -base64 32)")),
  HOLDFAST_METRICS: optional(z.string().regex(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, "is not an interface and a port, such as 127.0.0.1:9464")),
  HOLDFAST_VIEWER_URL: optional(z.url({ protocol: /^https?$/, error: "is no address: where browsers reach the viewer" })),
  HOLDFAST_VIEWER: optional(z.string().regex(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, "is not an interface and a port, such as 127.0.0.1:4400")),
  HOLDFAST_PRIVATE_PROVIDER: optional(z.enum(["allow", "refuse"])),
  HOLDFAST_LOG: optional(z.enum(["silent", "error", "warn", "info", "debug"])),
});

/** Adds what a .env file in the working folder says and the environment does not. */
export function readEnvFile(): void {
  if (existsSync(".env")) process.loadEnvFile(".env");
}

/** Throws EnvError. Values are not in its message. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const parsed = Shape.safeParse(source);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")} ${wordingOf(issue)}`);
  const mode = source["NODE_ENV"] === "development" || source["NODE_ENV"] === "test" ? source["NODE_ENV"] : "production";
  // A loopback address is a machine of one's own: the demo and a first look.
  const atHome = typeof source["SHOPIFY_APP_URL"] === "string" && URL.canParse(source["SHOPIFY_APP_URL"]) && isLoopback(source["SHOPIFY_APP_URL"]);
  if (mode === "production" && !atHome) {
    for (const name of ["SHOPIFY_API_KEY", "SHOPIFY_API_SECRET", "SHOPIFY_OLD_API_SECRET", "HOLDFAST_SECRET"]) {
      if (PUBLISHED.test(source[name] ?? "")) problems.push(`${name} ${WEAK}`);
    }
    if (source["SHOPIFY_APP_URL"]?.startsWith("http:")) problems.push("SHOPIFY_APP_URL must be https: in production");
  }
  const metricsAt = parsed.data?.HOLDFAST_METRICS === undefined ? null : new URL(`tcp://${parsed.data.HOLDFAST_METRICS}`);
  if (parsed.data?.HOLDFAST_SMTP_URL !== undefined && parsed.data.HOLDFAST_MAIL_FROM === undefined) problems.push("HOLDFAST_MAIL_FROM is missing: whom alerts by e-mail come from");
  if (metricsAt !== null && !["localhost", "127.0.0.1", "[::1]"].includes(metricsAt.hostname) && parsed.data?.HOLDFAST_METRICS_TOKEN === undefined) {
    problems.push("HOLDFAST_METRICS_TOKEN is missing: metrics that other machines can ask for need one");
  }
  const viewerUrl = parsed.data?.HOLDFAST_VIEWER_URL === undefined ? null : new URL(parsed.data.HOLDFAST_VIEWER_URL);
  const viewerAt = new URL(`tcp://${parsed.data?.HOLDFAST_VIEWER ?? "127.0.0.1:4400"}`);
  if (viewerUrl?.protocol === "http:" && !isLoopback(viewerUrl.href)) problems.push("HOLDFAST_VIEWER_URL must be https: except on this machine");
  if (parsed.data?.HOLDFAST_VIEWER !== undefined && viewerUrl === null) problems.push("HOLDFAST_VIEWER_URL is missing: where browsers reach the viewer");
  if (!parsed.success || problems.length > 0) throw new EnvError(problems);
  const env = parsed.data;
  const home = resolve(env.HOLDFAST_HOME ?? join(homedir(), ".holdfast"));
  const secret = (value: string | undefined): Secret<string> | null => (value === undefined ? null : new Secret(value));
  return {
    mode,
    role: env.HOLDFAST_ROLE ?? "all",
    snapshotsAtOnce: env.HOLDFAST_SNAPSHOTS_AT_ONCE ?? null,
    stalledMs: env.HOLDFAST_STALLED_SECONDS === undefined ? null : env.HOLDFAST_STALLED_SECONDS * 1000,
    host: env.HOST ?? "127.0.0.1",
    port: env.PORT ?? 3000,
    home,
    databaseUrl: secret(env.DATABASE_URL),
    hostSecret: secret(env.HOLDFAST_SECRET),
    apiKey: env.SHOPIFY_API_KEY,
    apiSecret: new Secret(env.SHOPIFY_API_SECRET),
    oldApiSecret: secret(env.SHOPIFY_OLD_API_SECRET),
    appUrl: new URL(env.SHOPIFY_APP_URL).origin,
    fileStores: resolve(env.HOLDFAST_FILE_STORES ?? join(home, "vaults")),
    privateStorage: env.HOLDFAST_PRIVATE_STORAGE === "allow",
    unattendedKey: env.HOLDFAST_UNATTENDED_KEY ?? null,
    frameAncestor: env.HOLDFAST_FRAME_ANCESTOR === undefined ? null : new URL(env.HOLDFAST_FRAME_ANCESTOR).origin,
    appBridgeUrl: env.APP_BRIDGE_URL ?? null,
    logLevel: env.HOLDFAST_LOG ?? "info",
    mail: env.HOLDFAST_SMTP_URL === undefined ? null : { url: new Secret(env.HOLDFAST_SMTP_URL), from: env.HOLDFAST_MAIL_FROM ?? "" },
    metricsToken: secret(env.HOLDFAST_METRICS_TOKEN),
    viewer: viewerUrl && { url: viewerUrl.origin, host: viewerAt.hostname.replace(/^\[|\]$/g, ""), port: Number(viewerAt.port) },
    privateProvider: env.HOLDFAST_PRIVATE_PROVIDER === "allow",
    metricsAt: metricsAt && { host: metricsAt.hostname.replace(/^\[|\]$/g, ""), port: Number(metricsAt.port) },
  };
}

/** zod's own messages may quote the value; ours do not. */
function wordingOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_big":
    case "too_small":
    case "custom":
    case "invalid_format":
    case "invalid_type":
      return issue.message.startsWith("Invalid") || issue.message.startsWith("Too") ? "is not a usable value" : issue.message;
    default:
      return "is not a usable value";
  }
}
