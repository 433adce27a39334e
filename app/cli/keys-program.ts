/** The commands about keys: names, arguments and options. */
import type { Command } from "commander";
import type { Cli, CommandResult } from "./cli.ts";

interface Parts {
  readonly add: (parent: Command, name: string, summary: string, examples: readonly string[]) => Command;
  /** Adds --identity and --passphrase-file. */
  readonly identity: (command: Command, required: boolean) => Command;
  readonly run: <A extends unknown[]>(work: (cli: Cli, ...args: A) => Promise<CommandResult>) => (...given: unknown[]) => Promise<void>;
  readonly wholeNumber: (least: number, most: number) => (text: string) => number;
  /** What a vault's and a recipient's address look like. */
  readonly vault: string;
  readonly recipient: string;
}

/** `keys`: the command they stand under. */
export function addKeyCommands(keys: Command, { add, identity, run, wholeNumber, vault, recipient }: Parts): void {
  identity(add(keys, "rotate", "Changes who can open a vault: wraps every key anew, touches no pack.", [
    "keys rotate file:///backups/shop --identity keys/identity.jwk --add officer/recipient.jwk",
    "keys rotate file:///backups/shop --identity keys/identity.jwk --add aws-kms:arn:aws:kms:REGION:ACCOUNT:key/ID --remove KEYID --reason 'yearly rotation'",
  ]).argument("<vault>", vault), true)
    .option("--add <key...>", `${recipient}, of whoever shall be able to open it`, [])
    .option("--remove <keyid...>", "key ids of whoever shall not any more", [])
    .option("--reason <text>", "why, for the ledger; in clear, so no names of persons")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/keys-rotate.ts")).keysRotate(cli, address, options)));
  add(keys, "plan", "Says which key is due when, and what must not be done.", ["keys plan file:///backups/shop --retention 6y", "keys plan file:///backups/shop --retention 6y --remove KEYID --destroy KEYID --json"])
    .argument("<vault>", vault)
    .option("--retention <period>", "how long snapshots must stay readable: 6y, 18m, 90d", "6y")
    .option("--rotate-every <period>", "how often recipients are replaced; never: not at all", "12m")
    .option("--key-life <period>", "an identity is destroyed this long after it became a recipient", "5y")
    .option("--remove <keyid...>", "recipients you mean to remove", [])
    .option("--add <n>", "how many you mean to add at the same time", wholeNumber(0, 256), 0)
    .option("--destroy <keyid...>", "identities you mean to destroy", [])
    .action(run(async (cli, address: string, options: never) => (await import("./commands/keys-plan.ts")).keysPlan(cli, address, options)));
  add(keys, "split", "Splits an identity among officers: so many of them together give it back, fewer learn nothing.", ["keys split --identity keys/identity.jwk --shares 5 --threshold 3 --out shares"])
    .requiredOption("--identity <file>", "identity.jwk")
    .option("--passphrase-file <file>", "the identity's passphrase, when it is sealed with one")
    .requiredOption("--shares <n>", "how many to make", wholeNumber(2, 255))
    .requiredOption("--threshold <n>", "how many give the identity back", wholeNumber(2, 255))
    .requiredOption("--out <dir>", "where to write share-N.json and, to print, share-N.txt; existing files are never written over")
    .option("--to <recipient...>", "recipient.jwk of each officer, in order: seals each share to its officer, and writes no sheets")
    .action(run(async (cli, options: never) => (await import("./commands/keys-split.ts")).keysSplit(cli, options)));
  add(keys, "unseal-share", "Opens a share that was sealed to an officer.", ["keys unseal-share shares/share-1.sealed.json --identity officer/identity.jwk --out share-1.json"])
    .argument("<share>", "share-N.sealed.json")
    .requiredOption("--identity <key>", "the officer's own identity.jwk, aws-kms:ARN or azure-kv:URL")
    .option("--passphrase-file <file>", "the identity's passphrase, when it is sealed with one")
    .requiredOption("--out <file>", "the file to write; - is stdout")
    .action(run(async (cli, share: string, options: never) => (await import("./commands/keys-split.ts")).keysUnsealShare(cli, share, options)));
  add(keys, "join", "Puts an identity together from officers' shares.", ["keys join share-1.json share-4.txt share-5.json --out recovered"])
    .argument("<share...>", "share files, or sheets typed into files")
    .requiredOption("--out <dir>", "where to write recipient.jwk and identity.jwk; existing files are never written over")
    .option("--passphrase-file <file>", "seal the identity with the passphrase in this file")
    .action(run(async (cli, shares: string[], options: never) => (await import("./commands/keys-split.ts")).keysJoin(cli, shares, options)));
}
