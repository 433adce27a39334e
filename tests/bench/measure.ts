/** Runs one command as a whole process and reads what it cost from GNU time: every child it waited for is counted. */
import { spawn } from "node:child_process";
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Cost {
  readonly wallSeconds: number;
  /** User plus system, all processes of the command. */
  readonly cpuSeconds: number;
  /** The largest single process, MiB. */
  readonly peakMiB: number;
  readonly stdout: string;
}

export class BenchError extends Error {}

/** `command` is given to sh -c with `env` added. Throws `BenchError` with the command's own words when it fails. */
export async function measure(command: string, env: Readonly<Record<string, string>> = {}): Promise<Cost> {
  const scratch = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const figures = join(scratch, "figures");
  try {
    const { code, stdout, stderr } = await run("/usr/bin/time", ["-f", "%e %U %S %M", "-o", figures, "sh", "-c", command], env);
    if (code !== 0) throw new BenchError(`${command}\nended with ${String(code)}: ${stderr.slice(-2000)}`);
    const [wall, user, system, peak] = (readFileSync(figures, "utf8").trim().split("\n").at(-1) ?? "").split(" ").map(Number);
    return { wallSeconds: wall ?? 0, cpuSeconds: (user ?? 0) + (system ?? 0), peakMiB: (peak ?? 0) / 1024, stdout };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
