/** Azurite, Microsoft's own emulator of Blob Storage, from npm: the protocol is real, immutability policies and versions are not there. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePorts, listens, stopProcess, until } from "./process.ts";

const AZURITE = resolve(import.meta.dirname, "../../../node_modules/azurite/dist/src/blob/main.js");

export interface AzureServer {
  readonly account: string;
  readonly accountKey: string;
  /** Of the account. */
  readonly endpoint: string;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startAzurite(): Promise<AzureServer> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-azurite-"));
  const [port] = (await freePorts(1)) as [number];
  const account = "holdfasttest";
  const accountKey = randomBytes(32).toString("base64");
  const args = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", folder, "--blobHost", "127.0.0.1", "--blobPort", String(port)];
  const child = spawn(process.execPath, [AZURITE, ...args], { stdio: "ignore", env: { ...process.env, AZURITE_ACCOUNTS: `${account}:${accountKey}` } });
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined) await stopProcess(child.pid);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until("Azurite", 60_000, () => listens(port));
  } catch (error) {
    await stop();
    throw error;
  }
  return { account, accountKey, endpoint: `http://127.0.0.1:${port}/${account}`, port, stop };
}
