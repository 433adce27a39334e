/** `keys split`, `keys unseal-share`, `keys join`: an identity that no one person holds. */
import { chmod, mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import { joinShares, KeyError, openHolder, parseShare, readIdentityFile, readPassphraseFile, readRecipientFile, sealShare, shareFile, shareSheet, splitIdentity, unsealShare, writeIdentityFiles } from "#app/keys/index.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { writeWhole } from "../write-file.ts";

export interface KeysSplitOptions {
  readonly identity: string;
  readonly passphraseFile?: string;
  readonly shares: number;
  readonly threshold: number;
  readonly out: string;
  readonly to?: readonly string[];
}

export async function keysSplit(cli: Cli, options: KeysSplitOptions): Promise<CommandResult> {
  if (options.to !== undefined && options.to.length !== options.shares) throw new CliError("cli.usage", `--to names ${options.to.length} officers for ${plural(options.shares, "share")}`);
  const identity = await readIdentityFile(options.identity, await passphraseOf(options));
  const officers = await Promise.all((options.to ?? []).map(readRecipientFile));
  const shares = await splitIdentity(identity, { shares: options.shares, threshold: options.threshold, random: cli.random });
  const directory = path.resolve(options.out);
  const files: string[] = [];
  for (const [i, share] of shares.entries()) {
    const officer = officers[i];
    const content: [string, string][] =
      officer === undefined
        ? [[`share-${share.number}.json`, asJson(shareFile(share))], [`share-${share.number}.txt`, shareSheet(share)]]
        : [[`share-${share.number}.sealed.json`, asJson(await sealShare(share, officer))]];
    for (const [name, text] of content) files.push(await writeNew(directory, name, text));
  }
  return {
    json: { keyId: identity.keyId, set: shares[0]?.set ?? "", shares: options.shares, threshold: options.threshold, files },
    text: [
      `Key ${identity.keyId} split into ${plural(options.shares, "share")}; any ${options.threshold} of them give it back.`,
      ...files.map((file) => `  ${file}`),
      officers.length > 0 ? "Each is sealed to its officer: give it to nobody else, it is of no use to them." : "Give each officer one, on paper or as a file, and keep no two together.",
      "Try 'holdfast keys join' with some of them before you destroy the identity file.",
    ].join("\n"),
  };
}

export async function keysUnsealShare(cli: Cli, file: string, options: { readonly identity: string; readonly passphraseFile?: string; readonly out: string }): Promise<CommandResult> {
  const { opener } = await openHolder(options.identity, { passphrase: await passphraseOf(options) });
  const share = await unsealShare(await readSmall(file), opener, path.basename(file));
  await writeWhole(cli, options.out, (sink) => sink.write(Buffer.from(asJson(shareFile(share)))));
  return { json: { keyId: share.keyId, number: share.number, out: options.out }, text: options.out === "-" ? "" : `Share ${share.number} of ${share.total}, opened into ${options.out}. Take it to the others; remove it when the identity is together.` };
}

export async function keysJoin(_cli: Cli, files: readonly string[], options: { readonly out: string; readonly passphraseFile?: string }): Promise<CommandResult> {
  const shares = await Promise.all(files.map(async (file) => parseShare(await readSmall(file), path.basename(file))));
  const identity = await joinShares(shares);
  const { recipientFile, identityFile } = await writeIdentityFiles(path.resolve(options.out), identity, await passphraseOf(options));
  return {
    json: { keyId: identity.keyId, recipient: recipientFile, identity: identityFile, shares: shares.map((share) => share.number) },
    text: `Key ${identity.keyId} is whole again, from shares ${shares.map((share) => share.number).join(", ")}.\n  ${identityFile}   opens everything sealed to it: remove it when you are done`,
  };
}

async function passphraseOf({ passphraseFile }: { readonly passphraseFile?: string }): Promise<string | undefined> {
  return passphraseFile === undefined ? undefined : readPassphraseFile(passphraseFile);
}

const asJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** A share or a sheet is never larger; anything else is not read into memory. */
const LARGEST_SHARE = 64 * 1024;

async function readSmall(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new KeyError("keys.not_found", `${file} cannot be read`, { cause });
  }
  if (bytes.length > LARGEST_SHARE) throw new KeyError("keys.share_damaged", `${file} is too large to be a share`);
  return bytes.toString("utf8");
}

async function writeNew(directory: string, name: string, text: string): Promise<string> {
  const file = path.join(directory, name);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(file, 0o600);
  } catch (cause) {
    const exists = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    throw new KeyError(exists ? "keys.exists" : "keys.not_written", exists ? `${file} exists; it is never written over` : `${file} cannot be written`, { cause });
  }
  return file;
}
