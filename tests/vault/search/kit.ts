/** Three records that are found by name, address and number, for tests of what packs are searched by. All synthetic. */
import type { SourceRecord } from "#app/vault/index.ts";

export const record = (kind: string, number: number, members: object, parentId: string | null = null): SourceRecord => {
  const id = `gid://shopify/${kind}/${number}`;
  return { kind, id, parentId, bytes: Buffer.from(JSON.stringify({ id, note: "synthetic", ...members })) };
};
export const ADA = record("Customer", 1, { firstName: "Ada", lastName: "Brandt", email: "ada@example.com" });
export const BEN = record("Customer", 2, { firstName: "Ben", lastName: "Brandt", email: "ben@example.com" });
export const ORDER = record("Order", 5, { name: "#1001", customer: { id: BEN.id } });
