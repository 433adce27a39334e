/** Tells Flow of one event: flowTriggerReceive with the shop's offline token, asked once. Whether and when to ask again is for the row that it comes from. */
import { z } from "zod";
import { ShopifyClient, type ShopifyClientOptions } from "#app/sources/shopify/index.ts";
import { SourceError } from "#app/sources/port.ts";
import type { FlowSender, FlowSent } from "#app/workflows/ports.ts";

/** https://shopify.dev/docs/api/admin-graphql/latest/mutations/flowTriggerReceive. The payload's older form (`body`) is deprecated. */
const RECEIVE = /* GraphQL */ `
  mutation FlowTrigger($handle: String!, $payload: JSON!) {
    flowTriggerReceive(handle: $handle, payload: $payload) {
      userErrors {
        field
        message
      }
    }
  }
`;

const Answer = z.object({ flowTriggerReceive: z.object({ userErrors: z.array(z.object({ field: z.array(z.string()).nullish(), message: z.string() })) }).nullable() });

/** Below the time for which a delivery is claimed. */
const PATIENCE_MS = 30_000;

export function flowSender(clientOf: (shop: string) => Promise<ShopifyClientOptions>): FlowSender {
  return {
    send: async ({ shop, handle, payload }) => {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      try {
        const client = new ShopifyClient({ ...(await clientOf(shop)), patience: { attempts: 1, throttled: 0 } });
        const { flowTriggerReceive } = await client.query(RECEIVE, { handle, payload }, Answer, signal);
        const [error] = flowTriggerReceive?.userErrors ?? [];
        return error === undefined ? { kind: "sent" } : failed(isUnknown(error) ? "flow.unknown_trigger" : "flow.refused", "never");
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        return outcomeOf(error);
      }
    },
  };
}

/** For shops that have no Flow: whatever they are told of, nobody waits for it. */
export const noFlow: FlowSender = { send: () => Promise.resolve(failed("flow.unknown_trigger", "never")) };

/** What Flow says of a handle it does not know is written nowhere: any mention of it counts. The text itself goes nowhere, it may quote what was sent. */
function isUnknown({ field, message }: { readonly field?: readonly string[] | null | undefined; readonly message: string }): boolean {
  return field?.includes("handle") === true || /\bhandle\b|does not exist|not found/i.test(message);
}

function outcomeOf({ code, retry }: SourceError): FlowSent {
  switch (code) {
    case "source.throttled":
      return failed("flow.busy", "later");
    case "source.unauthorized":
      // Somebody who opens the app in the admin brings it back.
      return failed("flow.not_connected", "later");
    case "source.unreachable":
    case "source.cancelled":
    case "source.not_found":
      return failed("flow.unreachable", "later");
    default:
      return retry === "later" ? failed("flow.unreachable", "later") : failed("flow.refused", "never");
  }
}

function failed(code: Extract<FlowSent, { kind: "failed" }>["code"], retry: "never" | "later"): FlowSent {
  return { kind: "failed", code, retry };
}
