/** Store credit of customers and company locations: balances come back, the ledger that led to them does not. */
import { moneyInput } from "./fields.ts";
import { childrenOf, type ChildKind, type FollowUp } from "./kind.ts";

const mutation = `#graphql
  mutation RestoreStoreCredit($id: ID!, $creditInput: StoreCreditAccountCreditInput!) {
    storeCreditAccountCredit(id: $id, creditInput: $creditInput) { storeCreditAccountTransaction { account { id } } userErrors { code field message } }
  }
`;

export const STORE_CREDIT_CHILD: ChildKind = {
  kind: "StoreCreditAccount",
  ordered: false,
  losses: { id: "platform.assigns" },
  // An account at zero is not written: the platform opens it when there is something to put in.
  compared: (fields) => (balance(fields) === 0 ? null : fields),
  name: (fields) => String(moneyInput(fields["balance"])?.currencyCode),
};

/** One credit of the whole balance, without a message to its owner. */
export const STORE_CREDIT_WRITE: FollowUp = {
  mutation,
  payload: "storeCreditAccountCredit",
  node: null,
  each: (family, newId) =>
    childrenOf(family, "StoreCreditAccount")
      .filter(({ fields }) => balance(fields) > 0)
      .map((of) => ({ of, variables: { id: newId, creditInput: { creditAmount: moneyInput(of.fields["balance"]), notify: false } } })),
};

function balance(fields: Readonly<Record<string, unknown>>): number {
  return Number(moneyInput(fields["balance"])?.amount ?? 0);
}
