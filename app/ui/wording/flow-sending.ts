/** Why Flow did not take an event, and what to do. */
import type { FlowSendCode } from "#app/workflows/ports/flow.ts";

interface Words {
  readonly happened: string;
  readonly todo: string;
}

const SEND: Readonly<Record<FlowSendCode, Words>> = {
  "flow.busy": { happened: "Shopify asked us to slow down.", todo: "It is tried again by itself." },
  "flow.unreachable": { happened: "Shopify could not be reached.", todo: "It is tried again by itself for a day. If Shopify was down for longer, press Send again." },
  "flow.not_connected": { happened: "The app has no working session for this store.", todo: "Open the app from the Shopify admin once, then press Send again." },
  "flow.unknown_trigger": { happened: "Flow does not know this trigger.", todo: "This version of the app was not deployed with its Flow extensions. Ask whoever runs the app to deploy it; no workflow can have missed it." },
  "flow.refused": { happened: "Flow did not take what it was sent.", todo: "The extensions and the app may be of two versions. Ask whoever runs the app to deploy it again, then press Send again." },
  "flow.failed": { happened: "Holdfast failed while it sent this.", todo: "It is tried again by itself for a day. If it ends as not taken, send the code to support." },
};

export function sendWords(code: string): Words {
  return (SEND as Readonly<Record<string, Words | undefined>>)[code] ?? { happened: `It failed (${code}).`, todo: "Press Send again. If it fails again, send the code to support." };
}
