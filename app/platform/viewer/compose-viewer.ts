/** The downtime viewer in this process: its settings and their test for the admin's screens, its chores, and its own listener where the environment asks for one. */
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { join } from "node:path";
import type pg from "pg";
import { fileOutbox, oidcProvider, ViewerError, viewerServer } from "#app/viewer/index.ts";
import type { Clock, Ids, Ports, Random, SignInTests, ViewerSettings } from "#app/workflows/ports.ts";
import { publishRoster } from "#app/workflows/view/index.ts";
import type { Env } from "../env.server.ts";
import type { Chore } from "../jobs/maintenance.ts";
import { isPrivateAddress } from "../http/public-address.ts";
import type { Secret } from "../secrets/secret.ts";
import { sealer } from "../secrets/seal.ts";
import { enterAllKept } from "./enter-kept.ts";
import { viewerPlaces } from "./places.ts";
import { viewerSettings } from "./settings.ts";

export interface ViewerParts {
  /** Where browsers reach it; null: this host runs none. */
  readonly url: string | null;
  readonly settings: ViewerSettings;
  readonly tests: SignInTests;
  /** Starts the listener. Null: none is set up. */
  listen(): Promise<{ readonly server: Server; readonly port: number } | null>;
  readonly chores: readonly Chore[];
  close(): Promise<void>;
}

const ROSTER_MS = 300_000;
/** What is known of shops when the database goes is at most this old. */
const MEMORY_MS = 120_000;

/** Before the ports are: they hold it too. */
export function keptViewerSettings(pool: pg.Pool, secret: Secret<string>): ViewerSettings {
  return viewerSettings(pool, sealer(secret, "viewer sign-in"));
}

export function composeViewer(o: { readonly settings: ViewerSettings; readonly env: Pick<Env, "viewer" | "privateProvider" | "home">; readonly ports: Ports; readonly clock: Clock; readonly random: Random; readonly ids: Ids }): ViewerParts {
  const { env, ports, clock, random } = o;
  const { log } = ports;
  const { settings } = o;
  const own = fileOutbox(env.home, `${clock.now().toISOString().replace(/[:.]/g, "-")}-${String(process.pid)}-${randomUUID().slice(0, 8)}`);
  const mayCall = (address: string): boolean => env.privateProvider || !isPrivateAddress(address);
  const places = viewerPlaces({ ports, settings, own });
  const url = env.viewer?.url ?? null;
  let rememberedAt = -Infinity;
  let closeServer: () => Promise<void> = () => Promise.resolve();
  return {
    url,
    settings,
    tests: {
      test: async (setting, secret) => {
        try {
          const facts = await oidcProvider({ signIn: { ...setting, clientSecret: secret }, redirectUri: `${url ?? "https://viewer.invalid"}/callback`, now: () => clock.now().getTime(), mayCall }).facts();
          return { ok: true, pkce: facts.pkce, endsSessions: facts.endsSessions };
        } catch (error) {
          if (error instanceof ViewerError) return { ok: false, code: error.code };
          throw error;
        }
      },
    },
    listen: async () => {
      if (env.viewer === null) return null;
      const viewer = await viewerServer({ places, url: env.viewer.url, clock, random, log, scratchDirectory: join(env.home, "scratch"), mayCall });
      const { host, port } = env.viewer;
      const server = await new Promise<Server>((resolve, reject) => {
        const listening = viewer.web.listen(port, host);
        listening.once("error", reject);
        listening.once("listening", () => { resolve(listening); });
      });
      closeServer = async () => {
        server.close();
        server.closeAllConnections();
        await viewer.close();
      };
      const at = server.address();
      return { server, port: typeof at === "object" && at !== null ? at.port : port };
    },
    chores: [
      { name: "rosters", everyMs: ROSTER_MS, run: async () => {
        let published = 0;
        for (const shop of await settings.shops()) if ((await publishRoster(ports, shop)).kind === "published") published++;
        return published;
      } },
      // Its own disk and its own memory: each process does these for itself.
      { name: "viewer-events", run: () => enterAllKept(ports, settings, own) },
      { name: "viewer-memory", run: async () => {
        const now = clock.now().getTime();
        if (env.viewer !== null && now - rememberedAt >= MEMORY_MS) {
          rememberedAt = now;
          await places.remember();
        }
        return 0;
      } },
    ],
    close: async () => {
      await closeServer();
      await own.close();
    },
  };
}
