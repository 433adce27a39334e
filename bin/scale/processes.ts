/** Worker processes of the simulation, and what they and PostgreSQL cost: processor time and memory as the kernel counts them (Linux). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Clock ticks a second: 100 on every Linux this runs on (getconf CLK_TCK). */
const TICKS = 100;

export interface Worker {
  readonly pid: number;
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<number>;
}

export async function startWorker(o: { readonly home: string; readonly databaseUrl: string; readonly slots: number; readonly waitMs: number; readonly log: (text: string) => void }): Promise<Worker> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, "worker.ts"), JSON.stringify({ waitMs: o.waitMs })], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      HOLDFAST_ROLE: "worker",
      HOLDFAST_HOME: o.home,
      DATABASE_URL: o.databaseUrl,
      HOLDFAST_SNAPSHOTS_AT_ONCE: String(o.slots),
      HOLDFAST_LOG: "error",
      SHOPIFY_API_KEY: "simulation-only",
      SHOPIFY_API_SECRET: "simulation-only",
      SHOPIFY_APP_URL: "http://localhost:3000",
    },
  });
  const pid = child.pid ?? 0;
  let said = "";
  await new Promise<void>((ready, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (part: Buffer) => {
        const text = part.toString("utf8");
        said = `${said}${text}`.slice(-4000);
        if (text.startsWith("ready\n")) ready();
        else o.log(text);
      });
    }
    child.once("exit", () => { failed(new Error(`a worker ended:\n${said}`)); });
  });
  return {
    pid,
    stop: async (signal = "SIGTERM") => {
      const began = performance.now();
      if (child.exitCode === null && child.signalCode === null) {
        const over = once(child, "exit");
        child.kill(signal);
        await over;
      }
      return performance.now() - began;
    },
  };
}

/** Seconds of processor time a process has used, its threads included. */
export function cpuOf(pid: number): number {
  try {
    const after = readFileSync(`/proc/${String(pid)}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(after[11] ?? 0) + Number(after[12] ?? 0)) / TICKS;
  } catch {
    return 0;
  }
}

/** The most memory a process ever had, bytes. */
export function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Seconds of processor time of all PostgreSQL processes below one server, those that ended included. */
export function cpuOfServer(postmaster: number): number {
  let sum = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const after = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      if (Number(name) === postmaster) sum += (Number(after[11]) + Number(after[12]) + Number(after[13]) + Number(after[14])) / TICKS;
      else if (Number(after[1]) === postmaster) sum += (Number(after[11]) + Number(after[12])) / TICKS;
    } catch {
      // It ended while we looked.
    }
  }
  return sum;
}
