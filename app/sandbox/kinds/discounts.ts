/** Discounts with codes. One discount has two names in the API: DiscountNode in lists, DiscountCodeNode to mutations and webhooks. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import type { Doc } from "../data/doc-store.ts";
import { gid, ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { LAST_NAMES } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { deleteDoc, saveDoc } from "../graphql/mutations/docs.ts";
import { hundredths } from "../graphql/mutations/inputs.ts";
import { docOf, metafieldsOf, start, text, texts, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

interface Code {
  readonly id: number;
  readonly code: string;
}
const codes = (discount: Doc): readonly Code[] => discount["codes"] as readonly Code[];
const asCodeDiscount = (discount: Doc): object => ({ ...discount, __typename: "DiscountCodeBasic" });
const whom = (discount: Doc, { data }: Context): object => {
  const people = discount["customerIds"] as readonly number[];
  const groups = discount["segmentIds"] as readonly number[];
  if (people.length > 0) return { __typename: "DiscountCustomers", customers: people.flatMap((id) => data.customers.get(id) ?? []) };
  if (groups.length > 0) return { __typename: "DiscountCustomerSegments", segments: groups.flatMap((id) => data.store("Segment").get(id) ?? []) };
  return { __typename: "DiscountBuyerSelectionAll", all: "ALL" };
};

export const discounts: DocKind = {
  type: "DiscountNode",
  alsoNamed: ["DiscountCodeNode"],
  size: (shape) => Math.min(500, Math.ceil(shape.customers / 50)),
  make: (shape) => {
    const draw = new Draw(shape.seed, "discount");
    return (i) => {
      const at = start(shape, draw, i);
      const named = draw.chance(0.4);
      return { ...at, ...FIXED, title: `${SYNTHETIC_MARK} ${draw.pick(LAST_NAMES)} family hardship ${i + 1}`, codes: [{ id: at.id, code: `${SYNTHETIC_MARK}-RX-${i + 1}` }], startsAt: at.createdAt, endsAt: null, usageLimit: draw.chance(0.5) ? draw.between(1, 50) : null, appliesOncePerCustomer: draw.chance(0.5), percentage: draw.pick([0.1, 0.2, 0.5]), amount: null, customerIds: named && shape.customers > 0 ? [shape.firstId + draw.below(shape.customers) * ID_STEP] : [], segmentIds: [], metafields: metafieldsOf("DiscountNode", i, at, "health_use", [["reason", "single_line_text_field", `${SYNTHETIC_MARK} income below the line`]]) };
    };
  },
  root: { one: "discountNode", list: "discountNodes", count: "discountNodesCount" },
  metafieldOwner: "DISCOUNT",
  search: { title: textField("title"), status: textField("status"), code: { kind: "text", of: (discount) => codes(discount).map((one) => one.code) }, type: { kind: "text", of: () => ["percentage"] }, method: { kind: "text", of: () => ["code"] } },
  topics: { create: "discounts/create", update: "discounts/update", delete: "discounts/delete" },
  payloadName: "DiscountCodeNode",
  payload: (discount) => ({ title: discount["title"], status: discount["status"] }),
  edit: (discount, draw) => ({ ...discount, usageLimit: draw.between(1, 9000) }),
  renew: (discount, newId) => ({ ...discount, codes: [{ id: newId(), code: `${SYNTHETIC_MARK}-RX-${discount.id.toString(36)}` }] }),
  fields: {
    DiscountNode: { discount: asCodeDiscount },
    DiscountCodeNode: { codeDiscount: asCodeDiscount },
    DiscountCodeBasic: {
      codes,
      codesCount: (discount: Doc) => ({ count: codes(discount).length, precision: "EXACT" }),
      context: (discount: Doc, _args: unknown, context: Context) => whom(discount, context),
      customerSelection: (discount: Doc, _args: unknown, context: Context) => {
        const found = whom(discount, context) as { readonly __typename: string };
        return found.__typename === "DiscountBuyerSelectionAll" ? { __typename: "DiscountCustomerAll", allCustomers: true } : found;
      },
      customerGets: (discount: Doc) => ({ appliesOnOneTimePurchase: true, appliesOnSubscription: false, items: { __typename: "AllDiscountItems", allItems: true }, value: discount["percentage"] === null ? { __typename: "DiscountAmount", amount: discount["amount"], appliesOnEachItem: false } : { __typename: "DiscountPercentage", percentage: discount["percentage"] } }),
      shortSummary: (discount: Doc) => text(discount, "title"),
      summary: (discount: Doc) => text(discount, "title"),
      shareableUrls: () => [],
      discountClass: () => "ORDER",
      discountClasses: () => ["ORDER"],
      asyncUsageCount: () => 0,
    },
    DiscountRedeemCode: { asyncUsageCount: () => 0 },
  },
  mutations: {
    discountCodeBasicCreate: (_source, args, context) => save(null, args["basicCodeDiscount"] as Input, context),
    discountCodeBasicUpdate: (_source, args, context) => {
      const before = discountById(args["id"], context);
      return before === null ? { codeDiscountNode: null, userErrors: [{ code: "INVALID", extraInfo: null, field: ["id"], message: "Discount does not exist." }] } : save(before, args["basicCodeDiscount"] as Input, context);
    },
    discountCodeDelete: (_source, args, context) => {
      const before = discountById(args["id"], context);
      if (before === null) return { deletedCodeDiscountId: null, userErrors: [{ code: "INVALID", extraInfo: null, field: ["id"], message: "Code discount does not exist." }] };
      deleteDoc(context, discounts, before);
      return { deletedCodeDiscountId: gid("DiscountCodeNode", before.id), userErrors: [] };
    },
  },
};

const FIXED = { status: "ACTIVE", tags: [], combinesWith: { orderDiscounts: false, productDiscounts: false, shippingDiscounts: false, productDiscountsWithTagsOnSameCartLine: [] }, recurringCycleLimit: null, minimumRequirement: null };

interface Input {
  readonly title?: string | null;
  readonly code?: string | null;
  readonly startsAt?: string | null;
  readonly endsAt?: string | null;
  readonly usageLimit?: number | null;
  readonly appliesOncePerCustomer?: boolean | null;
  readonly tags?: readonly string[] | null;
  readonly context?: { readonly all?: string | null; readonly customers?: { readonly add?: readonly string[] | null } | null; readonly customerSegments?: { readonly add?: readonly string[] | null } | null } | null;
  readonly customerGets?: { readonly value?: { readonly percentage?: number | null; readonly discountAmount?: { readonly amount?: string | number | null } | null } | null } | null;
}

function discountById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "DiscountCodeNode" || parsed?.type === "DiscountNode" ? data.store("DiscountNode").get(parsed.id) : null;
}

function save(before: Doc | null, input: Input, context: Context): object {
  const failed = (code: string, message: string, field: string): object => ({ codeDiscountNode: null, userErrors: [{ code, extraInfo: null, message, field: ["basicCodeDiscount", field] }] });
  const { data } = context;
  const title = input.title ?? (before === null ? "" : (text(before, "title") ?? ""));
  if (title.trim() === "") return failed("BLANK", "Title can't be blank", "title");
  if (before === null && (input.code ?? "") === "") return failed("BLANK", "Code can't be blank", "code");
  const value = input.customerGets?.value;
  if (before === null && value?.percentage == null && value?.discountAmount?.amount == null) return failed("MISSING_ARGUMENT", "Value must be given", "customerGets");
  const code = input.code ?? null;
  if (code !== null) for (const other of data.store("DiscountNode").records.scan({ sort: "id" })) if (other.id !== before?.id && codes(other).some((one) => one.code.toLowerCase() === code.toLowerCase())) return failed("TAKEN", "Code must be unique. Please try a different code.", "code");
  const ids = (list: readonly string[] | null | undefined): number[] => (list ?? []).map((one) => parseGid(one)?.id ?? -1);
  const people = ids(input.context?.customers?.add);
  const groups = ids(input.context?.customerSegments?.add);
  if (people.some((id) => !data.customers.has(id)) || groups.some((id) => docOf(context, "Segment", id) === null)) return failed("INVALID", "Context is invalid", "context");
  const now = data.stamp(context.clock.now());
  const discount = saveDoc(context, discounts, before, {
    metafields: [],
    ...FIXED,
    customerIds: [],
    segmentIds: [],
    ...before,
    id: before?.id ?? data.newId(),
    title,
    codes: code === null ? (before === null ? [] : codes(before)) : [{ id: before === null ? data.newId() : (codes(before)[0]?.id ?? data.newId()), code }],
    startsAt: input.startsAt == null ? (before?.["startsAt"] ?? now) : Date.parse(input.startsAt),
    endsAt: input.endsAt === undefined ? (before?.["endsAt"] ?? null) : input.endsAt === null ? null : Date.parse(input.endsAt),
    usageLimit: input.usageLimit === undefined ? (before?.["usageLimit"] ?? null) : input.usageLimit,
    appliesOncePerCustomer: input.appliesOncePerCustomer ?? before?.["appliesOncePerCustomer"] ?? false,
    percentage: value?.percentage ?? (value?.discountAmount == null ? (before?.["percentage"] ?? null) : null),
    amount: value?.discountAmount?.amount == null ? (before?.["amount"] ?? null) : hundredths(value.discountAmount.amount),
    tags: input.tags ?? (before === null ? [] : texts(before, "tags")),
    ...(input.context == null ? {} : { customerIds: people, segmentIds: groups }),
  });
  return { codeDiscountNode: { ...discount, __typename: "DiscountCodeNode" }, userErrors: [] };
}
