/** States of the search box, on a page of its own. */
import { Card, Page } from "@shopify/polaris";
import type { ReactElement } from "react";
import type { FindAnswerModel, FindMaterialModel } from "#app/ui/models/find.ts";
import { RecordSearch } from "#app/ui/parts/record-search.tsx";
import type { SearchKeyring } from "#app/ui/browser/search.ts";

const nothing = (): void => undefined;
const material: FindMaterialModel = { vaultId: "a1".repeat(16), recipientKeyIds: ["qo5K7QaRrifs-O8tmw_yMoPE5il2eHtqavSikmjUxMM"], sealedKeys: [], packs: [] };
const opened: SearchKeyring = { packs: [], closed: 0 };
const none: FindAnswerModel = { found: [], more: false, unsearched: 0, faults: 0 };
const customer = (n: number, more: Partial<FindAnswerModel["found"][number]> = {}): FindAnswerModel["found"][number] => ({ kind: "Customer", id: `gid://shopify/Customer/${7_000_000_000_000 + n}`, state: "current", within: null, ...more });
const some: FindAnswerModel = { ...none, found: [customer(1), customer(2, { within: "MailingAddress" }), { kind: "Order", id: "gid://shopify/Order/5550001", state: "current", within: null }, customer(3, { state: "earlier" }), customer(4, { state: "gone" })] };

const box = (answer: FindAnswerModel | null, more: { readonly material?: FindMaterialModel | null; readonly keys?: SearchKeyring; readonly busy?: boolean } = {}): ReactElement => (
  <Page title="Find a record">
    <Card>
      <RecordSearch material={more.material === undefined ? material : more.material} busy={more.busy ?? false} answer={answer} onFind={nothing} onPick={nothing} pick="Choose" countries={["US"]} {...(more.keys === undefined ? {} : { opened: more.keys })} />
    </Card>
  </Page>
);

export const finds: Readonly<Record<string, ReactElement>> = {
  "find-new": box(null),
  "find-waiting": box(null, { material: null, busy: true }),
  "find-refused": box(null, { material: { ...material, problem: { code: "access.not_a_responder" } } }),
  "find-some": box(some, { keys: opened }),
  "find-none": box(none, { keys: opened }),
  "find-many": box({ ...none, found: Array.from({ length: 40 }, (_, n) => customer(n)), more: true }, { keys: opened }),
  "find-partly": box({ ...some, unsearched: 3, faults: 1 }, { keys: opened }),
  "find-failed": box({ ...none, problem: { code: "store.unreachable" } }, { keys: opened }),
};
