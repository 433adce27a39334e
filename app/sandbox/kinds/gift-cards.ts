/** Gift cards: worth money, bound to a patient, with a code that is told once and never again. No webhook says that one changed. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { createHash } from "node:crypto";
import type { Doc } from "../data/doc-store.ts";
import { oneInEvery } from "../data/doc-store.ts";
import { ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { NOTES } from "../data/wording.ts";
import type { Context } from "../graphql/context.ts";
import { List } from "../graphql/list.ts";
import { saveDoc } from "../graphql/mutations/docs.ts";
import { hundredths } from "../graphql/mutations/inputs.ts";
import { customerOf, docOf, start, textField } from "./kind.ts";
import type { DocKind } from "./kind.ts";

interface Movement {
  readonly id: number;
  readonly amount: number;
  readonly note: string | null;
  readonly processedAt: number;
}
interface PlacedMovement extends Movement {
  readonly cardId: number;
}

const EVERY = 20;
const movements = (card: Doc): readonly Movement[] => card["movements"] as readonly Movement[];
const initial = (card: Doc): number => card["initialValue"] as number;
const balance = (card: Doc): number => movements(card).reduce((sum, one) => sum + one.amount, initial(card));
const placed = (card: Doc, one: Movement): PlacedMovement & { readonly __typename: string } => ({ ...one, cardId: card.id, __typename: one.amount < 0 ? "GiftCardDebitTransaction" : "GiftCardCreditTransaction" });
const movement = { giftCard: (one: PlacedMovement, _args: unknown, context: Context) => docOf(context, "GiftCard", one.cardId) };

export const giftCards: DocKind = {
  type: "GiftCard",
  size: (shape) => Math.ceil(shape.customers / EVERY),
  owner: { member: "customerId", of: oneInEvery(EVERY) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "gift-card");
    return (i) => {
      const at = start(shape, draw, i);
      const recipient = draw.chance(0.3);
      const customerId = shape.firstId + i * EVERY * ID_STEP;
      return { ...at, initialValue: draw.between(1, 20) * 1000, currency: "USD", lastCharacters: draw.digits(4), note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`, enabled: true, expiresOn: null, templateSuffix: null, customerId, recipient: recipient ? { id: customerId, message: `${SYNTHETIC_MARK} get well soon`, preferredName: `${SYNTHETIC_MARK} Mum`, sendNotificationAt: null } : null, deactivatedAt: null, movements: draw.chance(0.3) ? [{ id: at.id + 1, amount: -500, note: null, processedAt: at.updatedAt }] : [] };
    };
  },
  root: { one: "giftCard", list: "giftCards", count: "giftCardsCount" },
  updatedFilter: false,
  search: { last_characters: textField("lastCharacters"), status: { kind: "text", of: (card) => [card["enabled"] === true ? "enabled" : "disabled"] } },
  edit: (card, draw) => ({ ...card, note: `${SYNTHETIC_MARK}: ${draw.pick(NOTES)} (${draw.digits(6)})` }),
  fields: {
    GiftCard: {
      customer: customerOf,
      balance,
      isRedeemable: (card: Doc) => card["enabled"] === true && balance(card) > 0,
      crossCurrencyRedemptionStrategy: (card: Doc) => card["strategy"] ?? "NONE",
      maskedCode: (card: Doc) => `•••• •••• •••• ${String(card["lastCharacters"])}`,
      recipientAttributes: (card: Doc, _args: unknown, { data }: Context) => {
        const recipient = card["recipient"] as { readonly id: number } | null;
        const customer = recipient === null ? null : data.customers.get(recipient.id);
        return customer === null ? null : { ...recipient, recipient: customer };
      },
      transactions: (card: Doc) => List.of(movements(card).map((one) => placed(card, one)), (one) => one.id),
    },
    GiftCardCreditTransaction: movement,
    GiftCardDebitTransaction: movement,
  },
  mutations: {
    giftCardCreate: (_source, args, context) => create(args["input"] as Input, context),
    giftCardUpdate: (_source, args, context) => {
      const before = cardById(args["id"], context);
      const input = args["input"] as Input;
      if (before === null) return { giftCard: null, userErrors: [{ field: ["id"], message: "Gift card does not exist" }] };
      const customer = customerIdFrom(input.customerId, context);
      if (customer === "missing") return { giftCard: null, userErrors: [{ field: ["input", "customerId"], message: "The customer could not be found." }] };
      const recipient = customerIdFrom(input.recipientAttributes?.id, context);
      if (recipient === "missing") return { giftCard: null, userErrors: [{ field: ["input", "recipientAttributes", "id"], message: "The recipient could not be found." }] };
      const attributes = input.recipientAttributes;
      const changed = {
        ...(attributes == null ? {} : { recipient: { id: recipient, message: attributes.message ?? null, preferredName: attributes.preferredName ?? null, sendNotificationAt: attributes.sendNotificationAt ?? null } }),
        ...(input.crossCurrencyRedemptionStrategy == null ? {} : { strategy: input.crossCurrencyRedemptionStrategy }),
      };
      return { giftCard: saveDoc(context, giftCards, before, { ...before, ...changed, note: input.note === undefined ? before["note"] : input.note, expiresOn: input.expiresOn === undefined ? before["expiresOn"] : input.expiresOn, customerId: customer ?? before["customerId"], templateSuffix: input.templateSuffix === undefined ? before["templateSuffix"] : input.templateSuffix }), userErrors: [] };
    },
    giftCardDeactivate: (_source, args, context) => {
      const before = cardById(args["id"], context);
      if (before === null) return { giftCard: null, userErrors: [{ code: "GIFT_CARD_NOT_FOUND", field: ["id"], message: "The gift card could not be found." }] };
      return { giftCard: saveDoc(context, giftCards, before, { ...before, enabled: false, deactivatedAt: context.data.stamp(context.clock.now()) }), userErrors: [] };
    },
    giftCardCredit: (_source, args, context) => move(args["id"], args["creditInput"] as Movable, 1, "giftCardCreditTransaction", context),
    giftCardDebit: (_source, args, context) => move(args["id"], args["debitInput"] as Movable, -1, "giftCardDebitTransaction", context),
  },
};

interface Input {
  readonly code?: string | null;
  readonly initialValue?: string | number | null;
  readonly initialAmount?: { readonly amount: string | number; readonly currencyCode: string } | null;
  readonly note?: string | null;
  readonly expiresOn?: string | null;
  readonly templateSuffix?: string | null;
  readonly customerId?: string | null;
  readonly crossCurrencyRedemptionStrategy?: string | null;
  readonly recipientAttributes?: { readonly id: string; readonly message?: string | null; readonly preferredName?: string | null; readonly sendNotificationAt?: string | null } | null;
}
interface Movable {
  readonly creditAmount?: { readonly amount: string | number };
  readonly debitAmount?: { readonly amount: string | number };
  readonly note?: string | null;
}

function cardById(id: unknown, { data }: Context): Doc | null {
  const parsed = parseGid(String(id));
  return parsed?.type === "GiftCard" ? data.store("GiftCard").get(parsed.id) : null;
}

function customerIdFrom(id: string | null | undefined, { data }: Context): number | null | "missing" {
  if (id == null) return null;
  const parsed = parseGid(id);
  return parsed?.type === "Customer" && data.customers.has(parsed.id) ? parsed.id : "missing";
}

function create(input: Input, context: Context): object {
  const failed = (code: string, message: string, field: string): object => ({ giftCard: null, giftCardCode: null, userErrors: [{ code, message, field: ["input", field] }] });
  const value = hundredths(input.initialAmount?.amount ?? input.initialValue ?? 0);
  if (!(value > 0)) return failed("GREATER_THAN", "must be greater than 0", "initialValue");
  const customer = customerIdFrom(input.customerId, context);
  const recipient = customerIdFrom(input.recipientAttributes?.id, context);
  if (customer === "missing") return failed("CUSTOMER_NOT_FOUND", "The customer could not be found.", "customerId");
  if (recipient === "missing") return failed("RECIPIENT_NOT_FOUND", "The recipient could not be found.", "recipientAttributes");
  const code = input.code?.toLowerCase();
  if (code !== undefined && !/^[a-z0-9]{8,20}$/.test(code)) return failed(code.length < 8 ? "TOO_SHORT" : code.length > 20 ? "TOO_LONG" : "INVALID", "Code must be 8 to 20 letters and digits", "code");
  const id = context.data.newId();
  const whole = code ?? createHash("sha256").update(`${context.facts.domain}/gift-card/${id}`).digest("hex").slice(0, 16);
  const attributes = input.recipientAttributes;
  const card = saveDoc(context, giftCards, null, { id, initialValue: value, currency: input.initialAmount?.currencyCode ?? "USD", lastCharacters: whole.slice(-4), note: input.note ?? null, enabled: true, expiresOn: input.expiresOn ?? null, templateSuffix: input.templateSuffix ?? null, strategy: input.crossCurrencyRedemptionStrategy ?? "NONE", customerId: customer, recipient: attributes == null ? null : { id: recipient, message: attributes.message ?? null, preferredName: attributes.preferredName ?? null, sendNotificationAt: attributes.sendNotificationAt ?? null }, deactivatedAt: null, movements: [] });
  return { giftCard: card, giftCardCode: whole, userErrors: [] };
}

function move(id: unknown, input: Movable, sign: 1 | -1, name: string, context: Context): object {
  const failed = (code: string, message: string, field: readonly string[]): object => ({ [name]: null, userErrors: [{ code, message, field }] });
  const card = cardById(id, context);
  const amount = sign * hundredths(input.creditAmount?.amount ?? input.debitAmount?.amount ?? 0);
  if (card === null) return failed("GIFT_CARD_NOT_FOUND", "The gift card could not be found.", ["id"]);
  if (amount * sign <= 0) return failed("NEGATIVE_OR_ZERO_AMOUNT", "A positive amount must be used.", ["amount"]);
  if (balance(card) + amount < 0) return failed("INSUFFICIENT_FUNDS", "The gift card does not have sufficient funds.", ["amount"]);
  const made: Movement = { id: context.data.newId(), amount, note: input.note ?? null, processedAt: context.data.stamp(context.clock.now()) };
  return { [name]: placed(saveDoc(context, giftCards, card, { ...card, movements: [...movements(card), made] }), made), userErrors: [] };
}
