/**
 * `viewer start`: the downtime viewer with nothing but the storage: no app, no database, no shop. Who may sign in, and where, stands in the vault's signed roster.
 * `viewer roster`: writes that roster, for whoever keeps a vault by the command line alone; the app writes it by itself.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { putRoster, readRoster, readVaultDescription, StoreError } from "#app/vault/index.ts";
import type { HostKeys, KeyOpener, ObjectStore, Roster } from "#app/vault/index.ts";
import { originOf } from "#app/ledger/index.ts";
import { badIssuer, fileOutbox, viewerServer, viewEvents, type FileOutbox, type ViewerPlace, type ViewerPlaces } from "#app/viewer/index.ts";
import { directLedger } from "#app/workflows/shared/direct-ledger.ts";
import { enterAll } from "#app/workflows/shared/outbox.ts";
import type { Log } from "#app/workflows/ports.ts";
import { rolesByRoster } from "#app/workflows/view/index.ts";
import { ReadOnlyStore } from "#app/stores/index.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { HostKeyring } from "../host-keyring.ts";
import { ledgerOf } from "../open-ledger.ts";
import { openStore } from "../open-store.ts";
import { holderFrom } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export interface ViewerStartOptions {
  readonly url: string;
  readonly host: string;
  readonly port?: number;
  readonly clientSecretFile?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
}

/** `ready` is told as soon as it answers; the command itself ends when the signal aborts. */
export async function viewerStart(cli: Cli, address: string, options: ViewerStartOptions, ready: (result: CommandResult) => Promise<void>): Promise<void> {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (url === null || (url.protocol !== "https:" && !(url.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)))) throw new CliError("cli.usage", "--url must be an https address, or http on this machine");
  const port = options.port ?? Number(url.port === "" ? (url.protocol === "https:" ? 443 : 80) : url.port);
  await withScratch(cli.home, async (scratchDirectory) => {
    const store = await openStore(address);
    const description = await readVaultDescription(store);
    const roster = await readRoster(store, description);
    if (roster === null) throw new CliError("cli.no_roster", "This vault has no roster, so nobody could sign in");
    const hostKeys = await new HostKeyring(cli.home).get(description.vaultId);
    const opener = options.key === undefined ? null : (await holderFrom(cli, { identity: options.key, passphraseFile: options.passphraseFile })).opener;
    const clientSecret = options.clientSecretFile === undefined ? null : (await readFile(options.clientSecretFile, "utf8").catch((cause: unknown) => { throw new CliError("cli.usage", "The file with the client secret cannot be read", { cause }); })).trim();
    if (roster.signIn?.secret === true && clientSecret === null) cli.warn("The sign-in was set up with a client secret; without --client-secret-file the provider may refuse it.");
    const log = stderrLog(cli);
    const outbox = fileOutbox(cli.home, `${cli.clock.now().toISOString().replace(/[:.]/g, "-")}-${String(process.pid)}-${randomUUID().slice(0, 8)}`);
    const places = onePlace({ cli, store, description, hostKeys, opener, clientSecret, outbox, log, shop: roster.shop });
    const entered = hostKeys === null ? 0 : await enterWaiting({ cli, store, vaultId: description.vaultId, hostKeys, outbox });
    const viewer = await viewerServer({ places, url: options.url, clock: cli.clock, random: cli.random, log, scratchDirectory, mayCall: () => true });
    const server = viewer.web.listen(port, options.host);
    try {
      await Promise.race([once(server, "listening"), once(server, "error").then(([error]) => { throw new CliError("cli.port_unusable", `The viewer cannot listen on ${options.host}:${String(port)}`, { cause: error }); })]);
      const bound = server.address();
      const at = typeof bound === "object" && bound !== null ? bound.port : port;
      await ready({
        json: { url: url.origin, port: at, shop: roster.shop, vault: description.vaultId, roster: roster.sequence, entersEvents: hostKeys !== null, entered, pid: process.pid },
        text: [
          `The viewer for ${roster.shop} answers at ${url.origin}, by roster ${String(roster.sequence)} of ${roster.at}.`,
          hostKeys === null ? "This host has no keys of the vault: responders bring an identity, and what they do is kept here until the vault's host enters it into the ledger." : "What responders do goes into the vault's ledger.",
          "Press Ctrl-C to stop it.",
        ].join("\n"),
      });
      if (!cli.signal.aborted) await once(cli.signal, "abort");
    } finally {
      server.close();
      server.closeAllConnections();
      await viewer.close();
      // The ends of the sessions that were open are among what waits now.
      if (hostKeys !== null) await enterWaiting({ cli, store, vaultId: description.vaultId, hostKeys, outbox });
      await outbox.close();
    }
  });
}

