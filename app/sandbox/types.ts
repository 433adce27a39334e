/** What a sandbox shop is asked for, and what it gives back. Types only; the door is index.ts. */

/** Time as the sandbox sees it. `sleep` is what timers use (webhook retries, paced downloads); real timers when absent. */
export interface SandboxClock {
  now(): Date;
  sleep?(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface SandboxOptions {
  /** How many customers and orders the shop starts with. Default 0. Records are computed on demand, never held. */
  readonly customers?: number;
  readonly orders?: number;
  /** Metaobject entries (care plans). Default: one for every 50 customers, at least 10, at most 5,000; 0 in an empty shop. */
  readonly metaobjects?: number;
  /** Equal seeds and sizes give equal shops, byte for byte. Default "holdfast". */
  readonly seed?: string | number;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** What to listen on and to name in URLs. "localhost" where a browser embeds the app. Default "127.0.0.1". */
  readonly host?: "127.0.0.1" | "localhost";
  /** The shop's domain. Default "<word>-synthetic.myshopify.com", from the seed. */
  readonly shop?: string;
  /** The app's client id and secret. Defaults are made from the seed. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Where the embedded app answers, for the admin page's frame. */
  readonly appUrl?: string;
  /** The app's handle in the admin's address: /store/<name>/apps/<handle>. Default "holdfast". */
  readonly appHandle?: string;
  /** What the app is called in the admin page. Default "Holdfast". */
  readonly appName?: string;
  /** Scopes granted at token exchange. Default: what Holdfast asks for. */
  readonly scopes?: readonly string[];
  /** Scopes that the app declares as optional: asked for in the admin (App Bridge), and given back. What of them is not in `scopes` is not granted yet. Default: none. */
  readonly optionalScopes?: readonly string[];
  /** The app-specific (TOML) webhook subscriptions. Never deleted for failing, unlike those made through the API. */
  readonly webhooks?: readonly WebhookRoute[];
  /** A token planted in a stated handful of PHI places (see canaryPlaces), to search for where it must not turn up. */
  readonly canary?: string;
  readonly faults?: Faults;
  /** Points per second and bucket size of the GraphQL limit. Default: Plus, 1,000 and 20,000. */
  readonly rateLimit?: RateLimit | "off";
  /** A fresh shop to restore into: no customers, orders, metaobjects or definitions. */
  readonly empty?: boolean;
  /** Where the schema file is kept. Default: .cache/shopify-admin-schema in the checkout. */
  readonly schemaDirectory?: string;
  readonly clock?: SandboxClock;
  /** The app's Flow triggers, by handle, with their fields. Absent: flowTriggerReceive takes any handle and payload. */
  readonly flowTriggers?: FlowTriggers;
}

/** What is declared of a trigger's fields, by key. `type`: as in TOML. */
export interface FlowTriggerField {
  readonly type: string;
}
export type FlowTriggers = Readonly<Record<string, Readonly<Record<string, FlowTriggerField>>>>;

/** One call of flowTriggerReceive. */
export interface FlowReceipt {
  readonly handle: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly at: string;
  /** What it was refused for; empty: taken. */
  readonly errors: readonly string[];
}

/** One step of a workflow that asks the app for something. */
export interface FlowStep {
  /** Of the action. */
  readonly handle: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  /** The same id again is the same run of the step. Default: a new one. */
  readonly actionRunId?: string;
  readonly stepReference?: string;
  /** Whom it says it is for. Default: this shop. */
  readonly shop?: string;
  /** Where the app is asked. Default: /flow/actions/<handle>. */
  readonly path?: string;
  /** Each request goes out twice at once. */
  readonly twice?: boolean;
  /** How long it is asked for at most. Default: 36 hours. */
  readonly patienceMs?: number;
}

export interface FlowRun {
  readonly actionRunId: string;
  readonly state: "done" | "failed" | "gave-up";
  readonly returnValue?: Readonly<Record<string, unknown>>;
  /** What the merchant sees of a step that failed. */
  readonly shown: string;
  /** Each answer in turn; status null: none within ten seconds. */
  readonly answers: readonly { readonly status: number | null; readonly retryAfter: number | null }[];
}

export interface RateLimit {
  /** Points restored each second: Standard 100, Advanced 200, Plus 1,000, Enterprise 2,000. */
  readonly restoreRate: number;
  /** Points the bucket holds. */
  readonly maximum: number;
}

export interface WebhookRoute {
  /** As in TOML: "customers/update", "app/uninstalled", "customers/redact" … */
  readonly topic: string;
  /** An http address; relative ones are resolved on `appUrl`. */
  readonly address: string;
  readonly name?: string;
  /** As in TOML: "type:care_plan". */
  readonly filter?: string;
  /** Only these members of the payload. */
  readonly includeFields?: readonly string[];
}

/** What can be made to go wrong. Everything is off unless set; every choice is drawn from the seed, so runs repeat. */
export interface Faults {
  /** Fraction (0 to 1) of GraphQL requests answered THROTTLED although the bucket would allow them. */
  readonly throttle?: number;
  /** Bulk result downloads are paced to this many bytes a second. */
  readonly slowDownload?: number;
  /** A result download's connection is cut after `atByte` bytes of that response, for the first `times` downloads. Range requests resume. */
  readonly cutDownload?: { readonly atByte: number; readonly times: number };
  /** Bulk queries fail after this many objects, leaving partialDataUrl. `times`: only the next so many operations. */
  readonly failBulk?: { readonly afterObjects: number; readonly times?: number; readonly errorCode?: "ACCESS_DENIED" | "INTERNAL_SERVER_ERROR" | "TIMEOUT" };
  /** Fraction (0 to 1) of bulk_operations/finish webhooks that are never sent. */
  readonly loseFinishWebhook?: number;
  /** Fraction (0 to 1) of all other webhooks that are never sent. */
  readonly loseWebhook?: number;
  /** Fraction (0 to 1) of webhooks sent twice, under the same id. */
  readonly duplicateWebhook?: number;
  /** Fraction (0 to 1) of webhooks that the next one overtakes. */
  readonly reorderWebhook?: number;
  /** This fraction (0 to 1) of webhooks leaves so many milliseconds late. */
  readonly delayWebhook?: { readonly fraction: number; readonly milliseconds: number };
  /** At this fraction (0 to 1) of webhooks an old one of the last two hundred is sent again, its payload as it was, under a new id. */
  readonly replayWebhook?: number;
  /** A change of nothing but metafields neither moves its owner's `updatedAt` nor fires the owner's webhook. Shopify does not say whether it does. */
  readonly quietMetafields?: boolean;
  /** A line that is not JSON is put into results after every so many lines. */
  readonly invalidLineEvery?: number;
  /** A line is repeated in results after every so many lines. */
  readonly duplicateLineEvery?: number;
  /** Fields that nobody may read, whatever the scopes: "abandonedCheckouts" of the root, "Customer.phone". */
  readonly denyFields?: readonly string[];
  /** The next so many bulk operations stay RUNNING, their counts frozen, until somebody cancels them. */
  readonly stallBulk?: { readonly times: number; readonly afterObjects?: number };
  /** The platform itself cancels the next so many bulk operations after this many objects. */
  readonly cancelBulk?: { readonly times: number; readonly afterObjects: number };
  /** So many of the app's places for bulk operations are taken by somebody else. */
  readonly othersRunning?: number;
  /** Fraction (0 to 1) of GraphQL requests answered with HTTP 500, 502 or 503 before anything is done. */
  readonly serverError?: number;
  /** Fraction (0 to 1) of GraphQL requests whose connection is cut after they were carried out, before the answer. */
  readonly lostAnswer?: number;
  /** Every access token but the permanent one is refused (401) that was issued before this instant (ISO 8601). */
  readonly expireTokensBefore?: string;
  /** Answers to GraphQL requests leave so many milliseconds late. */
  readonly slowAnswer?: number;
  /** A bulk operation stays RUNNING at least this many milliseconds. */
  readonly slowBulk?: number;
  /** Result addresses expire after this many seconds instead of 7 days. */
  readonly urlLifetime?: number;
}

export interface SandboxCounts {
  readonly customers: number;
  readonly orders: number;
  readonly metaobjects: number;
  readonly metafieldDefinitions: number;
  readonly metaobjectDefinitions: number;
  /** Children, counted by walking: absent until asked for with `counts({ children: true })`. */
  readonly children?: { readonly addresses: number; readonly customerMetafields: number; readonly lineItems: number; readonly orderMetafields: number };
}

/** What a scripted change did. Ids are GIDs; each record is in one list only. */
export interface ChangeReport {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly deleted: readonly string[];
}

/** How a made-up API version differs from the real one. Members are named "Type.member": fields, input fields, enum values. */
export interface SchemaChanges {
  readonly drop?: readonly string[];
  /** "Customer.note" to "remark". */
  readonly rename?: Readonly<Record<string, string>>;
  /** "Customer.note" to "Int", "[String!]!" … */
  readonly retype?: Readonly<Record<string, string>>;
  readonly deprecate?: readonly string[];
  /** "Customer.healthProfile" to "String". It answers null. */
  readonly add?: Readonly<Record<string, string>>;
}

/** Another app that is installed in the shop. */
export interface OtherApp {
  readonly title: string;
  /** Default: made from the title. */
  readonly handle?: string;
  readonly scopes?: readonly string[];
  /** It brings metafields for customers: a definition, and values for the first so many of them. */
  readonly metafields?: {
    /** "reviews" is the merchant's; "$app:intake" is the app's own, "app--<id>--intake" to everybody else. */
    readonly namespace: string;
    readonly key: string;
    /** Default "single_line_text_field". */
    readonly type?: string;
    /** Who else may see them. Default PUBLIC_READ. Under the first three nobody but the app and the merchant does: not we. */
    readonly access?: "PRIVATE" | "MERCHANT_READ" | "MERCHANT_READ_WRITE" | "PUBLIC_READ" | "PUBLIC_READ_WRITE";
    /** Default 10. */
    readonly customers?: number;
  };
}

export interface InstalledApp {
  readonly appId: string;
  readonly installationId: string;
  /** The namespace as others see its name; null: it brought no metafields. */
  readonly namespace: string | null;
  /** How many values it wrote, whether we may see them or not. */
  readonly values: number;
}

/** Damage for a restore to undo. */
export interface CorruptionAsked {
  /** Equal seeds damage equal shops alike. */
  readonly seed?: string | number;
  /** This fraction (0 to 1) of the customers' metafields is overwritten with something else. */
  readonly metafields?: number;
  /** So many customers without orders are deleted. */
  readonly deleteCustomers?: number;
  /** Every value of this namespace of customers is overwritten. */
  readonly mangleNamespace?: string;
}

export interface CorruptionReport {
  /** How many metafields were overwritten, outside the mangled namespace and in it. */
  readonly metafields: number;
  readonly mangled: number;
  /** Customers with overwritten metafields, and those that are gone. */
  readonly customers: readonly string[];
  readonly deleted: readonly string[];
}

/** What an edit did: GIDs, in one list each. */
export type EditReport = ChangeReport;

export interface EditsAsked {
  /** Equal seeds give the same sequence of edits on equal shops. */
  readonly seed?: string | number;
  /** Only these kinds, by gid type ("Customer", "DraftOrder"). Default: all that staff or customers edit. */
  readonly kinds?: readonly string[];
}

/** Edits that go on by themselves. */
export interface EditsRunning {
  /** Edits made so far, and what they touched (each GID once; the last million edits). */
  readonly done: number;
  /** Stops, and waits for the last edit. */
  stop(): Promise<EditReport>;
}

export type ComplianceTopic = "customers/data_request" | "customers/redact" | "shop/redact";

/** One attempt to deliver a webhook. The body is not kept. */
export interface WebhookAttempt {
  readonly topic: string;
  readonly webhookId: string;
  readonly attempt: number;
  readonly address: string;
  /** The receiver's status; null: no answer within 5 seconds. */
  readonly status: number | null;
}

export interface SandboxShop {
  /** http://127.0.0.1:PORT, no slash at the end. */
  readonly url: string;
  /** For example "cedar-synthetic.myshopify.com". */
  readonly shop: string;
  /** A custom app's permanent Admin API token. */
  readonly accessToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The admin page that embeds the app. */
  readonly adminUrl: string;
  /** Where the canary was planted: "customer 0 note" … Empty without one. */
  readonly canaryPlaces: readonly string[];
  counts(): SandboxCounts;
  counts(options: { readonly children: true }): Required<SandboxCounts>;
  /** How many of each kind beyond those of `counts`, by gid type ("DraftOrder"). */
  kindCounts(): Readonly<Record<string, number>>;
  /** API versions it speaks, newest last. */
  versions(): readonly { readonly handle: string; readonly supported: boolean }[];
  /** Speaks a version beside the real one, or changes one it speaks (the real one too). No changes bring the real schema back. */
  releaseVersion(handle: string, changes: SchemaChanges): Promise<void>;
  /** Requests for it are answered by the oldest version that is left, as Shopify does. */
  retireVersion(handle: string): void;
  /** What the app may do now. */
  grantedScopes(): readonly string[];
  /** Grants these access scopes instead, and says so by app/scopes_update. */
  setScopes(scopes: readonly string[]): Promise<void>;
  installApp(app: OtherApp): InstalledApp;
  /** The app is gone, its definitions and values stay, as on the platform. False: there was none of that handle. */
  removeApp(handle: string): boolean;
  /** Replaces the faults in force. `{}` is calm. */
  setFaults(faults: Faults): void;
  /** Changes `fraction` of the customers and orders: mostly metafield values and notes, one in ten an addition, one in ten a deletion. */
  changeFraction(fraction: number, seed: string | number): Promise<ChangeReport>;
  corrupt(asked: CorruptionAsked): Promise<CorruptionReport>;
  /** Makes so many edits now, one after the other. */
  edit(count: number, asked?: EditsAsked): Promise<EditReport>;
  /** Makes edits at this pace until stopped. One at a time: a second start ends the first. */
  startEdits(asked: EditsAsked & { readonly perSecond: number }): EditsRunning;
  /** `customerId`: a customer's GID; the first customer when absent. */
  sendComplianceWebhook(topic: ComplianceTopic, customerId?: string): Promise<void>;
  /** Sends app/uninstalled and voids every token of the app. */
  uninstall(): Promise<void>;
  /** What Flow was told, oldest first: at most 10,000. */
  flowReceipts(): readonly FlowReceipt[];
  /** What deploying the app's extensions does. */
  declareFlowTriggers(triggers: FlowTriggers): void;
  /** Runs a step of a workflow until the app has given a final answer. */
  runFlowAction(step: FlowStep): Promise<FlowRun>;
  /** Tells the app that a workflow starts with this trigger, or that none does any more. Answers its status; null: none within five seconds. */
  setFlowListener(handle: string, enabled: boolean, at?: Date): Promise<number | null>;
  /** Called after every delivery attempt. Returns a function that stops it. */
  onWebhook(listener: (attempt: WebhookAttempt) => void): () => void;
  /** Resolves when no webhook is waiting to be sent for the first time or under way (retries may still be scheduled). */
  webhooksIdle(): Promise<void>;
  close(): Promise<void>;
}

/** The sandbox cannot be started or asked like this. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly code: SandboxErrorCode;
  constructor(code: SandboxErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

export type SandboxErrorCode = "sandbox.schema_unavailable" | "sandbox.schema_damaged" | "sandbox.bad_option" | "sandbox.port_taken";
