/** Where generated records lie: ids and times as functions of the index, so that both can be turned back into the index. */
import { ID_STEP } from "./gid.ts";
import { seedWords } from "./random.ts";

/** Record i of each top-level kind is made 40 s after record i - 1, from here on. */
export const EPOCH = Date.UTC(2024, 0, 1);
export const SECONDS_APART = 40;
/** Every generated record was last touched this long after it was made, so that both orders agree. */
export const TOUCHED_AFTER = 30 * 86_400;

export interface Shape {
  readonly seed: string;
  readonly customers: number;
  readonly orders: number;
  readonly metaobjects: number;
  readonly canary: string | null;
  /** First id of each top-level kind. */
  readonly firstId: number;
}

export function firstIdFor(seed: string): number {
  return 7_000_000_000_000 + (seedWords(`${seed}/ids`)[0] % 3_000_000) * ID_STEP;
}

export function createdAtOf(index: number, jitter: number): number {
  return EPOCH + (index * SECONDS_APART + (jitter % (SECONDS_APART - 1))) * 1000;
}

export function updatedAtOf(createdAt: number): number {
  return createdAt + TOUCHED_AFTER * 1000;
}

/** Places a canary is planted in, when the shop is big enough to have them. */
export const CANARY_PLACES = [
  "customer 0 note",
  "customer 1 metafield health_intake.intake_form",
  "customer 2 address address2",
  "order 0 note",
  "order 1 line item attribute",
  "metaobject 0 field instructions",
] as const;

export function canaryPlaces(shape: Shape): readonly string[] {
  if (shape.canary === null) return [];
  return CANARY_PLACES.filter((place) => {
    const [kind, index] = place.split(" ");
    const size = kind === "customer" ? shape.customers : kind === "order" ? shape.orders : shape.metaobjects;
    return Number(index) < size;
  });
}

/** Every fiftieth customer, from the eighth on, speaks for a company. */
export const CONTACTS = {
  every: 50,
  from: 7,
  size: (customers: number): number => (customers <= 7 ? 0 : Math.floor((customers - 8) / 50) + 1),
} as const;
