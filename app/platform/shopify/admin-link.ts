/** From a path of ours to the address that opens it in a shop's admin. */
export type AdminLink = (shop: string, path: string) => string;

export function adminLink(apiKey: string): AdminLink {
  return (shop, path) => `https://${shop}/admin/apps/${apiKey}${path}`;
}
