/** Asks the merchant's admin for access scopes, through App Bridge (https://shopify.dev/docs/api/app-bridge-library/apis/scopes). A dialog of the admin's own opens there; a person answers it. */
interface Scoping {
  readonly shopify?: { readonly scopes?: { request(scopes: readonly string[]): Promise<{ readonly result: "granted-all" | "declined-all" }> } };
}

/** "unavailable": not inside the admin, or the admin would not ask (this person may not manage apps, the app does not declare a scope). */
export type AskedScopes = "granted" | "declined" | "unavailable";

export async function askForScopes(scopes: readonly string[]): Promise<AskedScopes> {
  const api = (globalThis as Scoping).shopify?.scopes;
  if (api === undefined) return "unavailable";
  try {
    return (await api.request([...scopes])).result === "granted-all" ? "granted" : "declined";
  } catch {
    return "unavailable";
  }
}