/** What earlier viewers on this machine had to leave here. A storage that is away keeps nobody from looking. */
async function enterWaiting({ cli, store, vaultId, hostKeys, outbox }: Pick<Given, "cli" | "store" | "outbox"> & { readonly vaultId: string; readonly hostKeys: HostKeys }): Promise<number> {
  const signer = { signerFor: () => Promise.resolve({ name: originOf(vaultId), privateKey: hostKeys.signingKey }) };
  try {
    return (await enterAll(outbox, await directLedger({ signer, clock: cli.clock }, vaultId, store), vaultId)).entered;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    cli.warn("What earlier sessions did could not be entered into the ledger yet; it is kept here.");
    return 0;
  }
}

interface Given {
  readonly cli: Cli;
  readonly store: ObjectStore;
  readonly description: Awaited<ReturnType<typeof readVaultDescription>>;
  readonly hostKeys: HostKeys | null;
  readonly opener: KeyOpener | null;
  readonly clientSecret: string | null;
  readonly outbox: FileOutbox;
  readonly log: Log;
  readonly shop: string;
}

/** The roster is read anew for each person who signs in, and every half minute after that: somebody may have been taken off. */
function onePlace({ cli, store, description, hostKeys, opener, clientSecret, outbox, log, shop }: Given): ViewerPlaces {
  const { vaultId } = description;
  const signer = { signerFor: () => Promise.resolve(hostKeys === null ? null : { name: originOf(vaultId), privateKey: hostKeys.signingKey }) };
  const events = viewEvents({
    vaultId,
    clock: cli.clock,
    log,
    usual: null,
    own: outbox,
    enter: async () => (hostKeys === null ? null : enterAll(outbox, await directLedger({ signer, clock: cli.clock }, vaultId, store), vaultId)),
  });
  const reading = new ReadOnlyStore(store);
  return {
    only: () => Promise.resolve(shop),
    find: async (asked) => {
      if (asked !== shop) return null;
      const roster = await readRoster(reading, description);
      const signIn = roster?.signIn ?? null;
      const place: ViewerPlace = {
        shop,
        store: reading,
        description,
        signIn: signIn === null ? null : { issuer: signIn.issuer, clientId: signIn.clientId, clientSecret, groupsClaim: signIn.groupsClaim, groups: signIn.groups },
        ...(roster === null ? {} : { roster: roster.sequence }),
        indexKey: hostKeys?.indexKey ?? null,
        opener,
        events,
        rolesOf: async (person) => rolesByRoster(await readRoster(reading, description), person),
        ask: null,
        suspended: () => Promise.resolve(),
      };
      return place;
    },
  };
}

/** One line of JSON an event on stderr, for whoever watches: pages and codes, nothing that anybody typed. */
function stderrLog(cli: Cli): Log {
  const write = (level: string) => (event: string, fields: object = {}): void => void cli.stderr.write(`${JSON.stringify({ time: cli.clock.now().toISOString(), level, event, ...fields })}\n`);
  return { info: write("info"), warn: write("warn"), error: write("error") };
}

export interface ViewerRosterOptions {
  readonly shop: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly groupsClaim: string;
  readonly group?: readonly string[];
  readonly responder?: readonly string[];
  readonly withSecret?: boolean;
}

export async function viewerRoster(cli: Cli, address: string, options: ViewerRosterOptions): Promise<CommandResult> {
  const wrong = badIssuer(options.issuer, () => true);
  if (wrong !== null) throw new CliError("cli.usage", `That is no issuer: ${wrong}`);
  const store = await openStore(address);
  const description = await readVaultDescription(store);
  const hostKeys = await new HostKeyring(cli.home).get(description.vaultId);
  if (hostKeys === null) throw new CliError("cli.no_host_keys", `This host has no keys for vault ${description.vaultId}, which was made elsewhere`);
  const responders = (options.responder ?? []).map((code) => code.replace(/^responder:/, ""));
  if (responders.some((code) => !/^[A-Za-z0-9_-]{1,128}$/.test(code))) throw new CliError("cli.usage", "A responder is named by the code that the viewer shows them");
  const signIn: Roster["signIn"] = { issuer: options.issuer, clientId: options.clientId, groupsClaim: options.groupsClaim, groups: [...(options.group ?? [])], secret: options.withSecret === true };
  const { roster, digest } = await putRoster({ store, description, signingKey: hostKeys.signingKey, clock: cli.clock }, { shop: options.shop, signIn, responders });
  const { vaultId } = description;
  await ledgerOf(cli, store, vaultId, hostKeys).append([{ actor: "cli", action: "roster.published", subject: { vault: vaultId, shop: options.shop, sequence: roster.sequence, digest, responders: responders.length, groups: signIn.groups.length }, outcome: "done" }]);
  return {
    json: { shop: options.shop, vault: vaultId, roster: roster.sequence, responders: responders.length, groups: signIn.groups.length },
    text: `Roster ${String(roster.sequence)} of ${options.shop}: ${plural(responders.length, "responder")} by code, ${plural(signIn.groups.length, "group")}.`,
  };
}
