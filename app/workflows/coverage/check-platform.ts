/**
 * Looks at a shop's platform before a run finds out: does its API still have what the catalogue needs, in the version the shop is read with and in those to
 * come; has anything been installed, defined or granted since? Weekly, before each full run, and when a person asks.
 *
 * The shop stays pinned to the newest version that was found good. When that moves, or the queries do, what the last drill proved no longer holds.
 */
import { SourceError } from "#app/sources/port.ts";
import type { CoverageTask, PlatformFinding, PlatformRecord, PlatformSurvey, Ports, SchemaSurvey, VersionedFinding } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";
import { failureOf } from "../shared/failure.ts";
import { goneTasks, tasksOf } from "./changes.ts";
import { closeTask, raiseTasks, type TaskPorts } from "./tasks.ts";

export type CheckPlatformPorts = TaskPorts & Required<Pick<Ports, "platforms" | "surveys">>;

export type CheckedPlatform =
  | { readonly kind: "checked"; readonly platform: PlatformRecord; readonly raised: readonly CoverageTask[] }
  /** The shop could not be asked; what is known stays. */
  | { readonly kind: "failed"; readonly code: string; readonly retry: "never" | "later" };

export async function checkPlatform(ports: CheckPlatformPorts, { shop, signal, actor = "system" }: { readonly shop: string; readonly signal: AbortSignal; readonly actor?: string }): Promise<CheckedPlatform> {
  try {
    const before = await ports.platforms.get(shop);
    const survey = await ports.surveys.open(shop);
    const { pin, coming } = await schemas(survey, before, signal);
    const surroundings = await survey.surroundings(pin.version, signal);
    const now = ports.clock.now();
    const findings = [pin, ...coming].flatMap(({ version, findings: found }) => found.map((finding): VersionedFinding => ({ ...finding, version })));
    const why = changed(before, survey, pin);
    const platform: PlatformRecord = {
      shop,
      apiVersion: pin.version,
      extractor: survey.extractor,
      fingerprint: pin.fingerprint,
      // What was good stays the measure until the version is good again.
      signatures: before !== null && breaks(pin) && comparable(before, survey, pin.version) ? before.signatures : pin.signatures,
      findings,
      surroundings,
      checkedAt: now,
      changedAt: why === null ? (before?.changedAt ?? null) : now,
      changedWhy: why ?? before?.changedWhy ?? null,
    };
    // What follows from it comes first: whoever dies in between does it again.
    await alert(ports, before, platform);
    if (why !== null) {
      await keepEvent(ports, shop, { actor, action: "platform.changed", subject: { shop, code: why, version: platform.apiVersion, extractor: platform.extractor, findings: findings.length }, outcome: "done" });
    }
    const raised = await raiseTasks(ports, shop, tasksOf(before?.surroundings ?? null, surroundings));
    for (const task of goneTasks(await ports.coverageTasks.list(shop), surroundings)) await closeTask(ports, task, { state: "done", by: "system", reason: null });
    await ports.platforms.save(platform);
    ports.log.info("platform.checked", { shop, version: platform.apiVersion, findings: findings.length, tasks: raised.length, changed: why });
    return { kind: "checked", platform, raised };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    // Cancelled by the run it belongs to: that is the run's affair.
    if (error instanceof SourceError && error.code === "source.cancelled") throw error;
    ports.log.warn("platform.not_checked", { shop, code: failure.code });
    return { kind: "failed", code: failure.code, retry: failure.retry };
  }
}

interface Schemas {
  readonly pin: SchemaSurvey;
  /** Newer than any that can be read with. */
  readonly coming: readonly SchemaSurvey[];
}

async function schemas(survey: PlatformSurvey, before: PlatformRecord | null, signal: AbortSignal): Promise<Schemas> {
  const offered = (await survey.versions(signal))?.filter(({ supported, handle }) => supported && /^\d{4}-\d\d$/.test(handle)).map(({ handle }) => handle) ?? [];
  const newest = survey.supported.at(-1) ?? "";
  const coming: SchemaSurvey[] = [];
  for (const version of offered) if (version > newest) coming.push(await survey.schema(version, null, signal));
  const usable = survey.supported.filter((version) => offered.length === 0 || offered.includes(version));
  const seen = new Map<string, SchemaSurvey>();
  for (const version of [...(usable.length === 0 ? survey.supported : usable)].reverse()) {
    const schema = await survey.schema(version, before !== null && comparable(before, survey, version) ? before.signatures : null, signal);
    if (!breaks(schema)) return { pin: schema, coming };
    seen.set(version, schema);
  }
  // None is good: the last good extractor stays, and its version's findings are the news.
  const pin = (before === null ? undefined : seen.get(before.apiVersion)) ?? [...seen.values()][0];
  return { pin: pin ?? (await survey.schema(before?.apiVersion ?? newest, null, signal)), coming };
}

/** What was noted of a version says nothing of another, nor of other queries. */
function comparable(before: PlatformRecord, survey: PlatformSurvey, version: string): boolean {
  return before.apiVersion === version && before.extractor === survey.extractor;
}

/** A reading with this version would fail, or bring back something else than it did. */
export function breaks({ findings }: { readonly findings: readonly PlatformFinding[] }): boolean {
  return findings.some(({ code, use }) => use === "read" && code !== "schema.deprecated");
}

/** Why nothing that was drilled before still counts; null: it does. */
function changed(before: PlatformRecord | null, survey: PlatformSurvey, pin: SchemaSurvey): string | null {
  if (before === null) return null;
  if (before.apiVersion !== pin.version) return "revalidation.version";
  if (before.extractor !== survey.extractor) return "revalidation.extractor";
  const known = new Set(before.findings.map((finding) => keyOf({ ...finding, version: finding.version })));
  const fresh = pin.findings.some((finding) => finding.use === "read" && finding.code !== "schema.deprecated" && !known.has(keyOf({ ...finding, version: pin.version })));
  return fresh ? "revalidation.schema" : null;
}

async function alert(ports: CheckPlatformPorts, before: PlatformRecord | null, now: PlatformRecord): Promise<void> {
  const { shop } = now;
  const found = new Map(now.findings.map((finding) => [alertSubject(finding), finding]));
  for (const [subject, { code, member, use, version, streams }] of found) {
    const severity = version === now.apiVersion && use === "read" && code !== "schema.deprecated" ? "critical" : "warning";
    await ports.alerts.raise({ shop, code: "alert.api_change", severity, subject, facts: { finding: code, member: plain(member), version, use, streams: plain(streams.join(",")) } });
  }
  for (const finding of before?.findings ?? []) {
    const subject = alertSubject(finding);
    if (!found.has(subject)) await ports.alerts.resolve({ shop, code: "alert.api_change", subject });
  }
}

function keyOf({ code, member, use, version }: VersionedFinding): string {
  return `${code} ${member} ${use} ${version}`;
}

function alertSubject({ version, member, use }: VersionedFinding): string {
  return `api:${version}/${use}/${plain(member)}`.slice(0, 128);
}

/** "QueryRoot.customers(sortKey)" as alerts spell it. */
function plain(text: string): string {
  return text.replaceAll("(", "/").replace(/[^A-Za-z0-9._:/,-]/g, "").slice(0, 200);
}
