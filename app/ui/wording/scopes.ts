/** Access scopes in words: what each lets the app do. */
const WRITES: Readonly<Record<string, string>> = {
  write_content: "change pages, blogs and articles",
  write_customers: "change customers, their addresses and consent, segments and companies",
  write_discounts: "change metafields of discounts",
  write_draft_orders: "change draft orders",
  write_files: "change files",
  write_gift_card_transactions: "change the balance of gift cards",
  write_gift_cards: "change gift cards",
  write_metaobject_definitions: "change types of metaobjects",
  write_metaobjects: "change metaobjects",
  write_orders: "change and re-create orders",
  write_products: "change metafields of products, variants and collections",
  write_store_credit_account_transactions: "change store credit",
};

export function scopeWords(scope: string): string {
  return WRITES[scope] ?? scope.replaceAll("_", " ");
}
