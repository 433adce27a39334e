/** A witness as https://c2sp.org/tlog-witness describes it, over HTTP on the loopback, built on the independent reader only. */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cosign, openNote, parseVkey, readCheckpoint, rootsOfConsistency, vkeyOf } from "./independent.ts";

export class WitnessServer {
  readonly name = "witness.example/w1";
  readonly #key = generateKeyPairSync("ed25519").privateKey;
  readonly vkey = vkeyOf(this.name, 4, this.#key);
  /** POSIX seconds. */
  time = 1_790_000_000;
  /** What it cosigned last, by origin. */
  readonly seen = new Map<string, { size: number; root: Buffer }>();
  /** Verifier keys of the logs it knows, by origin. */
  readonly logs = new Map<string, string>();
  readonly answers: number[] = [];
  /** Changes an answer before it is sent. */
  spoil: (status: number, body: string) => { status: number; body: string; type?: string } = (status, body) => ({ status, body });
  #server: Server | null = null;
  url = "";

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const right = request.method === "POST" && request.url === "/prefix/add-checkpoint";
        const answer = right ? this.#answer(Buffer.concat(chunks).toString("utf8")) : { status: 404, body: "" };
        const sent = { ...answer, ...this.spoil(answer.status, answer.body) };
        this.answers.push(sent.status);
        response.writeHead(sent.status, { "content-type": sent.type ?? "text/plain" }).end(sent.body);
      });
    });
    this.#server = server;
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((done) => this.#server?.close(done));
  }

  #answer(body: string): { status: number; body: string; type?: string } {
    const blank = body.indexOf("\n\n");
    const [first, ...hashes] = body.slice(0, blank).split("\n");
    const old = /^old (0|[1-9][0-9]*)$/.exec(first ?? "");
    if (blank === -1 || old === null || hashes.length > 63) return { status: 400, body: "" };
    const note = body.slice(blank + 2);
    const vkey = this.logs.get(note.split("\n")[0]!);
    if (vkey === undefined) return { status: 404, body: "" };
    let checkpoint: ReturnType<typeof readCheckpoint>;
    try {
      openNote(note, parseVkey(vkey));
      checkpoint = readCheckpoint(note, parseVkey(vkey));
    } catch {
      return { status: 403, body: "" };
    }
    const { origin, size, root, text } = checkpoint;
    const from = Number(old[1]);
    if (from > size) return { status: 400, body: "" };
    const seen = this.seen.get(origin) ?? { size: 0, root: Buffer.alloc(0) };
    if (from !== seen.size) return { status: 409, body: `${seen.size}\n`, type: "text/x.tlog.size" };
    if (from === size && !seen.root.equals(root)) return { status: 409, body: `${seen.size}\n`, type: "text/x.tlog.size" };
    try {
      const proof = hashes.map((hash) => Buffer.from(hash, "base64"));
      if (from === 0 ? proof.length > 0 : !rootsOfConsistency(from, size, seen.root, proof).every((got, i) => got.equals(i === 0 ? seen.root : root))) return { status: 422, body: "" };
    } catch {
      return { status: 422, body: "" };
    }
    this.seen.set(origin, { size, root });
    return { status: 200, body: cosign(text, this.name, this.#key, this.time) };
  }
}
