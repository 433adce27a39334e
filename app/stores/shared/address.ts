/** The parts of a store's address, the same for every scheme but file:. */
import { StoreError } from "#app/vault/index.ts";

/** Every kind of storage that is reached over a line takes it. */
const RATE = "rate";

export interface Address {
  readonly user: string;
  readonly host: string;
  readonly port: number | null;
  /** Decoded, without the slash at either end. */
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Throws StoreError store.bad_address: for a password, whose place is not an address, and for parameters nobody reads. */
export function parseAddress(url: URL, known: readonly string[]): Address {
  if (url.password !== "") throw bad("it holds a password, and addresses end up in logs and shell histories; give credentials through the environment (docs/stores.md)");
  if (url.hash !== "") throw bad("it has a # part, which no storage knows; write %23 for that character");
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (/secret|password|token|access-?key|account-?key|sig$/i.test(name)) throw bad(`${name}= is a credential; give credentials through the environment (docs/stores.md)`);
    if (name !== RATE && !known.includes(name)) throw bad(`it has the parameter ${name}=, and this kind of storage takes ${[...known, RATE].map((each) => `${each}=`).join(", ")}`);
    if (parameters.has(name)) throw bad(`it has ${name}= twice`);
    parameters.set(name, value);
  }
  const endpoint = parameters.get("endpoint");
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol) && new URL(endpoint).username === "")) {
    throw bad("endpoint= is an http:// or https:// address without a user");
  }
  let path: string;
  let user: string;
  try {
    path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, "");
    user = decodeURIComponent(url.username);
  } catch (cause) {
    throw bad("it has a broken % escape", cause);
  }
  if (path.split("/").some((part) => part === "." || part === "..") || /[\u0000-\u001f]/.test(path)) throw bad("its path has a part that no storage can hold");
  return { user, host: url.hostname, port: url.port === "" ? null : Number(url.port), path, parameters };
}

/** How long objects are locked unless the address says otherwise, and at most: docs/stores.md has the reasons. */
export const LOCK_DAYS = 30;
const MOST_LOCK_DAYS = 3650;

/** `lock=` and `lock-days=`. Null: the storage is used without locks. */
export function lockOf<Mode>({ parameters }: Address, modes: Readonly<Record<string, Mode>>): { readonly mode: Mode; readonly days: number } | null {
  const [name, period] = [parameters.get("lock"), parameters.get("lock-days")];
  if (name === undefined) {
    if (period !== undefined) throw bad("lock-days= goes with lock=");
    return null;
  }
  const mode = Object.hasOwn(modes, name) ? modes[name] : undefined;
  if (mode === undefined) throw bad(`lock= is ${Object.keys(modes).join(" or ")}`);
  const days = Number(period ?? LOCK_DAYS);
  if ((period !== undefined && !/^[1-9]\d{0,3}$/.test(period)) || days > MOST_LOCK_DAYS) throw bad(`lock-days= is a whole number from 1 to ${MOST_LOCK_DAYS}`);
  return { mode, days };
}

/** `rate=`, bytes a second: a whole number, or one with K or M (1024 and 1024²) behind it. Null: as fast as it goes. */
export function rateOf({ parameters }: Pick<Address, "parameters">): number | null {
  const text = parameters.get("rate");
  if (text === undefined) return null;
  const [, digits, unit] = /^([1-9]\d{0,11})([KM]?)$/.exec(text) ?? [];
  if (digits === undefined) throw bad("rate= is how many bytes a second: a whole number, such as 500K or 5M");
  return Number(digits) * (unit === "M" ? 1024 * 1024 : unit === "K" ? 1024 : 1);
}

function bad(reason: string, cause?: unknown): StoreError {
  return new StoreError("store.bad_address", `The address cannot be used: ${reason}.`, { cause });
}
