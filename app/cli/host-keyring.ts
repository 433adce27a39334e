/** This host's half of each vault's keys: HOLDFAST_HOME/vaults/<vault id>.json, readable by its owner only. They open no record. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { HostKeys } from "#app/vault/index.ts";
import { CliError } from "./errors.ts";

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const HostKeysFile = z.object({
  format: z.literal(1),
  vaultId: z.string().regex(/^[0-9a-f]{32}$/),
  indexKey: base64url.refine((text) => Buffer.from(text, "base64url").length === 32),
  signingKey: z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: base64url, d: base64url, kid: z.string().optional() }),
});

export class HostKeyring {
  readonly #directory: string;

  constructor(home: string) {
    this.#directory = path.join(home, "vaults");
  }

  /** Null: this host has no keys for that vault. Throws cli.host_keys_damaged. */
  async get(vaultId: string): Promise<HostKeys | null> {
    let text: string;
    try {
      text = await readFile(this.#file(vaultId), "utf8");
    } catch (cause) {
      if (isAbsent(cause)) return null;
      throw new CliError("cli.home_unusable", `The host's keys in ${this.#directory} cannot be read`, { cause });
    }
    const parsed = HostKeysFile.safeParse(parseJson(text));
    if (!parsed.success || parsed.data.vaultId !== vaultId) {
      throw new CliError("cli.host_keys_damaged", `The host's keys for vault ${vaultId} are damaged`);
    }
    const { indexKey, signingKey } = parsed.data;
    return { vaultId, indexKey: new Uint8Array(Buffer.from(indexKey, "base64url")), signingKey };
  }

  /** Makes sure that keys can be kept: a vault whose host keys are lost is of no use to this host. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const probe = path.join(this.#directory, `.probe-${randomBytes(6).toString("hex")}`);
      await (await open(probe, "wx", 0o600)).close();
      await rm(probe);
    } catch (cause) {
      throw new CliError("cli.home_unusable", `The host's state in ${path.dirname(this.#directory)} cannot be written`, { cause });
    }
  }

  async keep({ vaultId, indexKey, signingKey }: HostKeys): Promise<void> {
    await this.prepare();
    const content = HostKeysFile.parse({ format: 1, vaultId, indexKey: Buffer.from(indexKey).toString("base64url"), signingKey });
    const file = this.#file(vaultId);
    const temporary = `${file}.${randomBytes(6).toString("hex")}`;
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(temporary, 0o600);
    await rename(temporary, file);
    const directory = await open(this.#directory, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  #file(vaultId: string): string {
    return path.join(this.#directory, `${vaultId}.json`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAbsent(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
}
