/** Plans in the vault: `restores/<planId>/plan-<version>` and its chunks, sealed. Memory holds one chunk at a time. */
import { createHash } from "node:crypto";
import { putRestoreObject, readRestoreObject, VaultError, type RestoreKeeper, type RestoreReader } from "#app/vault/index.ts";
import { RunFailed } from "../shared/failure.ts";
import { canonicalJson } from "./canonical.ts";
import { encodePlan, FamilyShape, planDigest, PlanShape, type PlannedFamily, type RestorePlan } from "./plan-types.ts";

/** Of canonical JSON, before it is sealed. */
const CHUNK_BYTES = 4 * 1024 * 1024;

type Chunk = RestorePlan["chunks"][number];

/** Writes lines as they come. `attempt`: a planner that died leaves chunks that nothing names. */
export class ChunkWriter {
  readonly chunks: Chunk[] = [];
  readonly #keeper: RestoreKeeper;
  readonly #planId: string;
  readonly #attempt: number;
  #lines: string[] = [];
  #bytes = 0;
  constructor(keeper: RestoreKeeper, planId: string, attempt: number) {
    this.#keeper = keeper;
    this.#planId = planId;
    this.#attempt = attempt;
  }

  async add(family: PlannedFamily): Promise<void> {
    const line = canonicalJson(family);
    this.#lines.push(line);
    this.#bytes += line.length + 1;
    if (this.#bytes >= CHUNK_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(this.#lines.map((line) => `${line}\n`).join(""), "utf8");
    const name = `families-${this.#attempt}-${String(this.chunks.length).padStart(6, "0")}`;
    if (!(await putRestoreObject(this.#keeper, this.#planId, name, bytes))) throw new RunFailed("restore.contended", "another planner wrote a chunk of this plan");
    this.chunks.push({ name, digest: createHash("sha256").update(bytes).digest("hex"), families: this.#lines.length });
    this.#lines = [];
    this.#bytes = 0;
  }
}

/** False: that version was written by somebody else. */
export async function writePlan(keeper: RestoreKeeper, plan: RestorePlan, version: number): Promise<boolean> {
  return putRestoreObject(keeper, plan.planId, `plan-${version}`, encodePlan(PlanShape.parse(plan)));
}

/** Null: there is no such version. Throws vault.damaged_object; restore.digest_mismatch when it is not the one with this digest. */
export async function readPlan(reader: RestoreReader, planId: string, version: number, digest?: string): Promise<RestorePlan | null> {
  const bytes = await readRestoreObject(reader, planId, `plan-${version}`);
  if (bytes === null) return null;
  const parsed = PlanShape.safeParse(JSON.parse(bytes.toString("utf8")));
  if (!parsed.success || parsed.data.planId !== planId || Buffer.compare(encodePlan(parsed.data), bytes) !== 0) throw notAPlan(planId, `plan-${version}`);
  if (digest !== undefined && planDigest(parsed.data) !== digest) throw new RunFailed("restore.digest_mismatch", "the plan is not the one that was approved");
  return parsed.data;
}

/** Families in the order of their ids. Throws vault.damaged_object, vault.missing_object, restore.digest_mismatch. */
export async function* plannedFamilies(reader: RestoreReader, plan: Pick<RestorePlan, "planId" | "chunks">, from = 0): AsyncGenerator<PlannedFamily> {
  let passed = 0;
  for (const { name, digest, families } of plan.chunks) {
    // A page in the middle of a large plan opens the chunks that it shows.
    if (passed + families <= from) {
      passed += families;
      continue;
    }
    const bytes = await readRestoreObject(reader, plan.planId, name);
    if (bytes === null) throw new VaultError("vault.missing_object", "a chunk of the plan is missing", { object: `restores/${plan.planId}/${name}` });
    if (createHash("sha256").update(bytes).digest("hex") !== digest) throw new RunFailed("restore.digest_mismatch", "a chunk is not the one that the plan names");
    for (const line of bytes.toString("utf8").split("\n")) {
      if (line === "") continue;
      if (passed++ < from) continue;
      const parsed = FamilyShape.safeParse(JSON.parse(line));
      if (!parsed.success) throw notAPlan(plan.planId, name);
      yield parsed.data;
    }
  }
}

function notAPlan(planId: string, name: string): VaultError {
  return new VaultError("vault.damaged_object", "it is no plan of a restore", { object: `restores/${planId}/${name}` });
}
