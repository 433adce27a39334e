/** Names of kinds as a merchant says them. */

const KNOWN: Record<string, readonly [one: string, many: string]> = {
  customer: ["customer", "customers"],
  customers: ["customer", "customers"],
  order: ["order", "orders"],
  orders: ["order", "orders"],
  metafield: ["metafield", "metafields"],
  metafields: ["metafield", "metafields"],
  metaobject: ["metaobject", "metaobjects"],
  metaobjects: ["metaobject", "metaobjects"],
  mailingaddress: ["address", "addresses"],
  lineitem: ["line item", "line items"],
  metafielddefinition: ["metafield definition", "metafield definitions"],
  metafielddefinitions: ["metafield definition", "metafield definitions"],
  metaobjectdefinition: ["metaobject definition", "metaobject definitions"],
  metaobjectdefinitions: ["metaobject definition", "metaobject definitions"],
  draftorder: ["draft order", "draft orders"],
  draftorders: ["draft order", "draft orders"],
  shop: ["the store itself", "the store itself"],
  segment: ["customer segment", "customer segments"],
  segments: ["customer segment", "customer segments"],
  discountnode: ["discount", "discounts"],
  discountcodenode: ["discount", "discounts"],
  discountautomaticnode: ["discount", "discounts"],
  event: ["timeline event", "timeline events"],
  events: ["timeline event", "timeline events"],
  basicevent: ["timeline event", "timeline events"],
  commentevent: ["staff comment", "staff comments"],
  genericfile: ["file", "files"],
  mediaimage: ["image", "images"],
  externalvideo: ["video elsewhere", "videos elsewhere"],
  filepiece: ["piece of a file", "pieces of files"],
  filecontent: ["file content", "file contents"],
  storecreditaccount: ["store credit account", "store credit accounts"],
  companycontact: ["company contact", "company contacts"],
};

/** kindName("LineItem", 2) → "line items". An unknown kind is taken apart: "SubscriptionContract" → "subscription contracts". */
export function kindName(kind: string, n = 2): string {
  const owners = /^(.+)-metafields$/.exec(kind)?.[1];
  if (owners !== undefined) return `metafields of ${kindName(owners)}`;
  const known = KNOWN[kind.replace(/[^A-Za-z]/g, "").toLowerCase()];
  if (known) return n === 1 ? known[0] : known[1];
  const words = kind.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[_.-]+/g, " ").toLowerCase().trim();
  if (n === 1 || words.endsWith("s")) return words;
  return words.endsWith("y") ? `${words.slice(0, -1)}ies` : `${words}s`;
}

export function kindTitle(kind: string): string {
  const name = kindName(kind, 2);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
