/** Store credit: the difference is credited or debited. Neither can be repeated blindly. */
import { moneyInput } from "../fields.ts";
import type { Node } from "../kind.ts";
import { paired, type Delta, type ReviseStep } from "./revision.ts";

const credit = `#graphql
  mutation ReviseStoreCredit($id: ID!, $creditInput: StoreCreditAccountCreditInput!) {
    storeCreditAccountCredit(id: $id, creditInput: $creditInput) { storeCreditAccountTransaction { account { id } } userErrors { code field message } }
  }
`;

const debit = `#graphql
  mutation ReviseStoreDebit($id: ID!, $debitInput: StoreCreditAccountDebitInput!) {
    storeCreditAccountDebit(id: $id, debitInput: $debitInput) { storeCreditAccountTransaction { account { id } } userErrors { code field message } }
  }
`;

interface Due {
  readonly of: Node;
  /** The account, or its owner where it has none in this currency yet. */
  readonly id: string;
  readonly cents: number;
  readonly currencyCode: unknown;
}

export const STORE_CREDIT_STEPS: readonly ReviseStep[] = [
  {
    mutation: credit,
    payload: "storeCreditAccountCredit",
    node: null,
    again: "look",
    // Without a message to its owner.
    each: (delta) => due(delta).filter(({ cents }) => cents > 0).map(({ of, id, cents, currencyCode }) => ({ of, fields: ["balance"], variables: { id, creditInput: { creditAmount: { amount: amount(cents), currencyCode }, notify: false } } })),
  },
  {
    mutation: debit,
    payload: "storeCreditAccountDebit",
    node: null,
    again: "look",
    each: (delta) => due(delta).filter(({ cents }) => cents < 0).map(({ of, id, cents, currencyCode }) => ({ of, fields: ["balance"], variables: { id, debitInput: { debitAmount: { amount: amount(-cents), currencyCode } } } })),
  },
];

function due(delta: Delta): Due[] {
  const { pairs, missing, extra } = paired(delta, "StoreCreditAccount", (a, b) => money(a).currencyCode === money(b).currencyCode);
  return [
    ...pairs.map(({ then, now }) => ({ of: then, id: now.id, cents: money(then).cents - money(now).cents, currencyCode: money(then).currencyCode })),
    ...missing.map((of) => ({ of, id: delta.now.root.id, cents: money(of).cents, currencyCode: money(of).currencyCode })),
    // An account that did not exist then had nothing in it.
    ...(delta.extras === "remove" ? extra.map((of) => ({ of, id: of.id, cents: -money(of).cents, currencyCode: money(of).currencyCode })) : []),
  ].filter(({ cents }) => cents !== 0);
}

/** In hundredths: sums of decimals as floating point would drift. */
function money({ fields }: Node): { readonly cents: number; readonly currencyCode: unknown } {
  const value = moneyInput(fields["balance"]);
  return { cents: Math.round(Number(value?.amount ?? 0) * 100), currencyCode: value?.currencyCode };
}

export function amount(cents: number): string {
  return (cents / 100).toFixed(2);
}
