/** Another store as the target of a restore: what that discloses, until when it may, and what it has let the app write so far. */
import { Banner, BlockStack, Text } from "@shopify/polaris";
import type { RestoreNewModel } from "../models/restore.ts";
import { writesWords } from "../wording/restores.ts";
import { Time } from "./time.tsx";

export function IntoAnother({ receiver: { shop, until, writes } }: { receiver: RestoreNewModel["receivers"][number] }) {
  return (
    <Banner tone="warning" title={`The records are disclosed to ${shop}`}>
      <BlockStack gap="200">
        <Text as="p">Whoever works in that store will see them, and this cannot be taken back. They get new ids there; what that store has of its own stays as it is. Your log names the disclosure, and that store’s log names what it received.</Text>
        <Text as="p">{"Its team allows it until "}<Time at={until} form="day" />{". Two different people of this store still have to agree."}</Text>
        <Text as="p">{writesWords(shop, writes)}</Text>
      </BlockStack>
    </Banner>
  );
}

/** On the page of a plan: who is told, before anybody approves it and after it was done. */
export function Disclosure({ shop, over }: { shop: string; over: boolean }) {
  return (
    <Banner tone="warning" title={over ? `Records were put into ${shop}: a disclosure` : `This discloses the records to ${shop}`}>
      <Text as="p">{over ? "Whoever works in that store can see what was put there. Your log names the disclosure, and the report names every record." : "Whoever works in that store will see them, and it cannot be taken back. Whoever approves this plan agrees to the disclosure; both stores’ logs name it."}</Text>
    </Banner>
  );
}
