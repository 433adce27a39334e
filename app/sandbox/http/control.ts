/** The sandbox's own controls over loopback, for a shop that runs in another process. JSON only, so that no web page can reach them unasked. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ComplianceTopic, EditReport, EditsAsked, SandboxShop } from "../types.ts";
import { fieldsOfBody, readBody, sendJson } from "./body.ts";

export type Control = Pick<SandboxShop, "setFaults" | "counts" | "kindCounts" | "changeFraction" | "sendComplianceWebhook" | "uninstall" | "edit" | "startEdits"> & { readonly stopEdits: () => Promise<EditReport | null> };

const TOPICS: readonly string[] = ["customers/data_request", "customers/redact", "shop/redact"];

/** POST /sandbox/faults {…}, /sandbox/change {fraction, seed}, /sandbox/counts {children?}, /sandbox/compliance {topic, customerId?}, /sandbox/uninstall {} */
export async function serveControl(control: Control, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isJson = (request.headers["content-type"] ?? "").split(";")[0] === "application/json";
  const fields = fieldsOfBody(await readBody(request, 65_536), "application/json");
  if (!isJson || fields === null) return sendJson(response, 400, { errors: "Send a JSON object." });
  switch (path) {
    case "/sandbox/faults":
      control.setFaults(fields);
      return sendJson(response, 200, { faults: fields });
    case "/sandbox/counts":
      return sendJson(response, 200, { ...(fields["children"] === true ? control.counts({ children: true }) : control.counts()), ...(fields["kinds"] === true ? { kinds: control.kindCounts() } : {}) });
    case "/sandbox/change": {
      const { fraction, seed } = fields;
      if (typeof fraction !== "number" || !(fraction >= 0 && fraction <= 1)) return sendJson(response, 400, { errors: "fraction must be a number from 0 to 1." });
      return sendJson(response, 200, await control.changeFraction(fraction, typeof seed === "number" || typeof seed === "string" ? seed : ""));
    }
    case "/sandbox/edit": {
      const count = fields["count"];
      if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > 1_000_000) return sendJson(response, 400, { errors: "count must be a whole number from 0 to 1,000,000." });
      return sendJson(response, 200, await control.edit(count, editsFrom(fields)));
    }
    case "/sandbox/edits/start": {
      const perSecond = fields["perSecond"];
      if (typeof perSecond !== "number" || !(perSecond > 0 && perSecond <= 10_000)) return sendJson(response, 400, { errors: "perSecond must be a number above 0 and at most 10,000." });
      control.startEdits({ perSecond, ...editsFrom(fields) });
      return sendJson(response, 200, { perSecond });
    }
    case "/sandbox/edits/stop":
      return sendJson(response, 200, (await control.stopEdits()) ?? { changed: [], added: [], deleted: [] });
    case "/sandbox/compliance": {
      const topic = String(fields["topic"]);
      if (!TOPICS.includes(topic)) return sendJson(response, 400, { errors: `topic must be one of ${TOPICS.join(", ")}.` });
      await control.sendComplianceWebhook(topic as ComplianceTopic, typeof fields["customerId"] === "string" ? fields["customerId"] : undefined);
      return sendJson(response, 200, {});
    }
    case "/sandbox/uninstall":
      await control.uninstall();
      return sendJson(response, 200, {});
    default:
      return sendJson(response, 404, { errors: "Not Found" });
  }
}

function editsFrom(fields: Readonly<Record<string, unknown>>): EditsAsked {
  const { seed, kinds } = fields;
  return { ...(typeof seed === "number" || typeof seed === "string" ? { seed } : {}), ...(Array.isArray(kinds) ? { kinds: kinds.map(String) } : {}) };
}
