/** Store credit accounts: what a shop owes a customer. They have no updated_at, no list of their own and no webhook. */
import type { Doc } from "../data/doc-store.ts";
import { oneInEvery } from "../data/doc-store.ts";
import { ID_STEP, parseGid } from "../data/gid.ts";
import { Draw } from "../data/random.ts";
import { typed } from "../graphql/context.ts";
import type { Context } from "../graphql/context.ts";
import { List } from "../graphql/list.ts";
import { saveDoc } from "../graphql/mutations/docs.ts";
import { hundredths } from "../graphql/mutations/inputs.ts";
import { childOf, docOf, start } from "./kind.ts";
import type { DocKind } from "./kind.ts";

interface Movement {
  readonly id: number;
  readonly amount: number;
  readonly after: number;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** One customer in ten has an account. */
const EVERY = 10;
const movements = (account: Doc): readonly Movement[] => account["movements"] as readonly Movement[];
const balance = (account: Doc): number => movements(account).reduce((sum, one) => sum + one.amount, 0);
const placed = (account: Doc, one: Movement): object => ({ ...one, account, currency: account["currency"], __typename: one.amount < 0 ? "StoreCreditAccountDebitTransaction" : "StoreCreditAccountCreditTransaction" });

const transaction = {
  account: (one: { readonly account: Doc }) => one.account,
  balanceAfterTransaction: (one: Movement) => one.after,
  remainingAmount: (one: Movement) => one.amount,
  event: () => "ADJUSTMENT",
};

export const storeCreditAccounts: DocKind = {
  type: "StoreCreditAccount",
  size: (shape) => Math.ceil(shape.customers / EVERY),
  owner: { member: "ownerId", of: oneInEvery(EVERY) },
  make: (shape) => {
    const draw = new Draw(shape.seed, "store-credit");
    return (i) => {
      const at = start(shape, draw, i);
      const amount = draw.between(2, 90) * 100;
      return { ...at, currency: "USD", ownerId: shape.firstId + i * EVERY * ID_STEP, movements: [{ id: childOf(i, 0), amount, after: amount, createdAt: at.createdAt, expiresAt: null }] };
    };
  },
  root: { one: "storeCreditAccount" },
  edit: (account, draw) => {
    const amount = draw.between(1, 20) * 100;
    return { ...account, movements: [...movements(account), { id: account.id + movements(account).length, amount, after: balance(account) + amount, createdAt: account.updatedAt, expiresAt: null }] };
  },
  fields: {
    StoreCreditAccount: {
      balance,
      owner: (account: Doc, _args: unknown, context: Context) => {
        const owner = account["ownerId"] as number;
        return owner < 0 ? typed("CompanyLocation", docOf(context, "CompanyLocation", -owner)) : typed("Customer", context.data.customers.get(owner));
      },
      transactions: (account: Doc) => List.of(movements(account).map((one) => placed(account, one)) as unknown as { readonly id: number }[], (one) => one.id),
    },
    StoreCreditAccountCreditTransaction: transaction,
    StoreCreditAccountDebitTransaction: transaction,
  },
  mutations: {
    storeCreditAccountCredit: (_source, args, context) => {
      const input = args["creditInput"] as { creditAmount: { amount: string | number; currencyCode: string }; expiresAt?: string | null };
      return move(String(args["id"]), hundredths(input.creditAmount.amount), input.creditAmount.currencyCode, input.expiresAt == null ? null : Date.parse(input.expiresAt), ["creditInput", "creditAmount", "amount"], context);
    },
    storeCreditAccountDebit: (_source, args, context) => {
      const input = args["debitInput"] as { debitAmount: { amount: string | number; currencyCode: string } };
      return move(String(args["id"]), -hundredths(input.debitAmount.amount), input.debitAmount.currencyCode, null, ["debitInput", "debitAmount", "amount"], context);
    },
  },
};

/** `id` names an account, or an owner whose account in this currency is used, or made when it is credited. */
function move(id: string, amount: number, currency: string, expiresAt: number | null, field: readonly string[], context: Context): object {
  const failed = (code: string, message: string, at: readonly string[]): object => ({ storeCreditAccountTransaction: null, userErrors: [{ code, message, field: at }] });
  const { data } = context;
  const parsed = parseGid(id);
  if (amount === 0 || Number.isNaN(amount)) return failed("NEGATIVE_OR_ZERO_AMOUNT", "A positive amount must be used", field);
  let account: Doc | null = null;
  let owner: number | null = null;
  if (parsed?.type === "StoreCreditAccount") account = data.store("StoreCreditAccount").get(parsed.id);
  else if (parsed?.type === "Customer" && data.customers.has(parsed.id)) owner = parsed.id;
  else if (parsed?.type === "CompanyLocation" && data.store("CompanyLocation").get(parsed.id) !== null) owner = -parsed.id;
  if (owner !== null) account = accountsOf(data, owner).find((one) => one["currency"] === currency) ?? null;
  if (account === null && (owner === null || amount < 0)) return failed(owner === null && parsed?.type !== "StoreCreditAccount" ? "OWNER_NOT_FOUND" : "ACCOUNT_NOT_FOUND", owner === null ? "Account or owner does not exist" : "Account does not exist", ["id"]);
  if (account !== null && account["currency"] !== currency) return failed("MISMATCHING_CURRENCY", "The currency must match the account's", field);
  if (account !== null && balance(account) + amount < 0) return failed("INSUFFICIENT_FUNDS", "The store credit account does not have sufficient funds", field);
  const now = data.stamp(context.clock.now());
  const made: Movement = { id: data.newId(), amount, after: (account === null ? 0 : balance(account)) + amount, createdAt: now, expiresAt };
  const saved = saveDoc(context, storeCreditAccounts, account, { ...(account ?? { ownerId: owner, currency, id: data.newId(), movements: [] }), movements: [...(account === null ? [] : movements(account)), made] } as Doc);
  return { storeCreditAccountTransaction: placed(saved, made), userErrors: [] };
}

/** `owner`: a customer's id, or a company location's with a minus before it: their numbers repeat. */
export function accountsOf(data: Context["data"], owner: number): Doc[] {
  return owner < 0 ? data.store("StoreCreditAccount").of(owner, -1) : data.docsOf("StoreCreditAccount", "Customer", owner);
}
