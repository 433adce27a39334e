/** What needs somebody, before everything else on the overview. */
import { Banner, BlockStack, Link, Text } from "@shopify/polaris";
import type { AlertRow } from "../models.ts";
import { alertText } from "../wording/alerts.ts";
import { count } from "../wording/numbers.ts";
import { Time } from "./time.tsx";

const SHOWN = 3;

export function AlertsBanner({ alerts }: { alerts: readonly AlertRow[] }) {
  const open = alerts.filter(({ state }) => state === "open");
  if (alerts.length === 0) return null;
  const shown = (open.length > 0 ? open : alerts).slice(0, SHOWN);
  const rest = alerts.length - shown.length;
  const critical = open.some(({ severity }) => severity === "critical");
  return (
    <Banner
      tone={open.length === 0 ? "info" : critical ? "critical" : "warning"}
      title={open.length === 0 ? `${count(alerts.length, "alert is", "alerts are")} being looked after` : `${count(open.length, "alert needs", "alerts need")} somebody`}
      action={{ content: "See the alerts", url: "/app/alerts" }}
    >
      <BlockStack gap="100">
        <ul className="hf-list">
          {shown.map((alert) => <li key={alert.id}><Link url={`/app/alerts/${alert.id}`} monochrome>{alertText(alert).title}</Link>, since <Time at={alert.firstSeen} /></li>)}
        </ul>
        {rest > 0 ? <Text as="p">{`${count(rest, "more alert")} in the list.`}</Text> : null}
      </BlockStack>
    </Banner>
  );
}
