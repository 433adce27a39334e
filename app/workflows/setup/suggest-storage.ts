/** Where a shop's vault could go, before a person has said anything: a folder of its own beneath what this host offers. */

/** `base`: a store URL of the host's choice ("file:///srv/holdfast/vaults"). The shop's own name is the folder. */
export function suggestStorage({ shop, base }: { readonly shop: string; readonly base: string }): string {
  const name = shop.toLowerCase().replace(/\.myshopify\.com$/, "").replace(/[^a-z0-9-]/g, "-");
  const [address, query] = base.split("?", 2);
  return `${address!.replace(/\/+$/, "")}/${name}${query === undefined ? "" : `?${query}`}`;
}
