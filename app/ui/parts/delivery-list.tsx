/** Who was told, by what, and how it went: newest first. */
import { BlockStack, InlineStack, Text } from "@shopify/polaris";
import type { DeliveryRow } from "../models.ts";
import { CHANNEL_WORD, deliveryWords, REASON_WORD } from "../wording/deliveries.ts";
import { DeliveryBadge } from "./alert-badges.tsx";
import { Time } from "./time.tsx";

export function DeliveryList({ rows }: { rows: readonly DeliveryRow[] }) {
  if (rows.length === 0) return <Text as="p" tone="subdued">No message has been sent.</Text>;
  return (
    <ul className="hf-cards" aria-label="Messages, newest first">
      {rows.map((row) => (
        <li key={row.id}>
          <BlockStack gap="100">
            <InlineStack gap="200" blockAlign="center">
              <DeliveryBadge state={row.state} />
              <Text as="span">{`${CHANNEL_WORD[row.channel]} to level ${row.level + 1}`}</Text>
              <Text as="span" tone="subdued">{REASON_WORD[row.reason]}, <Time at={row.at} /></Text>
            </InlineStack>
            {row.code === null ? null : <Text as="p">{deliveryWords(row.code).happened}{row.state === "waiting" ? <> Tried again <Time at={row.nextAt} />.</> : ` ${deliveryWords(row.code).todo}`}</Text>}
          </BlockStack>
        </li>
      ))}
    </ul>
  );
}
