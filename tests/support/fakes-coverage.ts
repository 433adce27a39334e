/** What is known of platforms, tasks and inventories, in memory; and a platform whose every answer the test writes. */
import type { CoverageTask, CoverageTasks, InventoryEntry, InventoryRecords, InventoryRow, PlatformRecord, PlatformRecords, PlatformSurroundings, PlatformSurvey, SchemaSurvey } from "#app/workflows/ports.ts";

export class FakePlatforms implements PlatformRecords {
  readonly records = new Map<string, PlatformRecord>();
  get = (shop: string): Promise<PlatformRecord | null> => Promise.resolve(this.records.get(shop) ?? null);
  /** What a database gives back has been text in between. */
  save = (record: PlatformRecord): Promise<void> => {
    const { checkedAt, changedAt, ...rest } = record;
    this.records.set(record.shop, { ...(JSON.parse(JSON.stringify(rest)) as typeof rest), checkedAt, changedAt });
    return Promise.resolve();
  };
}

export class FakeCoverageTasks implements CoverageTasks {
  readonly tasks: CoverageTask[] = [];
  raise: CoverageTasks["raise"] = (task) => {
    const there = this.tasks.findIndex(({ shop, subject }) => shop === task.shop && subject === task.subject);
    const kept: CoverageTask = { ...task, state: "open", decidedAt: null, decidedBy: null, reason: null };
    if (there === -1) this.tasks.push(kept);
    else if (this.tasks[there]!.state === "done" && this.tasks[there]!.decidedBy === "system") this.tasks[there] = { ...kept, id: this.tasks[there]!.id };
    else return Promise.resolve(null);
    return Promise.resolve(this.tasks[there === -1 ? this.tasks.length - 1 : there]!);
  };
  get: CoverageTasks["get"] = (shop, id) => Promise.resolve(this.tasks.find((task) => task.shop === shop && task.id === id) ?? null);
  list: CoverageTasks["list"] = (shop) => Promise.resolve(this.tasks.filter((task) => task.shop === shop));
  decide: CoverageTasks["decide"] = ({ shop, id, state, at, by, reason }) => {
    const there = this.tasks.findIndex((task) => task.shop === shop && task.id === id && task.state === "open");
    if (there === -1) return Promise.resolve(false);
    this.tasks[there] = { ...this.tasks[there]!, state, decidedAt: at, decidedBy: by, reason };
    return Promise.resolve(true);
  };
}

export class FakeInventory implements InventoryRecords {
  readonly rows = new Map<string, InventoryRow[]>();
  put: InventoryRecords["put"] = (shop, { snapshotId, at, whole, entries }) => {
    const name = ({ kind, owner, namespace, key }: InventoryEntry): string => [kind, owner, namespace, key].join("/");
    const before = new Map((this.rows.get(shop) ?? []).map((row) => [name(row), row]));
    const fresh = entries.filter((entry) => !before.has(name(entry)));
    const now = entries.map((entry): InventoryRow => ({ ...entry, firstSeenAt: before.get(name(entry))?.firstSeenAt ?? at, readAt: at, snapshotId }));
    const seen = new Set(entries.map(name));
    this.rows.set(shop, [...now, ...(whole ? [] : [...before].filter(([key]) => !seen.has(key)).map(([, row]) => row))]);
    return Promise.resolve(before.size === 0 ? null : fresh);
  };
  list: InventoryRecords["list"] = (shop) => Promise.resolve(this.rows.get(shop) ?? []);
}

export class FakeSurvey implements PlatformSurvey {
  supported: readonly string[] = ["2026-10"];
  extractor = "0123456789abcdef";
  offered: { readonly handle: string; readonly supported: boolean }[] | null = [{ handle: "2026-10", supported: true }];
  /** By version; a version that is not in it is as it should be. */
  readonly findings = new Map<string, SchemaSurvey["findings"]>();
  signatures: Readonly<Record<string, string>> = { "Customer.note": "String" };
  now: PlatformSurroundings = { scopes: ["read_customers"], needed: ["read_customers"], apps: [], definitions: [] };
  fail: Error | null = null;
  readonly askedWith: { readonly version: string; readonly known: Readonly<Record<string, string>> | null }[] = [];

  versions: PlatformSurvey["versions"] = () => (this.fail === null ? Promise.resolve(this.offered) : Promise.reject(this.fail));
  schema: PlatformSurvey["schema"] = (version, known) => {
    this.askedWith.push({ version, known });
    return Promise.resolve({ version, served: version, findings: this.findings.get(version) ?? [], signatures: this.signatures, fingerprint: "ab".repeat(32) });
  };
  surroundings: PlatformSurvey["surroundings"] = () => Promise.resolve(this.now);
}
