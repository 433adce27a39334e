/** Starts a sandbox shop in this process. */
import { SandboxError } from "./types.ts";
import type { SandboxOptions, SandboxShop } from "./types.ts";

export async function startSandbox(options: SandboxOptions): Promise<SandboxShop> {
  throw new SandboxError("sandbox.bad_option", `not yet: ${Object.keys(options).length}`);
}
