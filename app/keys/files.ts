/** Key files on disk: recipient.jwk to give away, identity.jwk to guard. */
import { chmod, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import path from "node:path";
import type { Recipient } from "#app/vault/index.ts";
import { KeyError } from "./errors.ts";
import { identityFrom, recipientFrom, type Identity } from "./jwk.ts";
import { isSealed, sealIdentity, unsealIdentity } from "./passphrase.ts";

const LARGEST_KEY_FILE = 64 * 1024;

export interface IdentityFiles {
  readonly recipientFile: string;
  readonly identityFile: string;
}

/** Writes both files into `directory` (made when absent), the identity readable by its owner only, and never over an existing file. */
export async function writeIdentityFiles(directory: string, identity: Identity, passphrase?: string): Promise<IdentityFiles> {
  const recipientFile = path.join(directory, "recipient.jwk");
  const identityFile = path.join(directory, "identity.jwk");
  const content = passphrase === undefined ? identity.jwk : await sealIdentity(identity, passphrase);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeNew(identityFile, content, 0o600);
    try {
      await writeNew(recipientFile, identity.recipient.jwk, 0o644);
    } catch (error) {
      // Half a pair would make the next attempt fail on a file that nobody knows about.
      await unlink(identityFile);
      throw error;
    }
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") {
      throw new KeyError("keys.exists", "There are key files in that directory already; they are never written over.", { cause });
    }
    throw new KeyError("keys.not_written", `The key files could not be written (${systemCode(cause) ?? "unknown"}).`, { cause });
  }
  return { recipientFile, identityFile };
}

/** `onLooseMode` is called when others on this machine may read the file. Throws KeyError. */
export async function readIdentityFile(file: string, passphrase?: string, onLooseMode?: () => void): Promise<Identity> {
  const value = await readKeyFile(file, "identity");
  if (isSealed(value) && passphrase === undefined) throw new KeyError("keys.passphrase_needed", "The identity file is sealed with a passphrase.");
  const identity = identityFrom(isSealed(value) ? await unsealIdentity(value, passphrase ?? "") : value);
  if (process.platform !== "win32" && ((await stat(file)).mode & 0o077) !== 0) onLooseMode?.();
  return identity;
}

export async function readRecipientFile(file: string): Promise<Recipient> {
  const value = await readKeyFile(file, "recipient");
  if (isSealed(value)) {
    throw new KeyError("keys.identity_not_recipient", "The file is a sealed identity; a recipient is the public half, recipient.jwk.");
  }
  return recipientFrom(value);
}

/** The first line break at the end is the editor's, not the passphrase's. Throws KeyError keys.not_found, keys.passphrase_empty. */
export async function readPassphraseFile(file: string): Promise<string> {
  const passphrase = (await readSmallFile(file, "passphrase")).toString("utf8").replace(/\r?\n$/, "");
  if (passphrase === "") throw new KeyError("keys.passphrase_empty", "The passphrase file is empty.");
  return passphrase;
}

async function readKeyFile(file: string, what: string): Promise<unknown> {
  const text = (await readSmallFile(file, what)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    // No cause: a JSON error repeats the text it could not parse.
    throw new KeyError("keys.not_a_key", `The ${what} file is not JSON, so it holds no JSON Web Key.`);
  }
}

async function readSmallFile(file: string, what: string): Promise<Buffer> {
  try {
    if ((await stat(file)).size > LARGEST_KEY_FILE) throw new KeyError("keys.not_a_key", `The ${what} file is too large to be one.`);
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    throw new KeyError("keys.not_found", `The ${what} file cannot be read (${systemCode(cause) ?? "unknown"}).`, { cause });
  }
}

async function writeNew(file: string, content: object, mode: number): Promise<void> {
  const handle = await open(file, "wx", mode);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // The mode given to open passes through the umask; this one does not.
  await chmod(file, mode);
}

function systemCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
