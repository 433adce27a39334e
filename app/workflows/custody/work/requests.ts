/** Carries out erasure requests of the platform, and keeps with each what became of it. */
import { carryOutErasures, type Answer, type ErasureRequest } from "../../compliance/carry-out.ts";
import { forgetPackages } from "../../compliance/packages.ts";
import { settleAnswer } from "../../compliance/settle.ts";
import type { CustodyContext, WorkDone } from "../run-custody.ts";

export async function requestsWork(context: CustodyContext): Promise<WorkDone> {
  const { ports, run, keeper, store, vault, hostKeys, ledger } = context;
  const asked: ErasureRequest[] = [];
  for (const id of String(run.input["requests"] ?? "").split(" ")) {
    const request = await ports.compliance.get(run.shop, id);
    if (request !== null && request.topic !== "customers/data_request" && request.state !== "answered") asked.push({ id, topic: request.topic, customerId: request.customerId, orderIds: request.orderIds });
  }
  if (asked.length === 0) return { passed: true, code: "compliance.nothing_to_do" };
  const answers = await carryOutErasures({
    store,
    vault,
    hostKeys,
    contentKeys: context.contentKeys,
    ledger,
    clock: ports.clock,
    random: ports.random,
    actor: run.requestedBy,
    shop: run.shop,
    requests: asked,
    signal: context.signal,
    onProgress: ({ step, done, total }) => keeper.report({ step, records: done, expected: total }),
  });
  for (const answer of answers) {
    await settleAnswer(ports, run.shop, answer);
    const request = asked.find(({ id }) => id === answer.id)!;
    // What was put together about somebody who is gone by now must go as well.
    if (answer.certificate !== null) await forgetPackages(ports, run.shop, store, request.topic === "shop/redact" ? "all" : request);
  }
  // The host's own view of what is no more, and what opened the storage.
  if (answers.some(({ id, final }) => final && asked.find((request) => request.id === id)!.topic === "shop/redact")) {
    await ports.catalog.clear(run.shop);
    await ports.credentials.forget(run.shop);
  }
  const worst = worstOf(answers);
  return { passed: answers.every(({ final, code }) => final || code === "compliance.held"), code: worst.code, ...(worst.certificate === null ? {} : { result: worst.certificate.object }) };
}

/** What a person is told of several: the one that still needs something, else the last. */
function worstOf(answers: readonly Answer[]): Answer {
  return answers.find(({ final, code }) => !final && code !== "compliance.held") ?? answers.find(({ code }) => code === "compliance.held") ?? answers.at(-1)!;
}
