/** `keys new`: a recipient to give away and an identity to guard. */
import path from "node:path";
import { newIdentity, readPassphraseFile, writeIdentityFiles, type IdentityType } from "#app/keys/index.ts";
import type { Cli, CommandResult } from "../cli.ts";

export interface KeysNewOptions {
  readonly out: string;
  readonly type: IdentityType;
  readonly passphraseFile?: string;
}

export async function keysNew(_cli: Cli, options: KeysNewOptions): Promise<CommandResult> {
  const passphrase = options.passphraseFile === undefined ? undefined : await readPassphraseFile(options.passphraseFile);
  const identity = await newIdentity(options.type);
  const { recipientFile, identityFile } = await writeIdentityFiles(path.resolve(options.out), identity, passphrase);
  return {
    json: { keyId: identity.keyId, type: options.type, recipient: recipientFile, identity: identityFile, sealed: passphrase !== undefined },
    text: [
      `Key ${identity.keyId}`,
      `  ${recipientFile}   give this one to whoever makes a vault`,
      `  ${identityFile}   opens everything sealed to it${passphrase === undefined ? "" : " (with its passphrase)"}: keep it offline, and a copy of it elsewhere`,
    ].join("\n"),
  };
}
