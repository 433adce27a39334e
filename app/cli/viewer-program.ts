/** The commands of the downtime viewer: names, arguments and options. */
import type { Command } from "commander";
import type { Cli, CommandResult } from "./cli.ts";
import type { ViewerStartOptions } from "./commands/viewer.ts";
import type { Session } from "./program.ts";

interface Helpers {
  readonly add: (parent: Command, name: string, summary: string, examples: readonly string[]) => Command;
  readonly run: <A extends unknown[]>(work: (cli: Cli, ...args: A) => Promise<CommandResult>) => (...given: unknown[]) => Promise<void>;
  readonly session: Session;
  readonly wholeNumber: (least: number, most: number) => (text: string) => number;
  readonly vault: string;
}

const KEY = "what opens records on this host, for whoever signs in: aws-kms:ARN, azure-kv:URL or an identity.jwk; without it responders bring their identity in the browser";

export function addViewerCommands(root: Command, { add, run, session, wholeNumber, vault }: Helpers): void {
  const viewer = root.command("viewer").description("Shows one person's record from the newest backup, while the store and the app are down.");
  add(viewer, "start", "Starts the viewer and keeps it up until Ctrl-C. Needs the storage, and nothing else.", ["viewer start file:///backups/shop", "viewer start s3://backups/shop --url https://viewer.example.com --host 0.0.0.0 --port 8443"])
    .argument("<vault>", vault)
    .option("--url <origin>", "where browsers reach it; https, except on this machine. The provider must know <origin>/callback", "http://localhost:4400")
    .option("--host <host>", "the interface to listen on", "localhost")
    .option("--port <port>", "default: the address's own; 0: any free port", wholeNumber(0, 65_535))
    .option("--client-secret-file <file>", "the client secret that the provider gave, when it gave one")
    .option("--key <key>", KEY)
    .option("--passphrase-file <file>", "the identity's passphrase, when it is sealed with one")
    .action(async (address: string, options: ViewerStartOptions & { readonly json?: boolean }) => {
      const cli = session.start(options.json === true);
      await (await import("./commands/viewer.ts")).viewerStart(cli, address, options, (result) => session.print(cli, result));
    });

  add(viewer, "roster", "Says who may sign in to the viewer, and where; the app does so by itself when it is set up there.", [
    "viewer roster file:///backups/shop --shop example.myshopify.com --issuer https://login.example.com --client-id holdfast-viewer --group responders",
  ])
    .argument("<vault>", vault)
    .requiredOption("--shop <domain>", "the store's myshopify.com name")
    .requiredOption("--issuer <url>", "the identity provider's issuer")
    .requiredOption("--client-id <id>", "how the provider knows the viewer")
    .option("--groups-claim <claim>", "the claim of the ID token that lists groups", "groups")
    .option("--group <name...>", "groups whose members are responders")
    .option("--responder <code...>", "responders by the code that the viewer shows them")
    .option("--with-secret", "the provider gave a client secret; it is handed to 'viewer start' and never stored here")
    .action(run(async (cli, address: string, options: never) => (await import("./commands/viewer.ts")).viewerRoster(cli, address, options)));
}
