/** Walks a run of the assistant the way a person does, with look-ups that come out as the test wants. */
import { nodeOf, type Answer, type Path, type Selection, type Tree, type TreeNode } from "#app/response/index.ts";
import { append } from "#app/workflows/assistant/append.ts";
import { readRun, takeStep, type AssistantPorts, type TakenStep } from "#app/workflows/assistant/index.ts";
import type { FakeProcess } from "#tests/support/fakes-ports.ts";
import { SHOP, STAFF } from "../support/linked-shop.ts";

export const ANA = STAFF;
export const BEN = { kind: "staff", id: "77", shop: SHOP } as const;

export type Asked = Parameters<typeof takeStep>[1]["step"];

/** As somebody who has just loaded the page. */
export async function take(process: FakeProcess, runId: string, step: Asked, actor: typeof ANA | typeof BEN = ANA): Promise<TakenStep> {
  const read = await readRun(process.assistantRuns, SHOP, runId);
  process.time.advance(1000);
  return takeStep(process, { shop: SHOP, actor, runId, after: read!.run.steps, step });
}

export async function taken(...asked: Parameters<typeof take>): Promise<void> {
  const outcome = await take(...asked);
  if (outcome.kind !== "taken") throw new Error(`${JSON.stringify(asked[2])} came out as ${JSON.stringify(outcome)}`);
}

/** Looked up again, by somebody else's hand: this is what it finds. */
export async function find(ports: AssistantPorts, runId: string, outcome: string, facts: { name: string; value: string | number | boolean }[] = []): Promise<number> {
  const read = (await readRun(ports.assistantRuns, SHOP, runId))!;
  const node = read.run.current;
  if (node.kind !== "check") throw new Error(`${node.id} looks nothing up`);
  const n = read.run.steps + 1;
  await append(ports, { shop: SHOP, runId }, read, { n, at: ports.clock.now().toISOString(), by: "staff:42", what: "looked-up", node: node.id, check: node.check, outcome, facts });
  return n;
}

export const DAMAGE = "2026-03-01T10:00:00.000Z";
export const CHOSEN: Selection = { what: "kinds", kinds: ["Customer"] };
const PERSON: Selection = { what: "records", ids: ["gid://shopify/Customer/7"] };

/** The answer of that code. */
export function answerOf(node: TreeNode, code: string, lookup: number): Answer {
  switch (node.kind) {
    case "question":
      return { kind: "choice", id: code };
    case "moment":
      return { kind: "moment", at: code === "unknown" ? null : DAMAGE };
    case "what":
      return { kind: "what", selection: node.offers.includes("kinds") ? CHOSEN : PERSON };
    case "check":
      return { kind: "seen", lookup };
    default:
      return { kind: code as "done" | "cannot" };
  }
}

/** Walks one path to its end. */
export async function walk(process: FakeProcess, runId: string, tree: Tree, path: Path): Promise<void> {
  for (const { node: id, answer } of path) {
    if (answer === null) return;
    const node = nodeOf(tree, id)!;
    const lookup = node.kind === "check" ? await find(process, runId, answer) : 0;
    await taken(process, runId, { what: "answered", node: id, answer: answerOf(node, answer, lookup) });
  }
}
