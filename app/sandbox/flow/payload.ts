/** Whether a payload fits what a trigger was declared with. What the platform says of one that does not is written nowhere; that it says something is. */
import type { FlowTriggerField } from "../types.ts";

/** "50 KB" is quoted; in nothing that was read is it confirmed. */
export const MOST_FLOW_PAYLOAD = 50_000;

export function complaintsAbout(payload: unknown, fields: Readonly<Record<string, FlowTriggerField>>): readonly string[] {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return ["Payload must be an object"];
  const given = payload as Readonly<Record<string, unknown>>;
  return [
    ...Object.keys(given).filter((key) => !(key in fields)).map((key) => `Unknown field '${key}'`),
    ...Object.entries(fields).flatMap(([key, { type }]) => (!(key in given) || given[key] === null ? [`Missing field '${key}'`] : fits(type, given[key]) ? [] : [`Field '${key}' is no ${type}`])),
  ];
}

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case "boolean":
      return typeof value === "boolean";
    case "number_decimal":
      return typeof value === "number" && Number.isFinite(value);
    case "url":
      return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
    case "email":
      return typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value);
    case "single_line_text_field":
      return typeof value === "string" && !/[\r\n]/.test(value);
    default:
      return false;
  }
}
