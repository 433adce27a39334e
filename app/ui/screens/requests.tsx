/** Privacy requests: what does Shopify, for a customer, ask of us, and by when? */
import { Badge, BlockStack, Button, Card, EmptyState, IndexTable, InlineStack, Page, Text } from "@shopify/polaris";
import { AlertDiamondIcon, CheckCircleIcon, ClockIcon, LockIcon } from "@shopify/polaris-icons";
import type { RequestRow, RequestsModel } from "../models/privacy.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { dueWords, isOverdue, requestsAnswer, SHOPIFY_DAYS, standing, TOPICS } from "../wording/privacy.ts";

export function RequestsScreen({ model }: { model: RequestsModel }) {
  return <ClockProvider now={model.now}><Requests model={model} /></ClockProvider>;
}

function Requests({ model }: { model: RequestsModel }) {
  return (
    <Page title="Privacy" secondaryActions={[{ content: "Erase a customer", url: "/app/requests/erase" }, { content: "Certificates", url: "/app/requests/certificates" }]}>
      <BlockStack gap="400">
        <FirstLine>{requestsAnswer(model)}</FirstLine>
        {model.run ? <ProgressCard run={model.run} /> : null}
        {model.rows.length === 0 ? (
          <Card>
            <EmptyState heading="Nothing to answer" image="">
              <p>{`When a customer asks what you keep about them, or to be erased, Shopify passes it on and it appears here. It is to be answered within ${SHOPIFY_DAYS} days.`}</p>
            </EmptyState>
          </Card>
        ) : <RequestTable rows={model.rows} />}
      </BlockStack>
    </Page>
  );
}

function RequestTable({ rows }: { rows: readonly RequestRow[] }) {
  const { now } = useClock();
  return (
    <Card padding="0">
      <IndexTable
        resourceName={{ singular: "request", plural: "requests" }}
        itemCount={rows.length}
        selectable={false}
        headings={[{ title: "Request" }, { title: "Due" }, { title: "How it stands" }, { title: "Received" }]}
      >
        {rows.map((row, position) => (
          <IndexTable.Row id={row.id} key={row.id} position={position}>
            <IndexTable.Cell><Button variant="plain" url={`/app/requests/${row.id}`} accessibilityLabel={`${TOPICS[row.topic]}, request ${row.id}`}>{TOPICS[row.topic]}</Button></IndexTable.Cell>
            <IndexTable.Cell><StandingBadge row={row} now={now} /></IndexTable.Cell>
            <IndexTable.Cell><Text as="span" breakWord>{standing(row)}</Text></IndexTable.Cell>
            <IndexTable.Cell><Time at={row.receivedAt} begins /></IndexTable.Cell>
          </IndexTable.Row>
        ))}
      </IndexTable>
    </Card>
  );
}

export function StandingBadge({ row, now }: { row: RequestRow; now: string }) {
  if (row.state === "answered") return <Badge tone="success" icon={CheckCircleIcon}>Answered</Badge>;
  if (row.state === "held") return <Badge icon={LockIcon}>Legal hold</Badge>;
  const due = dueWords(row.dueAt, now);
  const words = due.charAt(0).toUpperCase() + due.slice(1);
  if (isOverdue(row, now)) return <Badge tone="critical" icon={AlertDiamondIcon}>{words}</Badge>;
  const soon = Date.parse(row.dueAt) - Date.parse(now) < 7 * 86_400_000;
  return <InlineStack><Badge tone={soon ? "warning" : "info"} icon={ClockIcon}>{words}</Badge></InlineStack>;
}
