/** `keys plan`: from what the storage shows to everybody, which key is due when. Takes no key at all. */
import { openStore, ReadOnlyStore } from "#app/stores/index.ts";
import { readKeyFacts } from "#app/vault/index.ts";
import { parsePeriod, type Period } from "#app/workflows/keys/period.ts";
import { planRotation } from "#app/workflows/keys/plan-rotation.ts";
import type { Cli, CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";

export interface KeysPlanOptions {
  readonly retention: string;
  readonly rotateEvery: string;
  readonly keyLife: string;
  readonly remove: readonly string[];
  readonly add: number;
  readonly destroy: readonly string[];
}

export async function keysPlan(cli: Cli, address: string, options: KeysPlanOptions): Promise<CommandResult> {
  const policy = {
    retention: period("--retention", options.retention),
    rotateEvery: options.rotateEvery === "never" ? null : period("--rotate-every", options.rotateEvery),
    keyLife: period("--key-life", options.keyLife),
  };
  const facts = await readKeyFacts(new ReadOnlyStore(await openStore(address)));
  const plan = planRotation(facts, policy, cli.clock.now(), { remove: options.remove, added: options.add, destroy: options.destroy });
  const day = (at: string): string => at.slice(0, 10);
  return {
    json: { vaultId: facts.vaultId, ok: plan.refusals.length === 0, ...plan },
    text: [
      "Recipients",
      ...plan.recipients.map(({ keyId, since, removed, neededUntil }) => `  ${keyId}  since ${day(since)}${removed === null ? "" : `, removed ${day(removed)}`}${neededUntil === null ? "" : `, alone opens what must be kept until ${day(neededUntil)}`}`),
      "Due",
      ...plan.due.map(({ at, overdue, what, key, why }) => `  ${day(at)}${overdue ? " (now)" : ""}  ${what}${key === null ? "" : `: ${key}`}\n              ${why}`),
      ...(plan.refusals.length === 0 ? [] : ["Refused", ...plan.refusals.map(({ sentence }) => `  ${sentence}`)]),
    ].join("\n"),
    finding: plan.refusals.length > 0,
  };
}

function period(option: string, text: string): Period {
  const parsed = parsePeriod(text);
  if (parsed === null) throw new CliError("cli.usage", `${option} is written like 6y, 18m or 90d`);
  return parsed;
}
