/** Subscription contracts of this app. Other apps' contracts are nobody else's to see. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { address } from "../data/customers.ts";
import { oneInEvery } from "../data/doc-store.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import type { AddressRecord, Attribute } from "../data/records.ts";
import { FIRST_NAMES, LAST_NAMES, NOTES, PRODUCTS } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { saveDoc } from "../graphql/mutations/docs.ts";
import { addressFrom, hundredths } from "../graphql/mutations/inputs.ts";
import type { AddressInput } from "../graphql/mutations/inputs.ts";
import { childOf, customerOf, docOf, start, text, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

interface Line {
  readonly id: number;
  readonly title: string;
  readonly variantTitle: string | null;
  readonly sku: string | null;
  readonly quantity: number;
  readonly price: number;
  readonly productId: string | null;
  readonly variantId: string | null;
  readonly customAttributes: readonly Attribute[];
}

const EVERY = 25;
const lines = (contract: Doc): readonly Line[] => contract["lines"] as readonly Line[];
const every = (interval: string, intervalCount: number): object => ({ interval, intervalCount, anchors: [], maxCycles: null, minCycles: null });

export const subscriptionContracts: DocKind = {
  type: "SubscriptionContract",
  size: (shape) => Math.ceil(shape.customers / EVERY),
  owner: { member: "customerId", of: oneInEvery(EVERY) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "contract");
    return (i) => {
      const at = start(shape, draw, i);
      const [title, variantTitle, sku, price] = draw.pick(PRODUCTS);
      const days = draw.pick([30, 60, 90]);
      return { ...at, status: draw.pick(["ACTIVE", "ACTIVE", "ACTIVE", "PAUSED", "CANCELLED"]), customerId: shape.firstId + i * EVERY * ID_STEP, currencyCode: "USD", nextBillingDate: at.updatedAt + days * 86_400_000, lastPaymentStatus: "SUCCEEDED", note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`, customAttributes: [{ key: "Prescriber", value: `${SYNTHETIC_MARK} Dr. ${draw.pick(LAST_NAMES)}` }], deliveryPrice: 0, billingPolicy: every("DAY", days), deliveryPolicy: every("DAY", days), address: address(draw, 0, draw.pick(FIRST_NAMES), `${draw.pick(LAST_NAMES)} ${SYNTHETIC_MARK}`, null), lines: [{ id: childOf(i, 0), title, variantTitle, sku, price, quantity: 1, productId: null, variantId: null, customAttributes: [{ key: "Dosage", value: `${SYNTHETIC_MARK} daily` }] }], revision: 1 };
    };
  },
  root: { one: "subscriptionContract", list: "subscriptionContracts" },
  search: { status: textField("status") },
  topics: { create: "subscription_contracts/create", update: "subscription_contracts/update" },
  payload: (contract) => ({ status: String(contract["status"]).toLowerCase(), customer_id: contract["customerId"], admin_graphql_api_customer_id: gid("Customer", contract["customerId"] as number), revision_id: String(contract["revision"]) }),
  edit: (contract, draw) => ({ ...contract, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})`, revision: (contract["revision"] as number) + 1 }),
  fields: {
    SubscriptionContract: {
      customer: customerOf,
      lines,
      lineCount: (contract: Doc) => lines(contract).length,
      linesCount: (contract: Doc) => ({ count: lines(contract).length, precision: "EXACT" }),
      revisionId: (contract: Doc) => contract["revision"],
      deliveryMethod: (contract: Doc) => ({ __typename: "SubscriptionDeliveryMethodShipping", address: { ...(contract["address"] as AddressRecord), id: contract.id + 1, model: "SubscriptionAddress" }, shippingOption: { title: "Standard", code: "standard", description: null, presentmentTitle: "Standard" } }),
    },
    SubscriptionLine: {
      // Lines of contracts are named by a UUID on the platform.
      id: (line: Line) => `gid://shopify/SubscriptionLine/00000000-0000-4000-8000-${String(line.id).padStart(12, "0").slice(-12)}`,
      currentPrice: (line: Line) => line.price,
      lineDiscountedPrice: (line: Line) => line.price * line.quantity,
      requiresShipping: () => true,
      taxable: () => false,
    },
  },
  mutations: {
    subscriptionContractAtomicCreate: (_source, args, context) => create(args["input"] as Input, context),
    subscriptionContractSetNextBillingDate: (_source, args, context) => change(args["contractId"], { nextBillingDate: Date.parse(String(args["date"])) }, null, context),
    subscriptionContractPause: (_source, args, context) => change(args["subscriptionContractId"], { status: "PAUSED" }, "subscription_contracts/pause", context),
    subscriptionContractActivate: (_source, args, context) => change(args["subscriptionContractId"], { status: "ACTIVE" }, "subscription_contracts/activate", context),
    subscriptionContractCancel: (_source, args, context) => change(args["subscriptionContractId"], { status: "CANCELLED" }, "subscription_contracts/cancel", context),
  },
};

interface Input {
  readonly customerId: string;
  readonly currencyCode: string;
  readonly nextBillingDate: string;
  readonly contract: { readonly status?: string | null; readonly note?: string | null; readonly customAttributes?: readonly Attribute[] | null; readonly deliveryPrice?: string | number | null; readonly billingPolicy?: { readonly interval: string; readonly intervalCount: number } | null; readonly deliveryPolicy?: { readonly interval: string; readonly intervalCount: number } | null; readonly deliveryMethod?: { readonly shipping?: { readonly address?: AddressInput | null } | null } | null };
  readonly lines: readonly { readonly line: { readonly productVariantId: string; readonly quantity: number; readonly currentPrice: string | number; readonly customAttributes?: readonly Attribute[] | null } }[];
}

function create(input: Input, context: Context): object {
  const { data } = context;
  const failed = (message: string, ...field: string[]): object => ({ contract: null, userErrors: [{ code: "INVALID", message, field: ["input", ...field] }] });
  const customer = parseGid(input.customerId);
  if (customer?.type !== "Customer" || !data.customers.has(customer.id)) return failed("Customer is invalid", "customerId");
  const made: Line[] = [];
  for (const [n, { line }] of input.lines.entries()) {
    const variant = docOf(context, "ProductVariant", parseGid(line.productVariantId)?.id);
    if (variant === null) return failed("Product variant does not exist", "lines", String(n), "line", "productVariantId");
    const product = docOf(context, "Product", variant["productId"]);
    made.push({ id: data.newId(), title: product === null ? "" : (text(product, "title") ?? ""), variantTitle: text(variant, "title"), sku: text(variant, "sku"), quantity: line.quantity, price: hundredths(line.currentPrice), productId: product === null ? null : gid("Product", product.id), variantId: gid("ProductVariant", variant.id), customAttributes: line.customAttributes ?? [] });
  }
  const { contract } = input;
  if (contract.billingPolicy == null || contract.deliveryPolicy == null) return failed("Billing and delivery policy must be given", "contract");
  const shipping = contract.deliveryMethod?.shipping?.address;
  return {
    contract: saveDoc(context, subscriptionContracts, null, { id: data.newId(), status: contract.status ?? "ACTIVE", customerId: customer.id, currencyCode: input.currencyCode, nextBillingDate: Date.parse(input.nextBillingDate), lastPaymentStatus: null, note: contract.note ?? null, customAttributes: contract.customAttributes ?? [], deliveryPrice: hundredths(contract.deliveryPrice ?? 0), billingPolicy: every(contract.billingPolicy.interval, contract.billingPolicy.intervalCount), deliveryPolicy: every(contract.deliveryPolicy.interval, contract.deliveryPolicy.intervalCount), address: addressFrom(shipping ?? {}, 0), lines: made, revision: 1 }),
    userErrors: [],
  };
}

function change(id: unknown, members: Readonly<Record<string, unknown>>, topic: string | null, context: Context): object {
  const parsed = parseGid(String(id));
  const before = parsed?.type === "SubscriptionContract" ? context.data.store("SubscriptionContract").get(parsed.id) : null;
  if (before === null) return { contract: null, userErrors: [{ code: "INVALID", message: "Subscription contract does not exist", field: ["contractId"] }] };
  const contract = saveDoc(context, subscriptionContracts, before, { ...before, ...members, revision: (before["revision"] as number) + 1 });
  if (topic !== null) context.webhooks.emit(topic, () => ({ id: contract.id, admin_graphql_api_id: gid("SubscriptionContract", contract.id), ...subscriptionContracts.payload?.(contract) }));
  return { contract, userErrors: [] };
}
