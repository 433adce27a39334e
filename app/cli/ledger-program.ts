/** The commands of the ledger. */
import type { Command } from "commander";
import type { Cli, CommandResult } from "./cli.ts";

export interface Registrar {
  readonly add: (parent: Command, name: string, summary: string, examples: readonly string[]) => Command;
  readonly run: <A extends unknown[]>(work: (cli: Cli, ...args: A) => Promise<CommandResult>) => (...given: unknown[]) => Promise<void>;
  /** What VAULT means. */
  readonly vault: string;
}

export function addLedgerCommands(root: Command, { add, run, vault }: Registrar): void {
  const ledger = root.command("ledger").description("The tamper-evident log of a vault.");
  add(ledger, "verify", "Checks a ledger, or a proof from one, offline.", [
    "ledger verify /backups/shop",
    "ledger verify /backups/shop --checkpoint kept/checkpoint",
    "ledger verify --proof drill.tlog-proof --key holdfast.ledger/…+…",
  ])
    .argument("[path]", "the vault's directory or address; a copy of its ledger folder is enough when --key is given")
    .option("--checkpoint <file>", "a checkpoint kept elsewhere")
    .option("--proof <file>", "a proof that 'ledger prove' wrote")
    .option("--key <vkey>", "the ledger's public key, when there is no vault.json to read it from or it is not to be believed")
    .option("--witness-key <vkey...>", "witnesses whose cosignatures to check")
    .action(run(async (cli, place: string | undefined, options: never) => (await import("./commands/ledger-verify.ts")).ledgerVerify(cli, place, options)));

  add(ledger, "enter", "Enters what commands on this machine did while they could enter nothing: without the host's keys, or while the storage took nothing.", ["ledger enter file:///backups/shop"])
    .argument("<vault>", vault)
    .action(run(async (cli, address: string) => (await import("./commands/ledger-enter.ts")).ledgerEnter(cli, address)));

  add(ledger, "prove", "Writes a proof that an entry is in the ledger, to give to somebody else.", ["ledger prove file:///backups/shop latest --out drill.tlog-proof", "ledger prove file:///backups/shop 0123456789abcdef --out snapshot.tlog-proof"])
    .argument("<vault>", vault)
    .argument("<entry>", "its place counted from 0, latest, or an id it speaks of (then the last such entry)")
    .requiredOption("--out <file>", "the file to write; - is stdout")
    .action(run(async (cli, address: string, which: string, options: never) => (await import("./commands/ledger-prove.ts")).ledgerProve(cli, address, which, options)));

  add(ledger, "cosign", "Has a witness cosign the ledger's head, so that a roll-back is known elsewhere.", ["ledger cosign file:///backups/shop --witness https://witness.example/w1 --witness-key witness.example/w1+…"])
    .argument("<vault>", vault)
    .requiredOption("--witness <url>", "its submission prefix (C2SP tlog-witness)")
    .requiredOption("--witness-key <vkey>", "its public key")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/ledger-cosign.ts")).ledgerCosign(cli, address, options)));
}
