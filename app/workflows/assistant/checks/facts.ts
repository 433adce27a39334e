/** Facts as a step keeps them: names and values of narrow shapes (app/response/run.ts). */
import type { Facts } from "#app/response/index.ts";

type Fact = Facts[number];

export function fact(name: string, value: number | boolean | string | Date): Fact {
  return { name, value: value instanceof Date ? value.toISOString() : value };
}

/** About something with a name of the shop's configuration: only what a name may hold. */
export function named(name: string, about: string, value: number | boolean | string): Fact {
  return fact(`${name}:${about.replace(/[^A-Za-z0-9 ._&+-]/g, " ").trim().slice(0, 80) || "-"}`, value);
}
