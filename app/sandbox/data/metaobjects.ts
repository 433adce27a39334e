/** Makes metaobject i of a shop: a care plan. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { ID_STEP } from "./gid.ts";
import { Draw } from "./random.ts";
import type { MetaobjectRecord } from "./records.ts";
import { createdAtOf, updatedAtOf } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { CONDITIONS, LAST_NAMES, MEDICINES, NOTES } from "./wording.ts";

export const CARE_PLAN = "care_plan";

export function metaobjectMaker(shape: Shape): (index: number) => MetaobjectRecord {
  const draw = new Draw(shape.seed, "metaobject");
  return (i) => {
    draw.at(i);
    const createdAt = createdAtOf(i, draw.next());
    const title = `${SYNTHETIC_MARK} plan ${i + 1}: ${draw.pick(CONDITIONS)}`;
    const instructions = `${draw.pick(NOTES)}; ${draw.pick(MEDICINES)} with food`;
    return {
      id: shape.firstId + i * ID_STEP,
      createdAt,
      updatedAt: updatedAtOf(createdAt),
      type: CARE_PLAN,
      handle: `synthetic-plan-${i + 1}`,
      displayName: title,
      fields: [
        { key: "title", type: "single_line_text_field", value: title },
        { key: "instructions", type: "multi_line_text_field", value: shape.canary !== null && i === 0 ? `${instructions} ${shape.canary}` : instructions },
        { key: "clinician", type: "single_line_text_field", value: `Dr. ${draw.pick(LAST_NAMES)}` },
        { key: "schedule", type: "json", value: JSON.stringify({ mark: SYNTHETIC_MARK, everyDays: draw.between(7, 90), visits: draw.between(1, 6) }) },
      ],
    };
  };
}

/** The index a handle made here would have, or -1. */
export function indexOfHandle(handle: string): number {
  const match = /^synthetic-plan-(\d{1,9})$/.exec(handle);
  return match === null ? -1 : Number(match[1]) - 1;
}
