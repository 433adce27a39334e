/** The commands: names, arguments and options. What each does is in commands/, loaded when it is asked for. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Cli, CommandResult } from "./cli.ts";
import { addLedgerCommands } from "./ledger-program.ts";
import { addKeyCommands } from "./keys-program.ts";
import { addViewerCommands } from "./viewer-program.ts";
import type { SandboxStartOptions } from "./commands/sandbox-start.ts";

export interface Session {
  /** Called once the arguments are known to be right. */
  start(json: boolean): Cli;
  print(cli: Cli, result: CommandResult): Promise<void>;
}

export const VAULT = "the vault's address: file:///absolute/path, s3://bucket/prefix, az://account/container/prefix, gs://bucket/prefix or sftp://user@host/path";
export const SNAPSHOT = "a snapshot: its id or the beginning of it, latest, or latest~N (the Nth before it)";

export const KEY_HELP = "what opens records: an identity.jwk, aws-kms:ARN or azure-kv:URL";
/** Of commands that give records out. */
const GIVEN_OUT = "what for, such as a case number; it stays in the vault's ledger in clear, so no names of persons";
const RECIPIENT = "a recipient.jwk, aws-kms:ARN or azure-kv:URL";

/** Throws CommanderError for wrong usage and for help that was shown, and whatever a command throws. */
export function program(session: Session): Command {
  const run = <A extends unknown[]>(work: (cli: Cli, ...args: A) => Promise<CommandResult>) => async (...given: unknown[]): Promise<void> => {
    given.pop(); // the command itself
    const options = given.pop() as { json?: boolean };
    const cli = session.start(options.json === true);
    await session.print(cli, await work(cli, ...([...given, options] as unknown as A)));
  };

  const root = new Command("holdfast")
    .description("Keeps sealed, provable, restorable copies of a store's data.")
    .addHelpText("after", "\nHOLDFAST_HOME holds this host's state (default ~/.holdfast).\nExit codes: 0 done, 1 failed or something was found, 2 wrong usage.\n\nExample, from nothing to one record:\n  holdfast keys new --out keys\n  holdfast vault create file:///backups/shop --recipient keys/recipient.jwk\n  holdfast snapshot file:///backups/shop --source jsonl:customers.jsonl\n  holdfast get file:///backups/shop latest gid://shopify/Customer/1 --identity keys/identity.jwk");
  // An option belongs to the command it stands behind.
  root.exitOverride().enablePositionalOptions().configureOutput({ outputError: () => undefined });

  const add = (parent: Command, name: string, summary: string, examples: readonly string[]): Command =>
    parent
      .command(name)
      .description(summary)
      .option("--json", "print one JSON object on stdout, last")
      .addHelpText("after", `\nExamples:\n${examples.map((example) => `  holdfast ${example}`).join("\n")}`);
  const identity = (command: Command, required: boolean): Command =>
    (required ? command.requiredOption("--identity <key>", KEY_HELP) : command.option("--identity <key>", `${KEY_HELP}, on a host that has no keys of its own for this vault`))
      .option("--passphrase-file <file>", "the identity's passphrase, when it is sealed with one");

  const keys = root.command("keys").description("Keys that open what a vault seals.");
  add(keys, "new", "Makes recipient.jwk, to give away, and identity.jwk, to guard.", ["keys new --out keys", "keys new --out keys --type P-384 --passphrase-file passphrase.txt"])
    .requiredOption("--out <dir>", "where to write them; existing files are never written over")
    .addOption(new Option("--type <type>", "kind of key").choices(["P-256", "P-384", "RSA-4096"]).default("P-256"))
    .option("--passphrase-file <file>", "seal the identity with the passphrase in this file")
    .action(run(async (cli, options: never) => (await import("./commands/keys-new.ts")).keysNew(cli, options)));

  addKeyCommands(keys, { add, identity, run, wholeNumber, vault: VAULT, recipient: RECIPIENT });

  const vault = root.command("vault").description("Vaults.");
  add(vault, "create", "Makes a vault, sealed to its recipients.", ["vault create file:///backups/shop --recipient keys/recipient.jwk", "vault create file:///backups/shop --recipient officer.jwk lawyer.jwk"])
    .argument("<vault>", VAULT)
    .requiredOption("--recipient <key...>", `of everybody who shall be able to open it: ${RECIPIENT}`)
    .option("--parity", "keep parity beside every object, 3.2 % more, so that 'vault repair' can mend rot without another copy")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/vault-create.ts")).vaultCreate(cli, address, options)));

  add(vault, "check-store", "Tries out a storage and says what it can and cannot promise. Needs no vault; leaves nothing behind.", ["vault check-store file:///backups/shop", "vault check-store 's3://backups/shop?region=eu-central-1&lock=compliance' --json"])
    .argument("<vault>", VAULT)
    .action(run(async (cli, address: string) => (await import("./commands/vault-check-store.ts")).vaultCheckStore(cli, address)));

  add(vault, "repair", "Mends what has rotted or gone: from parity, or from a copy of the vault elsewhere.", ["vault repair file:///backups/shop", "vault repair file:///backups/shop --from s3://second/shop", "vault repair file:///backups/shop --add-parity"])
    .argument("<vault>", VAULT)
    .option("--from <vault>", "the address of a copy; it is only read")
    .option("--add-parity", "also write the parity objects that are not there, for a vault made without them too")
    .option("--checkpoint <file>", "a checkpoint kept elsewhere, to see whether anything was taken back")
    .option("--vault-id <id>", "the vault's id, when its description may have been replaced")
    .option("--identity <key>", "a file or a key in a service that opens the vault: also makes anew what records are searched by, where it is damaged or does not say what they say")
    .option("--passphrase-file <file>", "the identity's passphrase, when it is sealed with one")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/vault-repair.ts")).vaultRepair(cli, address, options)));

  identity(add(vault, "adopt", "Makes this host the vault's host: puts its half of the keys here, from the vault and an identity.", ["vault adopt file:///backups/shop --identity keys/identity.jwk"]).argument("<vault>", VAULT), true)
    .action(run(async (cli, address: string, options: never) => (await import("./commands/vault-adopt.ts")).vaultAdopt(cli, address, options)));

  add(root, "snapshot", "Takes a snapshot: the whole source, or nothing.", ["snapshot file:///backups/shop --source jsonl:customers.jsonl", "snapshot file:///backups/shop --source shopify:example.myshopify.com --json", "snapshot file:///backups/shop --source shopify:example.myshopify.com --emergency --incident 2026-014"])
    .argument("<vault>", VAULT)
    .requiredOption("--source <source>", "jsonl:PATH (a bulk-export file) or shopify:DOMAIN")
    .option("--emergency", "hold it, so that no prune lets it go: for --hold, or until the hold of --incident is released")
    .option("--hold <time>", "how long an emergency snapshot is held: 72h (the default), 10d; at most 366d")
    .option("--incident <number>", "hold it until 'holdfast release' instead; the number that the incident has elsewhere")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/snapshot.ts")).snapshot(cli, address, options)));

  identity(add(root, "snapshots", "Lists the snapshots, newest first.", ["snapshots file:///backups/shop", "snapshots file:///backups/shop --json"]).argument("<vault>", VAULT), false)
    .action(run(async (cli, address: string, options: never) => (await import("./commands/snapshots.ts")).snapshots(cli, address, options)));

  identity(
    add(root, "get", "Writes one record's exact bytes to stdout.", [
      "get file:///backups/shop latest gid://shopify/Customer/1 --identity keys/identity.jwk",
      "get file:///backups/shop latest~3 gid://shopify/Order/7 --tree --identity keys/identity.jwk",
    ]).argument("<vault>", VAULT).argument("<snapshot>", SNAPSHOT).argument("<id>", "the record's id, as the source writes it"),
    true,
  )
    .option("--tree", "and everything that belongs to it, parents before children, one line each")
    .option("--reason <text>", GIVEN_OUT)
    .action(run(async (cli, address: string, snapshot: string, id: string, options: never) => (await import("./commands/get.ts")).get(cli, address, snapshot, id, options)));

  identity(
    add(root, "find", "Finds records by e-mail address, phone number, name, order number or id. The value is stored and sent nowhere.", [
      "find file:///backups/shop --identity keys/identity.jwk --email somebody@example.com",
      "find file:///backups/shop --identity keys/identity.jwk --name < name.txt",
    ]).argument("<vault>", VAULT).argument("[value]", "what to look for; absent or -: a line on stdin, where other users of this machine do not see it"),
    true,
  )
    .option("--email", "the value is an e-mail address")
    .option("--phone", "the value is a phone number")
    .option("--name", "the value is one or more words of a name; records that have all of them are found")
    .option("--order", "the value is an order's name or number")
    .option("--id", "the value is a record's id, or the number at its end")
    .option("--country <code...>", "where a phone number without a country's code may be from, as two letters")
    .option("--limit <n>", "records answered at most", wholeNumber(1, 5_000), 50)
    .action(run(async (cli, address: string, value: string | undefined, options: never) => (await import("./commands/find.ts")).find(cli, address, value, options)));

  const search = root.command("search").description("What records are found by.");
  identity(add(search, "rebuild", "Makes a vault searchable that was written before there was a search, or whose search objects are damaged.", ["search rebuild file:///backups/shop --identity keys/identity.jwk"]).argument("<vault>", VAULT), true)
    .action(run(async (cli, address: string, options: never) => (await import("./commands/search-rebuild.ts")).searchRebuild(cli, address, options)));

  identity(
    add(root, "export", "Writes everything in a snapshot as JSONL.", ["export file:///backups/shop latest --identity keys/identity.jwk --out shop.jsonl", "export file:///backups/shop latest --identity keys/identity.jwk --out - | wc -l"])
      .argument("<vault>", VAULT).argument("<snapshot>", SNAPSHOT),
    true,
  )
    .requiredOption("--out <file>", "the file to write, whole or not at all; - is stdout")
    .option("--reason <text>", GIVEN_OUT)
    .action(run(async (cli, address: string, snapshot: string, options: never) => (await import("./commands/export.ts")).exportSnapshot(cli, address, snapshot, options)));

  identity(
    add(root, "diff", "Says what changed from one snapshot to another.", ["diff file:///backups/shop latest~1 latest", "diff file:///backups/shop latest~7 latest --limit 1000 --json"])
      .argument("<vault>", VAULT).argument("<a>", SNAPSHOT).argument("<b>", SNAPSHOT),
    false,
  )
    .option("--limit <n>", "ids listed of each sort", wholeNumber(0, 1_000_000), 100)
    .action(run(async (cli, address: string, a: string, b: string, options: never) => (await import("./commands/diff.ts")).diff(cli, address, a, b, options)));

  identity(
    add(root, "verify", "Checks everything, trusting nothing, and names each damaged or missing object.", [
      "verify file:///backups/shop",
      "verify file:///backups/shop --read-data --identity keys/identity.jwk --checkpoint kept/checkpoint",
    ]).argument("<vault>", VAULT),
    false,
  )
    .option("--read-data", "read every stored byte, and with an identity open every record")
    .option("--checkpoint <file>", "a checkpoint kept elsewhere, to see whether anything was taken back")
    .option("--witness-key <vkey...>", "witnesses whose cosignatures to check")
    .option("--record", "enter the result into the ledger; on the host that has the vault's keys")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/verify.ts")).verify(cli, address, options)));

  add(root, "prune", "Lets old snapshots go, by a policy, and frees what only they needed.", ["prune file:///backups/shop --keep last=3,daily=7,weekly=5,monthly=12,yearly=6 --dry-run", "prune file:///backups/shop --keep within=90d,monthly=24"])
    .argument("<vault>", VAULT)
    .requiredOption("--keep <policy>", "last=N, hourly=N, daily=N, weekly=N, monthly=N, yearly=N (the newest of each of the last N such periods, UTC), within=30d (h, d, w, m, y: everything younger), with commas; the newest, the newest whole, the last verified and held snapshots always stay")
    .option("--dry-run", "say what would go and why, and change nothing")
    .option("--grace <hours>", "what expired snapshots alone needed is freed by a prune this much later, so that a snapshot under way stays whole; 0 only when none is", wholeNumber(0, 100_000), 24)
    .action(run(async (cli, address: string, options: never) => (await import("./commands/prune.ts")).prune(cli, address, options)));

  add(root, "hold", "Keeps snapshots from every prune until the hold is released.", ["hold file:///backups/shop latest --name 'incident 7' --reason 'suspected intrusion'", "hold file:///backups/shop --all --name 'case 2026/14' --reason 'litigation'"])
    .argument("<vault>", VAULT).argument("[snapshot...]", SNAPSHOT)
    .requiredOption("--name <name>", "what to call it")
    .requiredOption("--reason <text>", "why; it is stored in clear, so no names of persons")
    .option("--all", "every snapshot, those to come included")
    .option("--basis <text>", "makes it a legal hold, which bars erasures too: why the law bids to keep these records")
    .option("--citation <text>", "where that is written: a statute's section, a court's file number")
    .option("--until <date>", "when a legal hold ends for erasures by itself")
    .option("--person <id...>", "whom a legal hold is about, by record id; without it, everybody")
    .action(run(async (cli, address: string, snapshots: string[], options: never) => (await import("./commands/hold.ts")).hold(cli, address, snapshots, options)));

  add(root, "release", "Ends a hold.", ["release file:///backups/shop 'incident 7' --reason 'closed'"])
    .argument("<vault>", VAULT).argument("<hold>", "its id, or its name")
    .requiredOption("--reason <text>", "why")
    .action(run(async (cli, address: string, id: string, options: never) => (await import("./commands/hold.ts")).release(cli, address, id, options)));

  identity(add(root, "holds", "Lists holds, in force and released.", ["holds file:///backups/shop"]).argument("<vault>", VAULT), false)
    .action(run(async (cli, address: string, options: never) => (await import("./commands/hold.ts")).holds(cli, address, options)));

  identity(
    add(root, "redact", "Erases records from every snapshot, for good, and certifies it.", [
      "redact file:///backups/shop gid://shopify/Customer/1 gid://shopify/Order/7 --tree --identity keys/identity.jwk --reason 'erasure request 17'",
      "redact file:///backups/shop --request 5f2c7a1e --identity keys/identity.jwk",
    ]).argument("<vault>", VAULT).argument("[id...]", "the records' ids, as the source writes them"),
    true,
  )
    .option("--request <id...>", "privacy requests of the platform, by their ids, instead of records: 'holdfast requests' lists them")
    .option("--reason <text>", "a case number; it is stored in clear, so no names of persons")
    .option("--tree", "and everything that belongs to them")
    .option("--kind <kind>", "only records of this kind, when an id stands for several")
    .option("--certificate <file>", "write the signed certificate to this file, too")
    .action(run(async (cli, address: string, ids: string[], options: never) => (await import("./commands/redact.ts")).redact(cli, address, ids, options)));

  identity(add(root, "requests", "Lists privacy requests of the platform, what is due and what became of them.", ["requests file:///backups/shop"]).argument("<vault>", VAULT), false)
    .action(run(async (cli, address: string, options: never) => (await import("./commands/requests.ts")).requests(cli, address, options)));

  identity(
    add(root, "disclose", "Writes down everything the vault holds about one person, for a data request.", ["disclose file:///backups/shop --request 5f2c7a1e --identity keys/identity.jwk --out person.jsonl", "disclose file:///backups/shop --person gid://shopify/Customer/1 --identity keys/identity.jwk --out person.jsonl"]).argument("<vault>", VAULT),
    true,
  )
    .requiredOption("--out <file>", "the file to write, in clear, whole or not at all; - is stdout")
    .option("--request <id>", "a data request of the platform: 'holdfast requests' lists them")
    .option("--person <id>", "a customer's record id, when there is no request")
    .option("--reason <text>", GIVEN_OUT)
    .action(run(async (cli, address: string, options: never) => (await import("./commands/disclose.ts")).discloseCommand(cli, address, options)));

  add(root, "checkpoint", "Writes the ledger's signed head, to keep away from the storage.", ["checkpoint file:///backups/shop --out kept/checkpoint"])
    .argument("<vault>", VAULT)
    .requiredOption("--out <file>", "the file to write; replaced only by a checkpoint that continues it; - is stdout")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/checkpoint.ts")).checkpoint(cli, address, options)));

  addLedgerCommands(root, { add, run, vault: VAULT });

  addViewerCommands(root, { add, run, session, wholeNumber, vault: VAULT });

  const sandbox = root.command("sandbox").description("A simulated Shopify shop with synthetic data.");
  add(sandbox, "start", "Starts one and keeps it up until Ctrl-C.", ["sandbox start --customers 20000 --orders 5000", "sandbox start --seed 7 --port 4010 --json"])
    .option("--customers <n>", "customers", wholeNumber(0, 10_000_000), 1000)
    .option("--orders <n>", "orders", wholeNumber(0, 10_000_000), 500)
    .option("--seed <seed>", "equal seeds give equal shops", "holdfast")
    .option("--port <port>", "0: any free port", wholeNumber(0, 65_535), 0)
    .action(async (options: SandboxStartOptions & { readonly json?: boolean }) => {
      const cli = session.start(options.json === true);
      await (await import("./commands/sandbox-start.ts")).sandboxStart(cli, options, (result) => session.print(cli, result));
    });

  identity(
    add(root, "recover", "Gets out everything that is left of a vault, damaged or not, into a folder.", [
      "recover file:///backups/shop --identity keys/identity.jwk --out recovered",
      "recover copied-bucket --identity keys/identity.jwk --out recovered --snapshot latest~1",
    ]).argument("<place>", "the vault's address, or a folder with its files"),
    true,
  )
    .requiredOption("--out <dir>", "where to write records.jsonl and report.json; results of an earlier recovery are never written over")
    .option("--snapshot <snapshot>", SNAPSHOT, "latest")
    .option("--vault-id <id>", "the vault's id as you know it from elsewhere: nothing signed by another key is believed")
    .option("--reason <text>", GIVEN_OUT)
    .action(run(async (cli, place: string, options: never) => (await import("./commands/recover.ts")).recover(cli, place, options)));

  identity(
    add(root, "restore", "Puts records back into a living shop as they were at a snapshot or at any second between two: first a plan, then the plan carried out.", [
      "restore file:///backups/shop --at 2026-11-22T13:59:59Z --to shopify:example.myshopify.com --person gid://shopify/Customer/1 --identity keys/identity.jwk --plan plan.json",
      "restore file:///backups/shop latest --to shopify:example.myshopify.com --record gid://shopify/Customer/1 --identity keys/identity.jwk --plan plan.json",
      "restore --apply plan.json --identity keys/identity.jwk --reason 'intake overwritten, case 2026-14'",
    ])
      .argument("[vault]", VAULT)
      .argument("[snapshot]", SNAPSHOT),
    false,
  )
    .option("--to <target>", "the shop: shopify:DOMAIN; or a file for one recipient: export:FILE")
    .option("--recipient <file>", "with export:FILE: the public half of the key that is to open it")
    .option("--at <moment>", "instead of a snapshot: any second since the first, such as 2026-11-22T13:59:59Z")
    .option("--record <id...>", "only these root records, with all that belongs to them")
    .option("--person <id...>", "only these customers, with their orders and whatever else names them; find says who they are")
    .option("--plan <file>", "where to write the plan; nothing is changed")
    .option("--apply <file>", "carries out the plan in this file; started again, it goes on")
    .option("--reason <text>", "with --apply: why; one line for the vault's ledger, without names or addresses")
    .action(run(async (cli, address: string | undefined, snapshot: string | undefined, options: never) => (await import("./commands/restore.ts")).restore(cli, address, snapshot, options)));

  const drill = identity(
    add(root, "drill", "Restores a snapshot into a fresh sandbox shop, compares, times and scores it.", ["drill file:///backups/shop latest --identity keys/identity.jwk"])
      .argument("<vault>", VAULT).argument("<snapshot>", SNAPSHOT),
    false,
  ).action(run(async (cli, address: string, snapshot: string, options: never) => (await import("./commands/drill.ts")).drill(cli, address, snapshot, options)));
  // What stands behind "report" is the report's own.
  drill.enablePositionalOptions();
  add(drill, "report", "Says for any period how many drills passed and which weeks were missed, from the signed records alone.", ["drill report file:///backups/shop", "drill report file:///backups/shop --from 2026-01-01 --to 2026-12-31 --checkpoint kept/checkpoint"])
    .argument("<vault>", VAULT)
    .option("--from <day>", "the first day, such as 2026-01-01")
    .option("--to <day>", "the last day")
    .option("--checkpoint <file>", "a checkpoint of the ledger that was kept elsewhere")
    .option("--vault-id <id>", "the vault's id, known from elsewhere: it is the thumbprint of the key that all records are signed with")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/drill-report.ts")).drillReport(cli, address, options)));

  return root;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(n >= least && n <= most)) throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return n;
  };
}

export { CommanderError };
