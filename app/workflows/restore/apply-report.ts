/** The report of a restore: what became of every record, sealed in the vault in chunks (`restores/<planId>/report-<number>-<chunk>`) that a head names. No values. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { putRestoreObject, readRestoreObject, restoreObjectNames, VaultError, type RestoreKeeper, type RestoreReader } from "#app/vault/index.ts";
import { RunFailed } from "../shared/failure.ts";
import { canonicalJson } from "./canonical.ts";

const Outcome = z.enum(["restored", "restored-with-losses", "refused", "skipped"]);
const Line = z.object({
  kind: z.string(),
  id: z.string(),
  newId: z.string().optional(),
  outcome: Outcome,
  /** Why, in a stable code of ours or of the platform's. */
  code: z.string().optional(),
  /** What cannot come back: the platform's reason, by kind and field. */
  losses: z.array(z.object({ kind: z.string(), field: z.string(), reason: z.string() })),
  /** Read again afterwards, these differed from what they were to be; empty: equal. Null: not read again (nothing was written, or the run was stopped). */
  differs: z.array(z.object({ kind: z.string(), fields: z.array(z.string()) })).nullable(),
});
export type ReportLine = z.infer<typeof Line>;

const Head = z.object({
  format: z.literal(1),
  planId: z.string(),
  planDigest: z.string(),
  target: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  code: z.string(),
  counts: z.object({ restored: z.number(), restoredWithLosses: z.number(), refused: z.number(), skipped: z.number(), differing: z.number() }),
  costPoints: z.number(),
  /** Another shop, to which the records were disclosed by putting them there. Absent: to nobody. */
  disclosedTo: z.string().optional(),
  /** Kinds that went back to an earlier moment than the chosen one. Absent: none. */
  moments: z.array(z.object({ kind: z.string(), at: z.string() })).optional(),
  chunks: z.array(z.object({ name: z.string(), digest: z.string(), records: z.number() })),
});
export type RestoreReport = z.infer<typeof Head>;

const CHUNK_LINES = 10_000;

export class ReportWriter {
  readonly counts = { restored: 0, restoredWithLosses: 0, refused: 0, skipped: 0, differing: 0 };
  readonly #keeper: RestoreKeeper;
  readonly #planId: string;
  readonly #number: number;
  readonly #chunks: RestoreReport["chunks"] = [];
  #lines: string[] = [];

  private constructor(keeper: RestoreKeeper, planId: string, number: number) {
    this.#keeper = keeper;
    this.#planId = planId;
    this.#number = number;
  }

  /** A life that died while it reported leaves chunks that nothing names: each has a number of its own. */
  static async open(keeper: RestoreKeeper, planId: string): Promise<ReportWriter> {
    const numbers = (await restoreObjectNames(keeper.store, planId, "report-")).map((name) => Number(/^report-(\d+)/.exec(name)?.[1] ?? 0));
    return new ReportWriter(keeper, planId, numbers.reduce((most, one) => Math.max(most, one), 0) + 1);
  }

  async add(line: ReportLine): Promise<void> {
    if (line.outcome === "restored-with-losses") this.counts.restoredWithLosses++;
    else this.counts[line.outcome]++;
    if (line.differs !== null && line.differs.length > 0) this.counts.differing++;
    this.#lines.push(canonicalJson(line));
    if (this.#lines.length >= CHUNK_LINES) await this.#flush();
  }

  /** Answers the name of the head. */
  async finish(head: Pick<RestoreReport, "planDigest" | "target" | "startedAt" | "finishedAt" | "code" | "costPoints" | "moments" | "disclosedTo">): Promise<string> {
    await this.#flush();
    const name = `report-${this.#number}`;
    const report: RestoreReport = { format: 1, planId: this.#planId, ...head, counts: this.counts, chunks: this.#chunks };
    await this.#put(name, Buffer.from(canonicalJson(report), "utf8"));
    return name;
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(this.#lines.map((line) => `${line}\n`).join(""), "utf8");
    const name = `report-${this.#number}-${String(this.#chunks.length).padStart(6, "0")}`;
    await this.#put(name, bytes);
    this.#chunks.push({ name, digest: createHash("sha256").update(bytes).digest("hex"), records: this.#lines.length });
    this.#lines = [];
  }

  async #put(name: string, bytes: Buffer): Promise<void> {
    if (!(await putRestoreObject(this.#keeper, this.#planId, name, bytes))) throw new RunFailed("restore.contended", "another process carries out this plan");
  }
}

/** Null: there is none of this name. Throws vault.damaged_object. */
export async function readReport(reader: RestoreReader, planId: string, name: string): Promise<RestoreReport | null> {
  const bytes = await readRestoreObject(reader, planId, name);
  if (bytes === null) return null;
  const parsed = Head.safeParse(JSON.parse(bytes.toString("utf8")));
  if (!parsed.success || parsed.data.planId !== planId) throw notAReport(planId, name);
  return parsed.data;
}

/** Lines in the order in which the records were handled. Throws vault.damaged_object, vault.missing_object. */
export async function* reportLines(reader: RestoreReader, report: Pick<RestoreReport, "planId" | "chunks">, from = 0): AsyncGenerator<ReportLine> {
  let passed = 0;
  for (const { name, digest, records } of report.chunks) {
    if (passed + records <= from) {
      passed += records;
      continue;
    }
    const bytes = await readRestoreObject(reader, report.planId, name);
    if (bytes === null) throw new VaultError("vault.missing_object", "a part of the report is missing", { object: `restores/${report.planId}/${name}` });
    if (createHash("sha256").update(bytes).digest("hex") !== digest) throw notAReport(report.planId, name);
    for (const line of bytes.toString("utf8").split("\n")) {
      if (line === "" || passed++ < from) continue;
      const parsed = Line.safeParse(JSON.parse(line));
      if (!parsed.success) throw notAReport(report.planId, name);
      yield parsed.data;
    }
  }
}

function notAReport(planId: string, name: string): VaultError {
  return new VaultError("vault.damaged_object", "it is no report of a restore", { object: `restores/${planId}/${name}` });
}
