/** Adds and removes recipients with keys that a browser unwrapped. */
import { z } from "zod";
import { rotateKeys } from "../../keys/rotate-keys.ts";
import { refreshLink } from "../../keys/refresh-link.ts";
import { failureOf } from "../../shared/failure.ts";
import type { CustodyContext, WorkDone } from "../run-custody.ts";

const Added = z.array(z.object({ keyId: z.string().min(16).max(200), jwk: z.record(z.string(), z.string()).and(z.object({ kty: z.string() })) }));

export async function rotateWork({ ports, run, keeper, store, hostKeys, ledger, opener, signal }: CustodyContext): Promise<WorkDone> {
  const add = Added.parse(JSON.parse(String(run.input["add"])));
  const remove = String(run.input["remove"]).split(" ").filter((keyId) => keyId !== "");
  const reason = String(run.input["reason"]);
  try {
    const rotated = await rotateKeys({
      store,
      opener,
      add,
      remove,
      signingKey: hostKeys.signingKey,
      ledger,
      clock: ports.clock,
      actor: run.requestedBy,
      ...(reason === "" ? {} : { reason }),
      signal,
      onProgress: (done, total) => keeper.report({ step: "wrap", records: done, expected: total }),
    });
    await refreshLink(ports, run.shop, store);
    return { passed: true, code: "keys.rotated", result: String(rotated.sequence) };
  } catch (error) {
    const failure = failureOf(error);
    // A refusal of the vault is an outcome that the person can read; what may be tried again is thrown on.
    if (failure === null || failure.retry === "later" || !failure.code.startsWith("vault.")) throw error;
    return { passed: false, code: failure.code };
  }
}
