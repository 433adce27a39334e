/** One SSH connection, made when it is needed and made again after it broke; its calls as promises. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type SftpClient from "ssh2-sftp-client";
import { StoreError } from "#app/vault/index.ts";
import { withDeadline, type Patience } from "../shared/deadline.ts";
import { nameOf } from "../shared/http-error.ts";

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

interface Open {
  readonly client: SftpClient;
  readonly sftp: Sftp;
  readonly socket: Socket;
}

export class Connection {
  readonly #login: Login;
  readonly #patience: Patience;
  readonly #make: () => Promise<SftpClient>;
  #open: Promise<Open> | null = null;
  #uses = 0;

  constructor(login: Login, patience: Patience, make: () => Promise<SftpClient>) {
    this.#login = login;
    this.#patience = patience;
    this.#make = make;
  }

  /** Runs `work` within `ms`. When it takes longer, or the connection broke, the next call gets a fresh connection. */
  async use<T>(ms: number, what: string, work: (sftp: Sftp) => Promise<T>): Promise<T> {
    const open = (this.#open ??= this.#connect());
    let socket: Socket | null = null;
    try {
      const connected = await open;
      socket = connected.socket;
      // An idle connection keeps no process alive.
      if (this.#uses++ === 0) socket.ref();
      return await withDeadline(ms, what, (signal) => {
        signal.addEventListener("abort", () => { this.#drop(open); });
        return unlessClosed(connected.socket, work(connected.sftp));
      });
    } catch (error) {
      if (isBroken(error)) {
        this.#drop(open);
        throw new StoreError("store.unreachable", `${what}: the connection broke (${nameOf(error) ?? "no answer"}).`, { retry: "later", cause: error });
      }
      throw error;
    } finally {
      if (socket !== null && --this.#uses === 0) socket.unref();
    }
  }

  async #connect(): Promise<Open> {
    const { refuseHostKey, host, port, ...login } = this.#login;
    let refusal: string | null = null;
    let socket: Socket | undefined;
    try {
      return await withDeadline(this.#patience.answerMs, `Connecting to ${host}`, async (signal) => {
        signal.addEventListener("abort", () => socket?.destroy());
        socket = connect({ host, port });
        // Small questions, each waiting for its answer: held back to be sent together (RFC 896) every one costs 40 ms.
        socket.setNoDelay(true);
        // Many calls at once listen for its end.
        socket.setMaxListeners(0);
        await once(socket, "connect");
        socket.on("error", () => undefined);
        const client = await this.#make();
        const given = Object.fromEntries(Object.entries(login).filter(([, value]) => value !== undefined)) as Omit<Login, "refuseHostKey" | "host" | "port">;
        const sftp = await client.connect({ ...given, host, port, sock: socket, hostVerifier: (key: Buffer) => (refusal = refuseHostKey(key)) === null, readyTimeout: this.#patience.answerMs });
        return { client, sftp, socket };
      });
    } catch (error) {
      this.#open = null;
      socket?.destroy();
      if (refusal !== null) throw new StoreError("store.refused", refusal, { cause: error });
      if (error instanceof StoreError) throw error;
      const said = error instanceof Error ? error.message : "";
      if (/authentication methods failed|Cannot parse privateKey|passphrase/i.test(said)) {
        throw new StoreError("store.refused", `${host} did not accept user ${login.username} with the keys or the password at hand.`, { cause: error });
      }
      throw new StoreError("store.unreachable", `${host} cannot be reached (${nameOf(error) ?? "no answer"}).`, { retry: "later", cause: error });
    }
  }

  #drop(open: Promise<Open>): void {
    if (this.#open === open) this.#open = null;
    // The socket itself, not a polite end: nobody may be listening.
    open.then(({ socket }) => socket.destroy(), () => undefined);
  }
}

/** `work`, or a rejection when the connection ends: the library forgets to tell calls that are under way. */
function unlessClosed<T>(socket: Socket, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const broke = (): void => { reject(Object.assign(new Error("the connection ended"), { code: "ECONNRESET" })); };
    if (socket.destroyed) broke();
    socket.once("close", broke);
    work.then(resolve, reject).finally(() => socket.off("close", broke));
  });
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
