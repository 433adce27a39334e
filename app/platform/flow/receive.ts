/**
 * What Shopify Flow sends: steps of workflows that ask for something, and word of which triggers have a workflow. Signed with the app's secret over the raw body; what
 * they are about stands in the body. Every answer takes a statement or two: Flow waits ten seconds for an action, five for a callback
 * (https://shopify.dev/docs/apps/build/flow/actions/endpoints, …/track-lifecycle-events).
 */
import { z } from "zod";
import { askFromFlow, type AskPorts, type FlowAnswer } from "#app/workflows/flow/ask.ts";
import { heardFromFlow, type HearPorts } from "#app/workflows/flow/listen.ts";
import { flowRefusal } from "#app/ui/wording/flow.ts";
import { SHOP } from "../capture/read-webhook.ts";
import { jsonOf, signedBody } from "../http/signed-body.ts";
import type { Log } from "../log.ts";
import type { Shops } from "../shops.ts";

export interface FlowInbox {
  /**
   * 200 done, with `return_value`; 202 under way, with Retry-After; 4xx final, with a sentence for the merchant: 401 bad or missing signature, 404 no such action, 405 not POST, 413 too large,
   * 422 refused; 503 come again.
   */
  action(request: Request, handle: string): Promise<Response>;
  /** 200 heard (or heard before); 401, 405, 413 as above; 400 no callback; 503 come again. */
  lifecycle(request: Request): Promise<Response>;
}

export interface FlowInboxOptions {
  readonly ports: AskPorts & HearPorts;
  readonly shops: Pick<Shops, "get">;
  /** The app's secret now and, while a rotation lasts, the one before. */
  readonly secrets: () => readonly string[];
  readonly log: Pick<Log, "failure">;
}

/** Our fields take a few dozen bytes; Flow's own names the rest. */
export const MOST_FLOW_BYTES = 64 * 1024;

const Domain = z.string().toLowerCase().regex(SHOP);
/** Ids of the platform's: UUIDs today; whatever they are, they are short and plain. */
const Id = z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/);
const Step = z.object({
  shopify_domain: Domain,
  action_run_id: Id,
  handle: z.string().max(100).optional(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});
const Callback = z.object({ shopify_domain: Domain, flow_trigger_definition_id: z.string().min(1).max(200), has_enabled_flow: z.boolean(), timestamp: z.iso.datetime({ offset: true }) });

export function flowInbox({ ports, shops, secrets, log }: FlowInboxOptions): FlowInbox {
  const installed = async (shop: string): Promise<boolean> => {
    const known = await shops.get(shop);
    return known !== null && known.uninstalledAt === null;
  };
  return {
    action: async (request, handle) => {
      const body = await signedBody(request, secrets(), MOST_FLOW_BYTES);
      if (body instanceof Response) return body;
      const step = Step.safeParse(jsonOf(body));
      if (!step.success) return sentence(422, "request.invalid");
      const { shopify_domain: shop, action_run_id: actionRunId, properties } = step.data;
      // The signature covers the body and not the address: what is asked for is what the body says.
      const asked = step.data.handle ?? handle;
      try {
        if (!(await installed(shop))) return sentence(422, "flow.unknown_shop");
        return answer(await askFromFlow(ports, { shop, actionRunId, handle: asked, properties: properties ?? {} }));
      } catch (error) {
        log.failure("flow.not_answered", error, { shop });
        // Nothing was promised: Flow asks again.
        return new Response(null, { status: 503, headers: { "Retry-After": "30" } });
      }
    },
    lifecycle: async (request) => {
      const body = await signedBody(request, secrets(), MOST_FLOW_BYTES);
      if (body instanceof Response) return body;
      const callback = Callback.safeParse(jsonOf(body));
      if (!callback.success) return new Response(null, { status: 400 });
      const { shopify_domain: shop, flow_trigger_definition_id: trigger, has_enabled_flow: enabled, timestamp } = callback.data;
      try {
        // A shop that has left may still switch its workflows off.
        await heardFromFlow(ports, { shop, trigger, enabled, at: new Date(timestamp) });
        return new Response(null, { status: 200 });
      } catch (error) {
        log.failure("flow.not_heard", error, { shop });
        return new Response(null, { status: 503, headers: { "Retry-After": "30" } });
      }
    },
  };
}

function answer(answered: FlowAnswer): Response {
  switch (answered.kind) {
    case "done":
      return Response.json({ return_value: answered.result });
    case "pending":
      return new Response(null, { status: 202, headers: { "Retry-After": String(answered.afterSeconds) } });
    case "bad-field":
      return sentence(422, "flow.bad_field", answered.field.name, answered.field.description);
    case "unknown-action":
      return sentence(404, "flow.unknown_action");
    default:
      return sentence(422, answered.code);
  }
}

/** Flow shows the body of a final answer to the merchant. */
function sentence(status: number, code: string, ...about: readonly string[]): Response {
  return new Response(flowRefusal(code, ...about), { status, headers: { "Content-Type": "text/plain; charset=utf-8" } });
}
