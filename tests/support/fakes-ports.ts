/** A process in memory: every port of the workflows, with the switches a test needs. Fakes check their callers where a database would not. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreError, type HostKeys, type ObjectStore } from "#app/vault/index.ts";
import type {
  Catalog,
  CatalogDrill,
  CatalogSnapshot,
  KeptRequest,
  RetentionPolicy,
  StorageCredential,
  Heartbeat,
  Lease,
  LogFields,
  Ports,
  RehearsalShop,
  Run,
  RunProgress,
  ScratchSpace,
  VaultLink,
} from "#app/workflows/index.ts";
import type { Source } from "#app/sources/port.ts";
import type { DrillSchedule, DrillSchedules } from "#app/workflows/ports/drills.ts";
import { gapsBesides, isOfChanges } from "#app/workflows/coverage/exposure.ts";
import { parseCron } from "#app/workflows/shared/cron.ts";
import { FakeAlertRecords, FakeAlerts, FakeMetrics } from "./fakes-alerts.ts";
import { FakeInvitations, FakeResponseTeam, FakeRestorePlans } from "./fakes-plans.ts";
import { FakeAssistantRuns } from "./fakes-assistant.ts";
import { FakeTime } from "./fakes-time.ts";
import { MemoryStore } from "./memory-store.ts";
import { countingIds, seededRandom } from "./random.ts";
import { testIdentity } from "./vault-kit.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class FakeRuns {
  readonly runs = new Map<string, Mutable<Run>>();
  readonly progress: RunProgress[] = [];
  readonly cancel = new Set<string>();
  /** Answered by every heartbeat from then on. */
  heartbeat: Heartbeat | null = null;
  readonly #held = new Map<string, number>();

  create: Ports["runs"]["create"] = (asked) => {
    const there = [...this.runs.values()].find((run) => run.shop === asked.shop && run.kind === asked.kind && (run.state === "queued" || run.state === "running"));
    if (there !== undefined) return Promise.resolve({ run: there, created: false });
    const run: Mutable<Run> = { ...asked, state: "queued", startedAt: null, finishedAt: null, attempt: 0, progress: null, resume: null, code: null, result: null };
    this.runs.set(run.id, run);
    return Promise.resolve({ run: { ...run }, created: true });
  };

  get: Ports["runs"]["get"] = (id) => Promise.resolve(this.runs.get(id) ?? null);

  list: Ports["runs"]["list"] = (shop, { kind, limit = 50 } = {}) =>
    Promise.resolve(
      [...this.runs.values()]
        .filter((run) => run.shop === shop && (kind === undefined || run.kind === kind))
        .reverse()
        .slice(0, limit),
    );

  requestCancel: Ports["runs"]["requestCancel"] = (id) => {
    const run = this.runs.get(id);
    if (run?.state !== "queued" && run?.state !== "running") return Promise.resolve(false);
    this.cancel.add(id);
    if (run.state === "queued") Object.assign(run, { state: "cancelled", code: "run.cancelled" });
    return Promise.resolve(true);
  };

  claim: Ports["runs"]["claim"] = (id) => {
    const run = this.runs.get(id);
    if (run === undefined || this.#held.has(id) || (run.state !== "queued" && run.state !== "running")) return Promise.resolve(null);
    run.state = "running";
    run.attempt++;
    const { attempt } = run;
    this.#held.set(id, attempt);
    const mine = (): boolean => this.#held.get(id) === attempt;
    const lease: Lease = {
      run: { ...run },
      heartbeat: async (progress) => {
        if (progress !== undefined) {
          this.progress.push(progress);
          run.progress = progress;
        }
        // A database answers later, never within the same turn.
        await new Promise((resolve) => setImmediate(resolve));
        if (!mine()) return "lost";
        return this.heartbeat ?? (this.cancel.has(id) ? "cancel-requested" : "held");
      },
      remember: (resume) => {
        if (mine()) run.resume = JSON.parse(JSON.stringify(resume)) as Run["resume"];
        return Promise.resolve();
      },
      finish: ({ state, code, result }) => {
        if (!mine()) return Promise.resolve();
        this.#held.delete(id);
        Object.assign(run, { state, code, result: result ?? null });
        return Promise.resolve();
      },
    };
    return Promise.resolve(lease);
  };

  /** The worker that held it is gone; its lease has run out. */
  workerDied(id: string): void {
    this.#held.delete(id);
  }

  unreleased(): readonly string[] {
    return [...this.#held.keys()];
  }
}

export class FakeCatalog implements Catalog {
  readonly rows = new Map<string, CatalogSnapshot>();
  readonly drillRows = new Map<string, CatalogDrill>();
  putSnapshot = (row: CatalogSnapshot): Promise<void> => Promise.resolve(void this.rows.set(row.snapshotId, row));
  putDrill = (row: CatalogDrill): Promise<void> => Promise.resolve(void this.drillRows.set(row.drillId, row));
  snapshots = (shop: string, { limit = 50, offset = 0, only }: { limit?: number; offset?: number; only?: "complete" | "full" } = {}): Promise<readonly CatalogSnapshot[]> =>
    Promise.resolve(
      [...this.rows.values()]
        .filter((row) => row.shop === shop && (only !== "complete" || row.complete) && (only !== "full" || !isOfChanges(row)))
        .sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime())
        .slice(offset, offset + limit),
    );
  snapshot = (shop: string, id: string): Promise<CatalogSnapshot | null> => Promise.resolve([...this.rows.values()].find((row) => row.shop === shop && row.snapshotId === id) ?? null);
  forgetSnapshot = (_shop: string, id: string): Promise<void> => Promise.resolve(void this.rows.delete(id));
  countSnapshots = async (shop: string): Promise<{ total: number; withGaps: number; first: Date | null }> => {
    const all = await this.snapshots(shop, { limit: Infinity });
    return { total: all.length, withGaps: all.filter((row) => !row.complete && gapsBesides(row) > 0).length, first: all.at(-1)?.takenAt ?? null };
  };
  drills = (shop: string, { limit = 50 }: { limit?: number } = {}): Promise<readonly CatalogDrill[]> =>
    Promise.resolve(
      [...this.drillRows.values()]
        .filter((row) => row.shop === shop)
        .sort((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime())
        .slice(0, limit),
    );
  drill = (shop: string, id: string): Promise<CatalogDrill | null> => Promise.resolve([...this.drillRows.values()].find((row) => row.shop === shop && row.drillId === id) ?? null);
  clear = (shop: string): Promise<void> => {
    for (const [id, row] of this.rows) if (row.shop === shop) this.rows.delete(id);
    for (const [id, row] of this.drillRows) if (row.shop === shop) this.drillRows.delete(id);
    return Promise.resolve();
  };
}

/** Everything at once. `close` fails when a lease, keys in custody or scratch room were left behind. */
export class FakeProcess implements Ports {
  readonly time = new FakeTime();
  readonly clock = this.time;
  readonly random = seededRandom("process");
  readonly ids = countingIds("run");
  readonly runs = new FakeRuns();
  readonly catalog = new FakeCatalog();
  readonly linked = new Map<string, VaultLink>();
  readonly links: Ports["links"] = {
    get: (shop) => Promise.resolve(this.linked.get(shop) ?? null),
    shopsOf: (vaultId) => Promise.resolve([...this.linked.values()].filter((link) => link.vaultId === vaultId).map(({ shop }) => shop)),
    save: (link) => Promise.resolve(void this.linked.set(link.shop, link)),
  };
  readonly hostKeys = new Map<string, HostKeys>();
  readonly keyring: Ports["keyring"] = {
    get: (vaultId) => Promise.resolve(this.hostKeys.get(vaultId) ?? null),
    keep: (keys) => Promise.resolve(void this.hostKeys.set(keys.vaultId, keys)),
  };
  readonly byUrl = new Map<string, ObjectStore>();
  readonly stores: Ports["stores"] = {
    open: (url) => {
      const store = this.byUrl.get(url);
      return store === undefined ? Promise.reject(new StoreError("store.bad_address", "no such storage")) : Promise.resolve(store);
    },
  };
  readonly signer: Ports["signer"] = {
    signerFor: (vaultId) => {
      const keys = this.hostKeys.get(vaultId);
      return Promise.resolve(keys === undefined ? null : { name: `holdfast/${vaultId}`, privateKey: keys.signingKey });
    },
  };
  readonly recovery: Ports["recovery"] = {
    version: "0.0.0",
    make: () => Promise.resolve({ version: "0.0.0", files: new Map(["recover.mjs", "FORMAT.md", "README.txt"].map((name) => [name, Buffer.from(`a stand-in for ${name}`)])) }),
  };
  readonly held = new Map<string, ReadonlyMap<string, Uint8Array>>();
  readonly custody: Ports["custody"] = {
    deposit: (runId, keys) => Promise.resolve(void this.held.set(runId, new Map([...keys].map(([id, key]) => [id, key.slice()])))),
    take: (runId) => {
      const keys = this.held.get(runId) ?? null;
      this.held.delete(runId);
      if (keys !== null) this.taken.push(keys);
      return Promise.resolve(keys);
    },
  };
  /** Every set of keys that was given out, to see whether it was zeroed. */
  readonly taken: ReadonlyMap<string, Uint8Array>[] = [];
  readonly sources = new Map<string, () => Source | Promise<Source>>();
  readonly shops: Ports["shops"] = {
    openSource: async (shop) => {
      const open = this.sources.get(shop);
      if (open === undefined) throw new Error(`nobody planned a source for ${shop}`);
      return open();
    },
  };
  startShop: (signal: AbortSignal) => Promise<RehearsalShop> = () => Promise.reject(new Error("nobody planned a rehearsal"));
  readonly drillTimes = new Map<string, DrillSchedule>();
  readonly drillSchedules: DrillSchedules = {
    get: (shop) => Promise.resolve(this.drillTimes.get(shop) ?? null),
    save: (shop, epoch) => {
      const { cron, timezone, enabled } = epoch;
      this.drillTimes.set(shop, { shop, cron, timezone, enabled, nextAt: enabled ? (parseCron(cron, timezone)?.next(epoch.at) ?? null) : null, epochs: [...(this.drillTimes.get(shop)?.epochs ?? []), epoch] });
      return Promise.resolve();
    },
    without: () => Promise.resolve([...this.linked.keys()].filter((shop) => !this.drillTimes.has(shop) && [...this.catalog.rows.values()].some((row) => row.shop === shop))),
  };
  startFilled: Ports["sandboxShops"]["startFilled"] = () => Promise.reject(new Error("nobody planned a shop full of made-up records"));
  readonly sandboxShops: Ports["sandboxShops"] = { start: (signal) => this.startShop(signal), startFilled: (signal, shape) => this.startFilled(signal, shape) };
  #rooms = 0;
  readonly rooms: string[] = [];
  readonly scratch: Ports["scratch"] = {
    open: async (): Promise<ScratchSpace> => {
      const directory = await mkdtemp(join(tmpdir(), "holdfast-test-"));
      const { recipient, opener } = await testIdentity();
      this.#rooms++;
      this.rooms.push(directory);
      return {
        directory,
        store: new MemoryStore(),
        recipient,
        opener,
        remove: async () => {
          this.#rooms--;
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  };
  readonly requests = new Map<string, KeptRequest>();
  readonly compliance: Ports["compliance"] = {
    add: (request) => {
      const isNew = !this.requests.has(request.id);
      if (isNew) this.requests.set(request.id, { ...request, state: "open", code: null, answeredAt: null, object: null, digest: null, hold: null, heldUntil: null });
      return Promise.resolve(isNew);
    },
    open: (shop) => Promise.resolve([...this.requests.values()].filter((request) => request.shop === shop && request.state === "open")),
    get: (shop, id) => Promise.resolve([...this.requests.values()].find((request) => request.shop === shop && request.id === id) ?? null),
    list: (shop, { states } = {}) => Promise.resolve([...this.requests.values()].filter((request) => request.shop === shop && (states === undefined || states.includes(request.state)))),
    settle: (shop, id, standing) => {
      const request = this.requests.get(id);
      if (request?.shop === shop) this.requests.set(id, { ...request, answeredAt: null, object: null, digest: null, hold: null, heldUntil: null, ...standing });
      return Promise.resolve();
    },
    shopsWaiting: () => Promise.resolve([...new Set([...this.requests.values()].filter(({ state }) => state !== "answered").map(({ shop }) => shop))]),
  };
  readonly secrets = new Map<string, StorageCredential>();
  readonly credentials: Ports["credentials"] = {
    save: (shop, url, credential) => Promise.resolve(void this.secrets.set(`${shop} ${url}`, credential)),
    savedAt: (shop, url) => Promise.resolve(this.secrets.has(`${shop} ${url}`) ? this.time.now() : null),
    forget: (shop) => {
      for (const key of this.secrets.keys()) if (key.startsWith(`${shop} `)) this.secrets.delete(key);
      return Promise.resolve();
    },
  };
  readonly policies = new Map<string, RetentionPolicy>();
  readonly retention: Ports["retention"] = {
    get: (shop) => Promise.resolve(this.policies.get(shop) ?? null),
    save: (policy) => Promise.resolve(void this.policies.set(policy.shop, { prunedAt: null, ...this.policies.get(policy.shop), ...policy })),
    pruned: (shop, at) => Promise.resolve(void this.policies.set(shop, { ...this.policies.get(shop)!, prunedAt: at })),
    due: (before, limit) => Promise.resolve([...this.policies.values()].filter(({ enabled, prunedAt }) => enabled && (prunedAt === null || prunedAt < before)).slice(0, limit)),
  };
  unattended: Ports["unattended"] & object = { openerFor: () => Promise.resolve(null) };
  current: Ports["current"] & object = { fetch: () => Promise.resolve(null) };
  readonly alerts = new FakeAlerts();
  readonly alertRecords = new FakeAlertRecords();
  readonly metrics = new FakeMetrics();
  readonly assistantRuns = new FakeAssistantRuns();
  readonly restorePlans = new FakeRestorePlans();
  readonly responseTeam = new FakeResponseTeam();
  readonly invitations = new FakeInvitations();
  readonly lines: { readonly level: string; readonly event: string; readonly fields: LogFields }[] = [];
  readonly log: Ports["log"] = {
    info: (event, fields = {}) => void this.lines.push({ level: "info", event, fields }),
    warn: (event, fields = {}) => void this.lines.push({ level: "warn", event, fields }),
    error: (event, fields = {}) => void this.lines.push({ level: "error", event, fields }),
  };

  /** What may not be left behind, by name; empty when all is well. */
  leftovers(): string[] {
    return [
      ...this.runs.unreleased().map((id) => `lease of ${id}`),
      ...[...this.held.keys()].map((id) => `keys of ${id}`),
      ...(this.#rooms === 0 ? [] : [`${this.#rooms} scratch rooms`]),
      ...this.taken.flatMap((keys) => [...keys].filter(([, key]) => key.some((byte) => byte !== 0)).map(([id]) => `key ${id} not zeroed`)),
    ];
  }

  /** Everything the process said or kept, as one text: where a canary may not be. */
  async saidAndKept(): Promise<string> {
    const files: string[] = [];
    for (const room of this.rooms) files.push(...(await readdir(room, { recursive: true }).catch(() => [])));
    const text = (value: unknown): string => JSON.stringify(value, (_key, item: unknown) => (item instanceof Map ? [...item] : item instanceof Uint8Array ? Buffer.from(item).toString("latin1") : item));
    return [this.lines, [...this.alerts.open.values()], [...this.metrics.values.keys()], [...this.runs.runs.values()], this.runs.progress, [...this.catalog.rows.values()], [...this.catalog.drillRows.values()], [...this.requests.values()], files].map(text).join("\n");
  }
}
