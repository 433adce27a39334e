/**
 * Damage that a restore has to undo, drawn from a seed: metafields overwritten with something else, customers deleted, and all values of one namespace mangled, as
 * an app that has gone wrong would. Told by webhook like any other change.
 */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { CorruptionAsked, CorruptionReport, SandboxClock } from "../types.ts";
import { customerPayload } from "../webhooks/payloads.ts";
import { gid } from "./gid.ts";
import { Draw } from "./random.ts";
import type { CustomerRecord, MetafieldRecord } from "./records.ts";
import type { ShopData } from "./shop-data.ts";

interface Hooks {
  emit(topic: string, payload: () => object): void;
}

export async function corrupt(data: ShopData, asked: CorruptionAsked, clock: SandboxClock, hooks: Hooks): Promise<CorruptionReport> {
  const fraction = asked.metafields ?? 0;
  if (!(fraction >= 0 && fraction <= 1)) throw new RangeError("metafields must be a fraction from 0 to 1");
  const draw = new Draw(String(asked.seed ?? ""), "corrupt").at(0);
  const now = data.stamp(clock.now());
  const report = { metafields: 0, mangled: 0, customers: [] as string[], deleted: [] as string[] };
  const ids = [...data.customers.scan({ sort: "id" })].map((record) => record.id);
  const doomed = new Set(chosen(ids.filter((id) => data.orderIdsOf(id).length === 0 && !data.isContact(id)), asked.deleteCustomers ?? 0, draw));
  for (const [n, id] of ids.entries()) {
    if (n % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
    if (doomed.has(id)) {
      data.removeCustomer(id);
      hooks.emit("customers/delete", () => ({ id, phone: null, addresses: [], admin_graphql_api_id: gid("Customer", id) }));
      report.deleted.push(gid("Customer", id));
      continue;
    }
    const before = data.customers.get(id);
    if (before === null) continue;
    const metafields = before.metafields.map((field) => {
      if (field.namespace === asked.mangleNamespace) {
        report.mangled++;
        return { ...field, updatedAt: now, value: spoilt(field, draw) };
      }
      if (!draw.chance(fraction)) return field;
      report.metafields++;
      return { ...field, updatedAt: now, value: spoilt(field, draw) };
    });
    if (metafields.every((field, at) => field === before.metafields[at])) continue;
    const record: CustomerRecord = { ...before, updatedAt: now, metafields };
    data.putCustomer(record);
    hooks.emit("customers/update", () => customerPayload(record));
    report.customers.push(gid("Customer", id));
  }
  return report;
}

function chosen(ids: number[], wanted: number, draw: Draw): number[] {
  const count = Math.min(wanted, ids.length);
  for (let i = 0; i < count; i++) {
    const j = i + draw.below(ids.length - i);
    [ids[i], ids[j]] = [ids[j] as number, ids[i] as number];
  }
  return ids.slice(0, count);
}

/** Another value that the type allows: the platform takes no other. */
function spoilt(field: MetafieldRecord, draw: Draw): string {
  const junk = `${SYNTHETIC_MARK} corrupted ${draw.digits(6)}`;
  switch (field.type.replace(/^list\./, "")) {
    case "json":
      return JSON.stringify({ corrupted: junk });
    case "boolean":
      return field.value === "true" ? "false" : "true";
    case "number_integer":
      return draw.digits(7).replace(/^0+(?=\d)/, "");
    case "number_decimal":
      return `${draw.digits(3).replace(/^0+(?=\d)/, "")}.${draw.digits(2)}`;
    case "date":
      return "1970-01-01";
    case "date_time":
      return "1970-01-01T00:00:00+00:00";
    default:
      if (field.type.endsWith("_reference")) return field.value;
      return field.type.startsWith("list.") ? JSON.stringify([junk]) : junk;
  }
}
