/** Products and their variants, as far as they own metafields. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { eachHas } from "../data/doc-store.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { Shape } from "../data/shape.ts";
import { CONDITIONS, PRODUCTS } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, savedMetafields, saveDoc } from "../graphql/mutations/docs.ts";
import { hundredths, tagsFrom } from "../graphql/mutations/inputs.ts";
import type { MetafieldInput } from "../graphql/mutations/inputs.ts";
import { docOf, metafieldsOf, start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

const hasAny = (shape: Shape): boolean => shape.customers + shape.orders > 0;
const VARIANTS = 2;
const variantsOf = (product: Doc, _args: unknown, { data }: Context): Doc[] => data.docsOf("ProductVariant", "Product", product.id);
const prices = (product: Doc, context: Context): number[] => variantsOf(product, null, context).map((variant) => variant["price"] as number);
const range = (product: Doc, context: Context): object => {
  const all = prices(product, context);
  const amount = (hundredths: number): object => ({ amount: (hundredths / 100).toFixed(2), currencyCode: "USD" });
  return { minVariantPrice: amount(Math.min(...all, Infinity) === Infinity ? 0 : Math.min(...all)), maxVariantPrice: amount(Math.max(...all, 0)) };
};
const shown = { inCollection: () => false, publishedInContext: () => true, publishedOnPublication: () => true, publishedOnChannel: () => true, publishedOnCurrentChannel: () => true, publishedOnCurrentPublication: () => true };

export const products: DocKind = {
  type: "Product",
  size: (shape) => (hasAny(shape) ? PRODUCTS.length : 0),
  make: (shape) => {
    const draw = new Draw(shape.seed, "product");
    return (i) => {
      const at = start(shape, draw, i);
      const [title, , sku] = PRODUCTS[i] as (typeof PRODUCTS)[number];
      return { ...at, title, handle: sku.toLowerCase(), descriptionHtml: `<p>${title} (synthetic data)</p>`, vendor: "Holdfast sandbox", productType: "Medical device", status: "ACTIVE", tags: [SYNTHETIC_MARK], isGiftCard: false, metafields: metafieldsOf("Product", i, at, "health_use", [["indication", "single_line_text_field", `${SYNTHETIC_MARK} ${draw.pick(CONDITIONS)}`]]) };
    };
  },
  root: { one: "product", list: "products", count: "productsCount" },
  metafieldOwner: "PRODUCT",
  search: { title: textField("title"), handle: textField("handle"), vendor: textField("vendor"), product_type: textField("productType"), status: textField("status"), tag: textField("tags") },
  topics: { create: "products/create", update: "products/update", delete: "products/delete" },
  payload: (product) => ({ title: product["title"], handle: product["handle"], vendor: product["vendor"], status: String(product["status"]).toLowerCase() }),
  edit: (product, draw) => ({ ...product, descriptionHtml: `<p>${text(product, "title") ?? ""} (synthetic data, leaflet ${draw.digits(4)})</p>` }),
  fields: {
    Product: {
      ...shown,
      description: (product: Doc) => (text(product, "descriptionHtml") ?? "").replace(/<[^>]*>/g, ""),
      descriptionPlainSummary: (product: Doc) => (text(product, "descriptionHtml") ?? "").replace(/<[^>]*>/g, ""),
      variants: variantsOf,
      variantsCount: (product: Doc, _args: unknown, context: Context) => ({ count: variantsOf(product, null, context).length, precision: "EXACT" }),
      totalVariants: (product: Doc, _args: unknown, context: Context) => variantsOf(product, null, context).length,
      priceRange: (product: Doc, _args: unknown, context: Context) => range(product, context),
      priceRangeV2: (product: Doc, _args: unknown, context: Context) => range(product, context),
      seo: () => ({ title: null, description: null }),
      storefrontId: (product: Doc) => gid("Product", product.id),
      hasOnlyDefaultVariant: (product: Doc, _args: unknown, context: Context) => variantsOf(product, null, context).length < 2,
      hasOutOfStockVariants: () => false,
      hasVariantsThatRequiresComponents: () => false,
      requiresSellingPlan: () => false,
      tracksInventory: () => false,
      totalInventory: () => 0,
      publicationCount: () => 1,
      sellingPlanGroupCount: () => 0,
      options: (product: Doc) => [{ id: product.id, name: "Size", position: 1, values: ["One"], optionValues: [], linkedMetafield: null, translations: [] }],
    },
    ProductOption: {},
  },
  mutations: {
    productCreate: (_source, args, context) => {
      const input = (args["product"] ?? args["input"]) as ProductInput | undefined;
      return { ...save(null, input ?? {}, context), shop: { __typename: "Shop" } };
    },
    productUpdate: (_source, args, context) => {
      const input = (args["product"] ?? args["input"]) as (ProductInput & { readonly id?: string | null }) | undefined;
      const before = productById(input?.id, context);
      return before === null ? { product: null, userErrors: [{ field: ["id"], message: "Product does not exist" }] } : save(before, input ?? {}, context);
    },
    productDelete: (_source, args, context) => {
      const shop = { __typename: "Shop" };
      const before = productById((args["input"] as { id: string }).id, context);
      if (before === null) return { deletedProductId: null, productDeleteOperation: null, shop, userErrors: [{ field: ["id"], message: "Product does not exist" }] };
      for (const variant of variantsOf(before, null, context)) deleteDoc(context, productVariants, variant);
      deleteDoc(context, products, before);
      return { deletedProductId: gid("Product", before.id), productDeleteOperation: null, shop, userErrors: [] };
    },
    productVariantsBulkCreate: (_source, args, context) => {
      const product = productById(args["productId"], context);
      if (product === null) return { product: null, productVariants: null, userErrors: [{ code: "PRODUCT_DOES_NOT_EXIST", field: ["productId"], message: "Product does not exist" }] };
      const made = (args["variants"] as readonly VariantInput[]).map((input) => saveVariant(product, input, context));
      return { product, productVariants: made, userErrors: [] };
    },
  },
};

interface ProductInput {
  readonly title?: string | null;
  readonly handle?: string | null;
  readonly descriptionHtml?: string | null;
  readonly vendor?: string | null;
  readonly productType?: string | null;
  readonly status?: string | null;
  readonly tags?: readonly string[] | null;
  readonly metafields?: readonly MetafieldInput[] | null;
}

interface VariantInput {
  readonly price?: string | number | null;
  readonly barcode?: string | null;
  readonly taxable?: boolean | null;
  readonly inventoryItem?: { readonly sku?: string | null } | null;
  readonly optionValues?: readonly { readonly name?: string | null }[] | null;
  readonly metafields?: readonly MetafieldInput[] | null;
}

function productById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "Product" ? data.store("Product").get(parsed.id) : null;
}

function save(before: Doc | null, input: ProductInput, context: Context): object {
  if (before === null && (input.title ?? "") === "") return { product: null, userErrors: [{ field: ["title"], message: "Title can't be blank" }] };
  const fields = savedMetafields(context, "PRODUCT", before, input.metafields, (index) => ["metafields", String(index)]);
  if (fields.errors.length > 0) return { product: null, userErrors: fields.errors.map(({ field, message }) => ({ field, message })) };
  const id = before?.id ?? context.data.newId();
  const title = input.title ?? (before === null ? "" : (text(before, "title") ?? ""));
  const product = saveDoc(context, products, before, {
    ...before,
    id,
    title,
    handle: input.handle ?? before?.["handle"] ?? `${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${id.toString(36).slice(-4)}`,
    descriptionHtml: input.descriptionHtml ?? before?.["descriptionHtml"] ?? "",
    vendor: input.vendor ?? before?.["vendor"] ?? context.facts.name,
    productType: input.productType ?? before?.["productType"] ?? "",
    status: input.status ?? before?.["status"] ?? "ACTIVE",
    tags: input.tags == null ? (before?.["tags"] ?? []) : tagsFrom(input.tags),
    isGiftCard: false,
    metafields: fields.fields,
  });
  if (before === null) saveVariant(product, {}, context);
  return { product, userErrors: [] };
}

function saveVariant(product: Doc, input: VariantInput, context: Context): Doc {
  const name = input.optionValues?.[0]?.name ?? "Default Title";
  const position = variantsOf(product, null, context).length + 1;
  const fields = savedMetafields(context, "PRODUCTVARIANT", null, input.metafields, (index) => ["metafields", String(index)]);
  return saveDoc(context, productVariants, null, { id: context.data.newId(), productId: product.id, title: name, sku: input.inventoryItem?.sku ?? null, barcode: input.barcode ?? null, price: hundredths(input.price ?? 0), position, taxable: input.taxable ?? true, metafields: fields.fields });
}

export const productVariants: DocKind = {
  type: "ProductVariant",
  size: (shape) => (hasAny(shape) ? PRODUCTS.length * VARIANTS : 0),
  owner: { member: "productId", of: eachHas(VARIANTS) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "variant");
    return (i) => {
      const at = start(shape, draw, i);
      const product = Math.floor(i / VARIANTS);
      const [, title, sku, price, prescribed] = PRODUCTS[product] as (typeof PRODUCTS)[number];
      return { ...at, productId: shape.firstId + product * ID_STEP, title: i % VARIANTS === 0 ? title : `${title}, spare`, sku: i % VARIANTS === 0 ? sku : `${sku}-S`, barcode: `${SYNTHETIC_MARK}-${i}`, price, position: (i % VARIANTS) + 1, taxable: !prescribed, metafields: metafieldsOf("ProductVariant", i, at, "health_use", [["udi", "single_line_text_field", `${SYNTHETIC_MARK}-(01)${draw.digits(9)}`]]) };
    };
  },
  root: { one: "productVariant", list: "productVariants", count: "productVariantsCount" },
  metafieldOwner: "PRODUCTVARIANT",
  search: { product_id: { kind: "number", of: (variant) => variant["productId"] as number }, sku: textField("sku"), title: textField("title") },
  fields: {
    ProductVariant: {
      ...shown,
      product: (variant: Doc, _args: unknown, context: Context) => docOf(context, "Product", variant["productId"]),
      displayName: (variant: Doc, _args: unknown, context: Context) => `${text(docOf(context, "Product", variant["productId"]) ?? variant, "title") ?? ""} - ${text(variant, "title") ?? ""}`,
      availableForSale: () => true,
      inventoryPolicy: () => "CONTINUE",
      inventoryQuantity: () => 0,
      sellableOnlineQuantity: () => 0,
      requiresComponents: () => false,
      showUnitPrice: () => false,
      publicationCount: () => 1,
      sellingPlanGroupCount: () => 0,
      storefrontId: (variant: Doc) => gid("ProductVariant", variant.id),
      selectedOptions: (variant: Doc) => [{ name: "Size", value: variant["title"], optionValue: { id: gid("ProductOptionValue", variant.id), name: variant["title"], hasVariants: true } }],
    },
  },
};
