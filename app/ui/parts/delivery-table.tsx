/** Who was told, by what, and how it went. */
import { Text } from "@shopify/polaris";
import type { DeliveryRow } from "../models.ts";
import { CHANNEL_WORD, deliveryWords, REASON_WORD } from "../wording/deliveries.ts";
import { DeliveryBadge } from "./alert-badges.tsx";
import { Scroll } from "./scroll.tsx";
import { Time } from "./time.tsx";

export function DeliveryTable({ rows }: { rows: readonly DeliveryRow[] }) {
  if (rows.length === 0) return <Text as="p" tone="subdued">No message has been sent.</Text>;
  return (
    <Scroll label="Messages">
      <table className="hf-table">
        <caption className="hf-unseen">Messages, newest first</caption>
        <thead><tr><th scope="col">When</th><th scope="col">By</th><th scope="col">To</th><th scope="col">Why</th><th scope="col">Result</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row"><Time at={row.at} begins /></th>
              <td>{CHANNEL_WORD[row.channel]}</td>
              <td>{`Level ${row.level + 1}`}</td>
              <td>{REASON_WORD[row.reason]}</td>
              <td><DeliveryBadge state={row.state} />{row.code === null ? null : <Text as="p">{deliveryWords(row.code).happened}{row.state === "waiting" ? <> Tried again <Time at={row.nextAt} />.</> : ` ${deliveryWords(row.code).todo}`}</Text>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
