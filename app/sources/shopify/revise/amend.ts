/**
 * Changes records that are there: the steps of their kind, then their metafields. What does more when it is asked for twice is worked out anew from the record
 * as it is after an answer was lost; everything else is simply asked for again.
 */
import type { ReviseRun } from "../../port.ts";
import type { Family, Kind, Node } from "../catalogue/kind.ts";
import type { Request, ReviseStep } from "../catalogue/revise/index.ts";
import { METAFIELDS_AT_ONCE } from "../references.ts";
import type { LineResult } from "../restore/bulk-mutation.ts";
import { METAFIELDS_SET } from "../restore/write-metafields.ts";
import type { History } from "./history.ts";
import type { Identities } from "./identities.ts";
import type { Look } from "./look.ts";
import type { MetafieldToSet } from "./metafields.ts";
import { isUnknown, type Requests } from "./requests.ts";
import { requestsOf, revisionOf, workFor, type Work } from "./work.ts";

export const METAFIELDS_DELETE = `#graphql
  mutation ReviseMetafieldsDelete($metafields: [MetafieldIdentifierInput!]!) {
    metafieldsDelete(metafields: $metafields) { deletedMetafields { key } userErrors { field message } }
  }
`;
const SET = { mutation: METAFIELDS_SET, payload: "metafieldsSet", node: null };
const DELETE = { mutation: METAFIELDS_DELETE, payload: "metafieldsDelete", node: null };
const ATTEMPTS = 4;
/** Somebody else wrote in between: the record is read again. */
const STALE = "STALE_OBJECT";
export const CHANGED = "changed_since";

export interface AmendTools {
  readonly requests: Requests;
  readonly history: History;
  readonly identities: Identities;
  readonly look: Look;
  readonly ifChanged: ReviseRun["ifChanged"];
}

/** A family that is being changed, and what has become of it. */
export interface Job {
  readonly id: string;
  readonly kind: Kind;
  work: Work;
  /** This run has written to it before: what it is now is our doing. */
  ours: boolean;
  wrote: number;
  /** The first refusal. */
  code: string | null;
  stopped: boolean;
}

export async function amendAll(kind: Kind, jobs: readonly Job[], tools: AmendTools): Promise<void> {
  for (const step of revisionOf(kind).steps) await amendStep(kind, step, jobs, tools);
  let open = jobs.filter((job) => !job.stopped);
  for (let attempt = 0; open.length > 0 && attempt < ATTEMPTS; attempt++) open = await setMetafields(kind, open, tools);
  for (const job of open) job.code ??= STALE;
  await removeMetafields(jobs.filter((job) => !job.stopped), tools);
}

async function amendStep(kind: Kind, step: ReviseStep, jobs: readonly Job[], tools: AmendTools): Promise<void> {
  let open: readonly Job[] = jobs;
  for (let attempt = 0; open.length > 0; attempt++) {
    const lines: { readonly job: Job; readonly request: Request }[] = [];
    for (const job of open) {
      if (job.stopped) continue;
      for (const request of requestsOf(step, job.work.delta, tools.identities)) lines.push({ job, request });
    }
    if (lines.length === 0) return;
    const results = await tools.requests.ask(step, lines.map(({ request }) => request.variables), { batch: tools.history.newBatch(), harmless: step.again === "harmless" });
    const made: [string, string][] = [];
    const lost = new Set<Job>();
    for (const [n, { job, request }] of lines.entries()) {
      const result = results[n]!;
      if (isUnknown(result)) lost.add(job);
      else if (!result.done) job.code ??= result.code;
      else {
        job.wrote++;
        if (result.id !== null) made.push([request.of.id, result.id]);
      }
    }
    for (const [id, newId] of made) tools.identities.pair(id, newId);
    await tools.history.create(made);
    if (lost.size === 0) return;
    if (attempt + 1 >= ATTEMPTS) {
      for (const job of lost) job.code ??= "no_answer";
      return;
    }
    if (step.again === "look") await readAgain(kind, [...lost], tools);
    open = [...lost];
  }
}

/** What they are now becomes what they are compared with. */
export async function readAgain(kind: Kind, jobs: readonly Job[], { look, identities }: Pick<AmendTools, "look" | "identities">): Promise<void> {
  const found = await look.all(kind, jobs.map(({ work }) => work.delta.now.root.id));
  for (const job of jobs) {
    const now = found.get(job.work.delta.now.root.id);
    if (now === null || now === undefined) {
      job.code ??= "gone";
      job.stopped = true;
    } else job.work = workFor(kind, { ...job.work.delta, now }, identities);
  }
}

interface Ready {
  readonly job: Job;
  readonly field: MetafieldToSet;
  readonly digest: string | null;
}

