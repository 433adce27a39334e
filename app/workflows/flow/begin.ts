/** Begins the run that a workflow's step asks for, under the platform's name and under the request's own id. */
import { takeEmergencySnapshot } from "../capture/emergency.ts";
import type { CapturePorts, FlowAction, Ports, Run } from "../ports.ts";
import { requestLaneDrill } from "../drill/request-lane-drill.ts";
import type { RefusalPorts } from "../shared/record-refusal.ts";
import { requestVerify } from "../verify/request-verify.ts";
import type { InputOf } from "./actions.ts";

export type BeginPorts = Pick<Ports, "runs" | "ids" | "clock" | "log" | "catalog" | "unattended"> & RefusalPorts & Pick<CapturePorts, "emergencies">;

export type Begun = { readonly kind: "begun"; readonly run: Run } | { readonly kind: "refused"; readonly code: string };

export async function beginRun(ports: BeginPorts, { shop, action, input }: Pick<FlowAction, "shop" | "action" | "input">, id: string): Promise<Begun> {
  const actor = { kind: "platform", shop } as const;
  const named = { ...ports, ids: { next: () => id } };
  switch (action) {
    case "take-snapshot": {
      const { reason, holdHours, incident } = input as unknown as Pick<InputOf<"take-snapshot">, "reason" | "holdHours"> & Partial<InputOf<"take-snapshot">>;
      return begun(await takeEmergencySnapshot(named, { shop, actor, reason, holdHours, ...(incident === undefined || incident === "" ? {} : { incident }) }));
    }
    case "verify-vault": {
      const { readEverything } = input as unknown as InputOf<"verify-vault">;
      return begun(await requestVerify(named, { shop, actor, readData: readEverything }));
    }
    case "run-drill": {
      const { realSnapshots } = input as unknown as InputOf<"run-drill">;
      return beginDrill(named, shop, realSnapshots, id);
    }
    default:
      return { kind: "refused", code: "unexpected" };
  }
}

/** A drill with made-up data opens no record. One that opens real snapshots takes keys, and nobody is there to bring them but a key service. */
async function beginDrill(ports: BeginPorts, shop: string, realSnapshots: boolean, id: string): Promise<Begun> {
  const requested = await requestLaneDrill(ports, { shop, actor: { kind: "platform", shop }, lane: realSnapshots ? "both" : "synthetic", id });
  switch (requested.kind) {
    case "no-keys":
      return { kind: "refused", code: "flow.needs_key_service" };
    case "no-snapshot":
      return { kind: "refused", code: (await ports.links.get(shop)) === null ? "vault.not_linked" : "flow.no_snapshot" };
    default:
      return begun(requested);
  }
}

type Requested = { readonly kind: "requested" | "already-running"; readonly run: Run } | { readonly kind: "refused" | "not-linked"; readonly code: string };

function begun(requested: Requested): Begun {
  return "run" in requested ? { kind: "begun", run: requested.run } : { kind: "refused", code: requested.code };
}
