/** The sandbox's own controls over loopback, for a shop that runs in another process. JSON only, so that no web page can reach them unasked. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ComplianceTopic, EditReport, FlowStep, FlowTriggers, EditsAsked, OtherApp, SandboxShop, SchemaChanges } from "../types.ts";
import { SchemaChangeError } from "../schema/versions.ts";
import { fieldsOfBody, readBody, sendJson } from "./body.ts";

export interface Control {
  readonly shop: () => SandboxShop;
  readonly stopEdits: () => Promise<EditReport | null>;
}

const TOPICS: readonly string[] = ["customers/data_request", "customers/redact", "shop/redact"];

/** The addresses are listed in README.md. */
export async function serveControl({ shop, stopEdits }: Control, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isJson = (request.headers["content-type"] ?? "").split(";")[0] === "application/json";
  const fields = fieldsOfBody(await readBody(request, 65_536), "application/json");
  if (!isJson || fields === null) return sendJson(response, 400, { errors: "Send a JSON object." });
  const control = shop();
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
    case "/sandbox/corrupt": {
      const { metafields = 0, deleteCustomers = 0, mangleNamespace, seed } = fields;
      if (typeof metafields !== "number" || !(metafields >= 0 && metafields <= 1)) return sendJson(response, 400, { errors: "metafields must be a number from 0 to 1." });
      if (typeof deleteCustomers !== "number" || !Number.isInteger(deleteCustomers) || deleteCustomers < 0) return sendJson(response, 400, { errors: "deleteCustomers must be a whole number." });
      const report = await control.corrupt({ metafields, deleteCustomers, ...(typeof mangleNamespace === "string" ? { mangleNamespace } : {}), ...(typeof seed === "number" || typeof seed === "string" ? { seed } : {}) });
      return sendJson(response, 200, report);
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
      return sendJson(response, 200, (await stopEdits()) ?? { changed: [], added: [], deleted: [] });
    case "/sandbox/compliance": {
      const topic = String(fields["topic"]);
      if (!TOPICS.includes(topic)) return sendJson(response, 400, { errors: `topic must be one of ${TOPICS.join(", ")}.` });
      await control.sendComplianceWebhook(topic as ComplianceTopic, typeof fields["customerId"] === "string" ? fields["customerId"] : undefined);
      return sendJson(response, 200, {});
    }
    case "/sandbox/versions": {
      const { handle, retire, ...changes } = fields;
      if (handle === undefined) return sendJson(response, 200, { versions: control.versions() });
      if (typeof handle !== "string" || !/^(\d{4}-\d\d|unstable)$/.test(handle)) return sendJson(response, 400, { errors: "handle must be a version such as 2027-01." });
      try {
        if (retire === true) control.retireVersion(handle);
        else await control.releaseVersion(handle, changes as SchemaChanges);
      } catch (error) {
        if (error instanceof SchemaChangeError) return sendJson(response, 400, { errors: error.message });
        throw error;
      }
      return sendJson(response, 200, { versions: control.versions() });
    }
    case "/sandbox/scopes":
      if (!Array.isArray(fields["scopes"])) return sendJson(response, 400, { errors: "scopes must be a list." });
      await control.setScopes(fields["scopes"].map(String));
      return sendJson(response, 200, {});
    case "/sandbox/apps": {
      const { title, remove } = fields;
      if (typeof remove === "string") return sendJson(response, 200, { removed: control.removeApp(remove) });
      if (typeof title !== "string" || title === "") return sendJson(response, 400, { errors: "title must be the app's name." });
      return sendJson(response, 200, control.installApp(fields as unknown as OtherApp));
    }
    case "/sandbox/flow/receipts":
      return sendJson(response, 200, { receipts: control.flowReceipts() });
    case "/sandbox/flow/triggers":
      control.declareFlowTriggers(fields as FlowTriggers);
      return sendJson(response, 200, {});
    case "/sandbox/flow/listen": {
      const { handle, enabled } = fields;
      if (typeof handle !== "string" || typeof enabled !== "boolean") return sendJson(response, 400, { errors: "handle must be a trigger's, enabled true or false." });
      return sendJson(response, 200, { status: await control.setFlowListener(handle, enabled) });
    }
    case "/sandbox/flow/run":
      if (typeof fields["handle"] !== "string") return sendJson(response, 400, { errors: "handle must be an action's." });
      return sendJson(response, 200, await control.runFlowAction(fields as unknown as FlowStep));
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
