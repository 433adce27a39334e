/** Stands between a client and a real server on loopback and does to the connection what networks do. */
import { connect, createServer, type Socket } from "node:net";

export type NetworkFault =
  | { readonly kind: "none" }
  /** Takes what is sent and never answers, and never closes. */
  | { readonly kind: "half-open" }
  /** The next `times` requests are answered "503 Slow Down". HTTP only. */
  | { readonly kind: "busy"; times: number }
  /** The next `times` answers are lost: the server did the work, the client sees the connection break. */
  | { readonly kind: "lost-answer"; times: number }
  /** Answers come in at this many bytes a second. */
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  /** The next `times` connections break after so many bytes of answers. */
  | { readonly kind: "cut"; readonly afterBytes: number; times: number };

export interface FaultProxy {
  readonly port: number;
  fault: NetworkFault;
  /** Faults that have struck. */
  struck: number;
  close(): Promise<void>;
}

const TICK_MS = 50;

export async function faultProxy(to: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const proxy = { port: 0, fault: { kind: "none" } as NetworkFault, struck: 0, close: () => Promise.resolve() };
  const take = (fault: { times: number }): boolean => {
    if (fault.times <= 0) return false;
    fault.times--;
    proxy.struck++;
    return true;
  };
  const server = createServer((client) => {
    const upstream = connect(to, "127.0.0.1");
    let answered = 0;
    let cut = false;
    let counting: NetworkFault | null = null;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        // A half-open connection is one whose end nobody tells of.
        if (proxy.fault.kind !== "half-open") (socket === client ? upstream : client).destroy();
      });
    }
    client.on("data", (chunk) => {
      const { fault } = proxy;
      if (fault.kind === "half-open") {
        proxy.struck++;
        return;
      }
      if (fault.kind === "busy" && /^(?:GET|PUT|HEAD|POST|DELETE) /.test(chunk.toString("latin1", 0, 8)) && take(fault)) {
        client.end("HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        upstream.destroy();
        return;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      const { fault } = proxy;
      // "Go on sending" is no answer yet.
      const goOn = chunk.toString("latin1", 0, 12) === "HTTP/1.1 100";
      if (fault.kind === "half-open") return;
      if (fault.kind === "lost-answer" && !goOn && take(fault)) {
        client.destroy();
        return;
      }
      if (fault.kind === "cut") {
        // Connections are kept and used again: bytes are counted from when the fault was set.
        if (counting !== fault) {
          counting = fault;
          answered = 0;
          cut = take(fault);
        }
        if (cut && answered + chunk.byteLength > fault.afterBytes) {
          client.write(chunk.subarray(0, Math.max(0, fault.afterBytes - answered)), () => client.destroy());
          upstream.destroy();
          return;
        }
      }
      answered += chunk.byteLength;
      if (fault.kind === "slow") {
        proxy.struck++;
        trickle(client, upstream, chunk, fault.bytesPerSecond);
      } else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.port = (server.address() as { port: number }).port;
  proxy.close = async () => {
    proxy.fault = { kind: "none" };
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return proxy;
}

function trickle(client: Socket, upstream: Socket, chunk: Buffer, bytesPerSecond: number): void {
  upstream.pause();
  const step = Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1000));
  let at = 0;
  const timer = setInterval(() => {
    if (client.destroyed || at >= chunk.byteLength) {
      clearInterval(timer);
      upstream.resume();
      return;
    }
    client.write(chunk.subarray(at, at + step));
    at += step;
  }, TICK_MS);
}
