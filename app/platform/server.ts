/** The process: reads the environment, composes the app, serves it until it is told to stop, and then lets work end before it goes. */
import { compose } from "./compose.server.ts";
import { EnvError, readEnv, readEnvFile } from "./env.server.ts";
import type { Env } from "./env.server.ts";
import { listen, webServer } from "./http/web-server.ts";
import { operatorServer } from "./http/operator-pages.ts";
import { vitePages } from "./http/vite-pages.ts";

/** Nothing may keep the process longer than this once it was told to stop; whoever runs it would kill it. */
const STOP_MS = 25_000;

async function main(env: Env): Promise<void> {
  const app = await compose(env);
  const development = env.mode === "development" && env.role !== "worker" ? await vitePages() : null;
  const http = env.role === "worker" ? null : await listen(await webServer(app, env, development), env);
  const operator = env.metricsAt === null ? null : await listen(operatorServer({ health: app.health, metrics: app.metrics, token: env.metricsToken }), env.metricsAt);
  const viewer = env.role === "worker" ? null : await app.viewer.listen();
  app.log.info("started", { role: env.role, ...(http ? { host: env.host, port: http.port } : {}), ...(operator ? { metricsPort: operator.port } : {}), ...(viewer ? { viewerPort: viewer.port } : {}), ms: Math.round(process.uptime() * 1000) });

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    app.log.info("stopping", { signal });
    setTimeout(() => process.exit(1), STOP_MS).unref();
    if (http) {
      http.server.close();
      http.server.closeIdleConnections();
    }
    await app.close();
    http?.server.closeAllConnections();
    operator?.server.close();
    operator?.server.closeAllConnections();
    await development?.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        app.log.failure("stop.failed", error);
        process.exit(1);
      });
    });
  }
}

try {
  readEnvFile();
  await main(readEnv());
} catch (error) {
  if (!(error instanceof EnvError)) throw error;
  process.stderr.write(`${error.message}\nSee .env.example.\n`);
  process.exitCode = 2;
}
