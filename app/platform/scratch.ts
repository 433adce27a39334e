/** Scratch room on this host's disk. What is written there is sealed to a key that exists in memory only, so a crash leaves nothing readable. */
import { mkdirSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { newIdentity, openerFor } from "#app/keys/index.ts";
import { FilesystemStore } from "#app/stores/index.ts";
import type { Scratch } from "#app/workflows/ports.ts";
import { alive } from "./database/start-lock.ts";

/** Rooms are named after the process that made them; those of dead processes are removed by `sweep`. */
export function scratchRooms(folder: string): Scratch & { sweep(): Promise<number> } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    open: async () => {
      const room = await mkdtemp(join(folder, `${process.pid}-`));
      const identity = await newIdentity("P-256");
      mkdirSync(join(room, "spill"), { mode: 0o700 });
      return {
        directory: join(room, "spill"),
        store: new FilesystemStore(join(room, "store")),
        recipient: identity.recipient,
        opener: openerFor(identity),
        remove: () => rm(room, { recursive: true, force: true }),
      };
    },
    sweep: async () => {
      const dead = readdirSync(folder).filter((name) => !alive(Number(name.split("-")[0])));
      for (const name of dead) await rm(join(folder, name), { recursive: true, force: true });
      return dead.length;
    },
  };
}
