/**
 * Brings Shopify's Admin API schema (2026-10, introspection JSON) to this machine on first need. It ships inside Shopify's own
 * npm package; it is neither committed here nor a dependency, because that package would pull in the whole Shopify CLI.
 * The npm client fetches it, so the user's registry settings hold; a pinned digest says it is the file we mean.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import * as tar from "tar";
import { SandboxError } from "../types.ts";

export const API_VERSION = "2026-10";
const PACKAGE = "@shopify/dev-mcp@1.16.0";
/** What `npm view @shopify/dev-mcp@1.16.0 dist.integrity` answers: SHA-512 of the package file. */
const INTEGRITY = "sha512-tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw==";
const MEMBER = `package/dist/data/admin_${API_VERSION}.json.gz`;
const FILE = `admin_${API_VERSION}.json.gz`;

export const DEFAULT_DIRECTORY = resolve(import.meta.dirname, "../../../.cache/shopify-admin-schema");

/** The path of the schema file, fetched (with this `npm` command) if it is not there. Throws SandboxError sandbox.schema_unavailable or sandbox.schema_damaged. */
export async function schemaFile(directory: string = DEFAULT_DIRECTORY, npm = "npm"): Promise<string> {
  const path = join(directory, FILE);
  if (await exists(path)) return path;
  await mkdir(directory, { recursive: true });
  // Each process works in a folder of its own and renames at the end: of two at once the later one replaces equal bytes.
  const work = await mkdtemp(join(directory, ".fetch-"));
  try {
    const archive = await pack(work, npm);
    const digest = `sha512-${createHash("sha512").update(await readFile(archive)).digest("base64")}`;
    if (digest !== INTEGRITY) throw new SandboxError("sandbox.schema_damaged", `The package ${PACKAGE} is not the one this version of Holdfast was made with (its SHA-512 differs). Check the npm registry that your npm uses.`);
    await tar.extract({ file: archive, cwd: work }, [MEMBER]);
    await rename(join(work, MEMBER), path);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function pack(work: string, npm: string): Promise<string> {
  try {
    await promisify(execFile)(npm, ["pack", PACKAGE, "--pack-destination", work, "--silent", "--ignore-scripts"], { cwd: work, timeout: 300_000, maxBuffer: 1 << 24, shell: process.platform === "win32" });
  } catch (error) {
    throw new SandboxError("sandbox.schema_unavailable", `The sandbox shop needs Shopify's API schema once, and npm could not fetch it (npm pack ${PACKAGE}). Connect to the npm registry and try again, or run that command elsewhere and put ${FILE} from the package into the schema directory.`, { cause: error });
  }
  const found = (await readdir(work)).find((name) => name.endsWith(".tgz"));
  if (found === undefined) throw new SandboxError("sandbox.schema_unavailable", `npm pack ${PACKAGE} left no package file behind.`);
  return join(work, found);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
