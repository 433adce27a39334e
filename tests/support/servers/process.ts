/** Starting other people's servers for a test: free ports, waiting until they answer, ending them. */
import { createServer } from "node:net";
import { connect } from "node:net";

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise<import("node:net").Server>((resolve, reject) => {
      const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => { resolve(server); });
    })),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Asks again until it is so. Throws after `ms`. */
export async function until(what: string, ms: number, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + ms;
  for (;;) {
    if (await isSo().catch(() => false)) return;
    if (performance.now() > end) throw new Error(`${what} did not come up within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export const answers = (url: string): Promise<boolean> => fetch(url).then((answer) => answer.body?.cancel().then(() => true) ?? true);

export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    }).once("error", () => { resolve(false); });
  });

/** TERM, and KILL for what does not listen to it. */
export async function stopProcess(pid: number): Promise<void> {
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  if (!alive()) return;
  process.kill(pid, "SIGTERM");
  await until("the end of a server", 5000, () => Promise.resolve(!alive())).catch(() => {
    process.kill(pid, "SIGKILL");
  });
}
