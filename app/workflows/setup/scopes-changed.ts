/** The platform says that the app's rights in a shop were changed, whoever did it: in the app, in the shop's settings, by an update of the app. */
import type { Ports } from "../ports.ts";
import { keepEvent } from "../shared/outbox.ts";

/** As the ledger takes them; a platform's other words for rights are left out. */
const SCOPE = /^(?:unauthenticated_)?(?:read|write)_[a-z_]{1,60}$/;
/** More than any app has. */
const MOST = 30;

export async function recordScopesChanged(ports: Pick<Ports, "links" | "stores" | "signer" | "outbox" | "clock">, { shop, previous, current }: { readonly shop: string; readonly previous: readonly string[]; readonly current: readonly string[] }): Promise<void> {
  const only = (these: readonly string[], others: readonly string[]): string => these.filter((scope) => SCOPE.test(scope) && !others.includes(scope)).sort().slice(0, MOST).join(" ");
  const granted = only(current, previous);
  const revoked = only(previous, current);
  if (granted === "" && revoked === "") return;
  await keepEvent(ports, shop, { actor: "platform", action: "scopes.changed", subject: { shop, ...(granted === "" ? {} : { granted }), ...(revoked === "" ? {} : { revoked }) }, outcome: "done" });
}