/** Answers those that have to be done once more. */
async function setMetafields(kind: Kind, jobs: readonly Job[], tools: AmendTools): Promise<Job[]> {
  const { look, requests, history } = tools;
  const digests = await look.digests(jobs.flatMap(({ work }) => work.metafields.set.flatMap(({ before }) => (before === null ? [] : [before.id]))));
  const again = new Set<Job>();
  const ready: Ready[] = [];
  for (const job of jobs) {
    const fields = job.work.metafields.set.map((field): Ready | null => {
      if (field.before === null) return { job, field, digest: null };
      const is = digests.get(field.before.id);
      // Another value than the one that is to be overwritten, or none any more.
      return is === undefined || is.value !== field.before.fields["value"] || is.type !== field.before.fields["type"] ? null : { job, field, digest: is.digest };
    });
    if (fields.some((one) => one === null)) again.add(job);
    else ready.push(...fields.filter((one) => one !== null));
  }
  const groups = grouped(ready);
  const results = groups.length === 0 ? [] : await requests.ask(SET, groups.map(inputOf), { batch: history.newBatch(), harmless: true });
  const alone: Ready[] = [];
  take(groups, results, again, alone);
  const singles = alone.map((one) => [one]);
  if (singles.length > 0) take(singles, await requests.ask(SET, singles.map(inputOf), { batch: history.newBatch(), harmless: true }), again, null);
  if (again.size === 0) return [];
  for (const job of again) {
    if (job.ours || tools.ifChanged({ kind: job.work.delta.then.root.kind, id: job.id }) === "overwrite") continue;
    job.code = CHANGED;
    job.stopped = true;
    again.delete(job);
  }
  await readAgain(kind, [...again], tools);
  // The rule has been asked: what is met from here on is overwritten.
  for (const job of again) job.ours = true;
  return [...again].filter(({ stopped }) => !stopped);
}

/** `alone`: of a group that was refused (it is atomic), each is tried by itself. */
function take(groups: readonly (readonly Ready[])[], results: readonly LineResult[], again: Set<Job>, alone: Ready[] | null): void {
  for (const [n, group] of groups.entries()) {
    const result = results[n]!;
    for (const one of group) {
      if (result.done) one.job.wrote++;
      else if (group.length > 1 && alone !== null) alone.push(one);
      else if (result.code === STALE || isUnknown(result)) again.add(one.job);
      else one.job.code ??= result.code;
    }
  }
}

function inputOf(group: readonly Ready[]): Readonly<Record<string, unknown>> {
  return {
    metafields: group.map(({ job, field: { of, value }, digest }) => ({ ownerId: job.work.delta.now.root.id, namespace: of.fields["namespace"], key: of.fields["key"], type: of.fields["type"], value, compareDigest: digest })),
  };
}

async function removeMetafields(jobs: readonly Job[], { requests, history }: AmendTools): Promise<void> {
  const extra = jobs.flatMap((job) => job.work.metafields.remove.map((node) => ({ job, node })));
  if (extra.length === 0) return;
  const groups = grouped(extra);
  const results = await requests.ask(DELETE, groups.map((group) => ({ metafields: group.map(({ job, node }) => ({ ownerId: job.work.delta.now.root.id, namespace: node.fields["namespace"], key: node.fields["key"] })) })), { batch: history.newBatch(), harmless: true });
  for (const [n, group] of groups.entries()) {
    const result = results[n]!;
    for (const { job } of group) {
      if (result.done) job.wrote++;
      else job.code ??= result.code;
    }
  }
}

function grouped<T>(items: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < items.length; at += METAFIELDS_AT_ONCE) groups.push(items.slice(at, at + METAFIELDS_AT_ONCE));
  return groups;
}

/** A record that was created a moment ago, as it has to be by now: all but what creating does not write. */
export function asCreated(kind: Kind, then: Family, newId: string, identities: Identities): Family {
  const rename = (value: unknown): unknown => {
    if (typeof value === "string") return value.startsWith("gid://shopify/") ? (identities.newId(value) ?? value) : value;
    if (Array.isArray(value)) return value.map(rename);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, name === "id" && inner === then.root.id ? newId : rename(inner)])) : value;
  };
  const fields = rename({ ...then.root.fields, defaultAddress: undefined }) as Node["fields"];
  const after = kind.write?.after === undefined ? [] : ["StoreCreditAccount", "CompanyContact"];
  return {
    root: { ...then.root, id: newId, fields: { ...fields, defaultAddress: then.root.fields["defaultAddress"] } },
    children: then.children.filter((child) => !after.includes(child.kind)).map((child) => ({ ...child, parentId: child.parentId === then.root.id ? newId : child.parentId })),
  };
}
