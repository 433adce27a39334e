/** Runs the real bin/holdfast in a HOLDFAST_HOME of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "@jest/globals";

export const BIN = path.resolve(import.meta.dirname, "../../bin/holdfast");

/** Shared by all runs, so that each does not strip the same types anew. */
const COMPILED = path.resolve(import.meta.dirname, "../../.cache/node-compile");

/** What a test asks of printed JSON; anything may be missing, and then the test fails. */
export interface Json {
  readonly [member: string]: unknown;
  readonly snapshotId: string;
  readonly root: string;
  readonly ok: boolean;
  readonly records: number;
  readonly changed: number;
  readonly gapCount: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly bytesFetched: number;
  readonly ms: number;
  readonly size: number;
  readonly complete: boolean;
  readonly gaps: readonly { readonly code: string; readonly line?: number }[];
  readonly snapshots: readonly { readonly snapshotId: string; readonly root: string; readonly records: number; readonly complete: boolean }[];
  readonly ids: { readonly changed: readonly string[] };
  readonly findings: readonly { readonly code: string; readonly object: string }[];
  readonly error: { readonly code: string; readonly message: string };
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** The last line of stdout. */
  json(): Json;
}

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** One host: a home directory, and a place for files. Removed when the file's tests are over. */
export class Host {
  readonly directory: string;
  readonly home: string;

  constructor() {
    this.directory = mkdtempSync(path.join(tmpdir(), "holdfast-cli-"));
    this.home = path.join(this.directory, "home");
    directories.push(this.directory);
  }

  path(...parts: string[]): string {
    return path.join(this.directory, ...parts);
  }

  url(name: string): string {
    return `file://${this.path(name)}`;
  }

  run(...args: string[]): Promise<Ran> {
    return finished(this.start(args));
  }

  /** Runs it and fails the test unless it exits with `code`. */
  async expect(code: number, ...args: string[]): Promise<Ran> {
    const ran = await this.run(...args);
    if (ran.code !== code) throw new Error(`holdfast ${args.join(" ")} exited with ${ran.code}, not ${code}: ${ran.stderr}${ran.stdout.subarray(0, 2000).toString()}`);
    return ran;
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn(BIN, args, { cwd: this.directory, env: environment({ HOLDFAST_HOME: this.home, NODE_COMPILE_CACHE: COMPILED, ...env }), stdio: ["ignore", "pipe", "pipe"] });
  }
}

/** Nothing of the test's own environment but the path. */
export function environment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "", ...variables } as unknown as NodeJS.ProcessEnv;
}

export function finished(child: ChildProcess): Promise<Ran> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const out = Buffer.concat(stdout);
      resolve({ code, stdout: out, stderr: Buffer.concat(stderr).toString("utf8"), json: () => JSON.parse(out.toString("utf8").trimEnd().split("\n").at(-1)!) as Json });
    });
  });
}

/** What any error must look like to a person: one sentence, no trace, no source file. */
export const ONE_SENTENCE = /^holdfast: [^\n]+; [^\n]+\.\n$/;
export const NO_TRACE = /\n\s+at |\.ts:\d+|node:internal/;
