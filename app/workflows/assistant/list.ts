/** Scenarios to choose from, and the runs of a shop. */
import { TREES } from "#app/response/index.ts";
import type { AssistantRunRow, Ports } from "../ports.ts";

export interface ListedAssistant {
  readonly now: Date;
  readonly scenarios: readonly { readonly id: string; readonly title: string; readonly when: string; readonly version: string }[];
  /** Newest first. */
  readonly runs: readonly (AssistantRunRow & { readonly title: string })[];
}

const MOST = 50;

export async function listAssistant(ports: Required<Pick<Ports, "assistantRuns">> & Pick<Ports, "clock">, { shop }: { readonly shop: string }): Promise<ListedAssistant> {
  const runs = await ports.assistantRuns.list(shop, MOST);
  return {
    now: ports.clock.now(),
    scenarios: TREES.map(({ id, title, when, version }) => ({ id, title, when, version })),
    runs: runs.map(titled),
  };
}

/** Those that have not ended, newest first. */
export async function openAssistantRuns({ assistantRuns }: Required<Pick<Ports, "assistantRuns">>, { shop }: { readonly shop: string }): Promise<ListedAssistant["runs"]> {
  return (await assistantRuns.list(shop, MOST)).filter(({ state }) => state === "open" || state === "decided").map(titled);
}

/** Longer than this without a step, and it is thought to be forgotten rather than open. */
const FORGOTTEN_MS = 7 * 86_400_000;

/** The id of the run that somebody is in the middle of. Null: there is none. */
export async function newestOpenRun({ assistantRuns, clock }: Pick<Ports, "assistantRuns" | "clock">, { shop }: { readonly shop: string }): Promise<string | null> {
  const open = assistantRuns === undefined ? [] : await openAssistantRuns({ assistantRuns }, { shop });
  return open.find(({ lastAt }) => clock.now().getTime() - lastAt.getTime() < FORGOTTEN_MS)?.id ?? null;
}

function titled(run: AssistantRunRow): ListedAssistant["runs"][number] {
  return { ...run, title: TREES.find(({ id }) => id === run.scenario)?.title ?? run.scenario };
}
