/** `requests`: privacy requests of the platform, as the vault keeps them, and what became of each. */
import { readRequests, type RequestAnswer, type VaultRequest } from "#app/vault/index.ts";
import type { Cli, CommandResult } from "../cli.ts";
import { openToRead, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

const FINAL = ["compliance.erased", "compliance.nothing_held", "compliance.disclosed"];

export async function requests(cli: Cli, address: string, options: IdentityOptions): Promise<CommandResult> {
  return withScratch(cli.home, async (scratchDirectory) => {
    const { vault, store } = await openToRead(cli, address, options, scratchDirectory);
    const found = await readRequests(store, vault.description, vault.indexKey);
    const now = cli.clock.now();
    const rows = found.requests.map((request) => ({ ...request, answer: found.answers.get(request.requestId) ?? null }));
    const open = rows.filter(({ answer }) => answer === null || !FINAL.includes(answer.code));
    return {
      json: { requests: rows, damaged: found.damaged },
      text: [...(rows.length === 0 ? ["No requests."] : rows.map((row) => line(row, row.answer, now))), ...found.damaged.map((object) => `${object} is damaged`)].join("\n"),
      finding: found.damaged.length > 0 || open.some(({ dueAt }) => new Date(dueAt) < now),
    };
  });
}

function line({ requestId, topic, dueAt }: VaultRequest, answer: RequestAnswer | null, now: Date): string {
  if (answer !== null) return `${requestId}  ${topic}  ${answer.code} at ${answer.at} (${answer.by})`;
  const days = Math.floor((new Date(dueAt).getTime() - now.getTime()) / 86_400_000);
  return `${requestId}  ${topic}  ${days < 0 ? `overdue since ${dueAt}` : `due in ${days} ${days === 1 ? "day" : "days"}`}`;
}
