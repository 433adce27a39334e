/** One SSH connection, made when it is needed and made again after it broke; its calls as promises. */
import type SftpClient from "ssh2-sftp-client";
import { StoreError } from "#app/vault/index.ts";
import { withDeadline, type Patience } from "../shared/deadline.ts";
import { nameOf, storeErrorFor } from "../shared/http-error.ts";

export type Sftp = Awaited<ReturnType<SftpClient["connect"]>>;

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  /** Path of an ssh-agent's socket. */
  readonly agent?: string | undefined;
  /** Null: this is the server that is meant; else why not, for a person. `key` is the public key in SSH's wire format. */
  refuseHostKey(key: Buffer): string | null;
}

/** A connection that is silent for three of these is dead. */
const KEEPALIVE_MS = 10_000;

export class Connection {
  readonly #login: Login;
  readonly #patience: Patience;
  readonly #make: () => Promise<SftpClient>;
  #open: Promise<{ client: SftpClient; sftp: Sftp }> | null = null;

  constructor(login: Login, patience: Patience, make: () => Promise<SftpClient>) {
    this.#login = login;
    this.#patience = patience;
    this.#make = make;
  }

  /** Runs `work` within `ms`. When it takes longer, or the connection broke, the next call gets a fresh connection. */
  async use<T>(ms: number, what: string, work: (sftp: Sftp) => Promise<T>): Promise<T> {
    const open = (this.#open ??= this.#connect());
    try {
      const { sftp } = await open;
      return await withDeadline(ms, what, (signal) => {
        signal.addEventListener("abort", () => { this.#drop(open); });
        return work(sftp);
      });
    } catch (error) {
      if (isBroken(error)) {
        this.#drop(open);
        throw new StoreError("store.unreachable", `${what}: the connection broke (${nameOf(error) ?? "no answer"}).`, { retry: "later", cause: error });
      }
      throw error;
    }
  }

  async #connect(): Promise<{ client: SftpClient; sftp: Sftp }> {
    const { refuseHostKey, ...login } = this.#login;
    const client = await this.#make();
    let refusal: string | null = null;
    const given = Object.fromEntries(Object.entries(login).filter(([, value]) => value !== undefined)) as Omit<Login, "refuseHostKey">;
    try {
      const sftp = await withDeadline(this.#patience.answerMs, `Connecting to ${login.host}`, () =>
        client.connect({
          ...given,
          hostVerifier: (key: Buffer) => (refusal = refuseHostKey(key)) === null,
          keepaliveInterval: KEEPALIVE_MS,
          keepaliveCountMax: 3,
          readyTimeout: this.#patience.answerMs,
        }),
      );
      // Small questions, each waiting for its answer: held back to be sent together (RFC 896) every one costs 40 ms.
      transport(client).setNoDelay(true);
      return { client, sftp };
    } catch (error) {
      this.#open = null;
      client.end().catch(() => undefined);
      if (refusal !== null) throw new StoreError("store.refused", refusal, { cause: error });
      const said = error instanceof Error ? error.message : "";
      if (/authentication methods failed|Cannot parse privateKey|passphrase/i.test(said)) {
        throw new StoreError("store.refused", `${login.host} did not accept user ${login.username} with the keys or the password at hand.`, { cause: error });
      }
      const translated = storeErrorFor({ doing: "read", key: login.host, name: nameOf(error), cause: error });
      throw translated instanceof StoreError && translated.retry === "later" ? translated : new StoreError("store.unreachable", `${login.host} cannot be reached (${nameOf(error) ?? "no answer"}).`, { retry: "later", cause: error });
    }
  }

  #drop(open: Promise<{ client: SftpClient }>): void {
    if (this.#open === open) this.#open = null;
    // The socket itself, not a polite end: nobody may be listening.
    open.then(({ client }) => { transport(client).destroy(); }, () => undefined);
  }
}

/** The SSH connection beneath the library's client, which has no other way to it. */
function transport(client: SftpClient): { destroy(): void; setNoDelay(on: boolean): void } {
  return (client as unknown as { client: { destroy(): void; setNoDelay(on: boolean): void } }).client;
}

/** A call in node's style as a promise. A wrapper whose connection is gone throws at once. */
export function call<T = void>(start: (done: (error: Error | null | undefined, result?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error) reject(error);
      else resolve(result as T);
    });
  });
}

/** SSH_FXP_STATUS codes (draft-ietf-secsh-filexfer-02, section 7). */
export const STATUS = { noSuchFile: 2, permissionDenied: 3, failure: 4, noConnection: 6, connectionLost: 7, unsupported: 8 } as const;

export function statusOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "number" ? code : undefined;
}

function isBroken(error: unknown): boolean {
  if (error instanceof StoreError) return false;
  const status = statusOf(error);
  if (status !== undefined) return status === STATUS.noConnection || status === STATUS.connectionLost;
  return error instanceof Error && (/No response from server|Not connected|Channel|ended|closed|write after end/i.test(error.message) || /^(?:ECONN|EPIPE|ETIMEDOUT)/.test(nameOf(error) ?? ""));
}
