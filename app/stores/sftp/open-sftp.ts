/** sftp://user@host:port/absolute/path?host-key=…&fsync=no to the store behind it. */
import { StoreError, type ObjectStore } from "#app/vault/index.ts";
import type { Address } from "../shared/address.ts";
import { PATIENCE, type Patience } from "../shared/deadline.ts";
import { Connection } from "./connection.ts";
import { refuseHostKey } from "./host-key.ts";
import { SftpStore } from "./sftp-store.ts";

export interface SftpCredentials {
  readonly kind: "sftp";
  /** PEM or OpenSSH. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  /** Path of an ssh-agent's socket. */
  readonly agent?: string | undefined;
  /** The text of known_hosts, for an address without host-key=. */
  readonly knownHosts?: string | undefined;
}

export const SFTP_PARAMETERS = ["host-key", "fsync"] as const;

/** Nothing is sent yet. */
export async function openSftp(address: Address, credentials: SftpCredentials | undefined, patience: Patience = PATIENCE): Promise<ObjectStore> {
  const { user, host, path, parameters } = address;
  const port = address.port ?? 22;
  if (host === "" || user === "") throw bad("write sftp://user@host:port/absolute/path");
  if (path === "") throw bad("it names no directory; write sftp://user@host:port/absolute/path");
  const fingerprint = parameters.get("host-key");
  if (fingerprint !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}$/.test(fingerprint)) throw bad("host-key= is SHA256: and 43 characters, as ssh-keygen -l prints it, with + written as %2B");
  const fsync = parameters.get("fsync");
  if (fsync !== undefined && fsync !== "no") throw bad("fsync= is no, or left out");
  const { privateKey, passphrase, password, agent, knownHosts = "" } = credentials ?? {};
  if (privateKey === undefined && password === undefined && agent === undefined) {
    throw new StoreError("store.refused", "There is no key for the SFTP server: give one in HOLDFAST_SFTP_KEY (a file), through ssh-agent, or as ~/.ssh/id_ed25519.");
  }
  const connection = new Connection(
    { host: host.replace(/^\[|\]$/g, ""), port, username: user, privateKey, passphrase, password, agent, refuseHostKey: (key) => refuseHostKey(key, { host, port, fingerprint, knownHosts }) },
    patience,
    async () => new (await import("ssh2-sftp-client")).default("holdfast", { error: () => undefined, end: () => undefined, close: () => undefined }),
  );
  return new SftpStore({ connection, root: `/${path}`, durable: fsync !== "no", patience });
}

function bad(reason: string): StoreError {
  return new StoreError("store.bad_address", `The address cannot be used: ${reason}.`);
}
