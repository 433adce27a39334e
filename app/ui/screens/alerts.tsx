/** Alerts. Its question: does something need me? */
import { Banner, BlockStack, Card, EmptyState, InlineStack, Link, Page, Pagination, Select, Text } from "@shopify/polaris";
import type { AlertRow, AlertsModel, AlertView } from "../models.ts";
import { AlertStateBadge, SeverityBadge } from "../parts/alert-badges.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { ALERT_WORDS, alertsAnswer, alertText } from "../wording/alerts.ts";
import { count, number } from "../wording/numbers.ts";

export interface AlertsActions {
  readonly onView: (view: { readonly view?: AlertView; readonly severity?: string; readonly code?: string; readonly page?: number }) => void;
}

const VIEWS = [{ value: "unresolved", label: "Not resolved" }, { value: "resolved", label: "Resolved" }, { value: "all", label: "All" }];
const SEVERITIES = [{ value: "", label: "Any" }, { value: "critical", label: "Critical" }, { value: "warning", label: "Warning" }];
const CODES = [{ value: "", label: "Anything" }, ...Object.entries(ALERT_WORDS).map(([value, { name }]) => ({ value, label: name })).sort((a, b) => a.label.localeCompare(b.label))];

export function AlertsScreen(props: { model: AlertsModel } & AlertsActions) {
  return <ClockProvider now={props.model.now}><Alerts {...props} /></ClockProvider>;
}

function Alerts({ model, onView }: { model: AlertsModel } & AlertsActions) {
  return (
    <Page title="Alerts" {...(model.total === 0 ? {} : { primaryAction: { content: "Choose who is told", url: "/app/alerts/settings" } })}>
      <BlockStack gap="400">
        <FirstLine {...(model.state === "safe" ? {} : { badge: <StateBadge state={model.state} /> })}>{alertsAnswer(model)}</FirstLine>
        {model.total === 0 ? null : <Told model={model} />}
        {model.total === 0 ? (
          <Card>
            <EmptyState heading="No alert was ever raised" image="" action={{ content: "Choose who is told", url: "/app/alerts/settings" }}>
              <p>Every minute the app looks at snapshots, schedule, storage, encryption, checks, keys and privacy requests. What is wrong appears here and on the overview, and is told to whom you choose.</p>
            </EmptyState>
          </Card>
        ) : (
          <Card>
            <BlockStack gap="400">
              <div className="hf-filters">
                <Select label="Show" options={VIEWS} value={model.view} onChange={(view) => onView({ view: view as AlertView, page: 1 })} />
                <Select label="Severity" options={SEVERITIES} value={model.severity ?? ""} onChange={(severity) => onView({ severity, page: 1 })} />
                <Select label="About" options={CODES} value={model.code ?? ""} onChange={(code) => onView({ code, page: 1 })} />
              </div>
              {model.rows.length === 0 ? <Text as="p">No alert fits. Change the filters above.</Text> : <ul className="hf-cards" aria-label="Alerts">{model.rows.map((row) => <Row key={row.id} row={row} />)}</ul>}
              {model.pages > 1 ? (
                <InlineStack align="center">
                  <Pagination
                    hasPrevious={model.page > 1}
                    hasNext={model.page < model.pages}
                    onPrevious={() => onView({ page: model.page - 1 })}
                    onNext={() => onView({ page: model.page + 1 })}
                    label={`Page ${number(model.page)} of ${number(model.pages)}`}
                    accessibilityLabel="Pages of alerts"
                  />
                </InlineStack>
              ) : null}
            </BlockStack>
          </Card>
        )}
      </BlockStack>
    </Page>
  );
}

function Row({ row }: { row: AlertRow }) {
  const { title, happened } = alertText(row);
  return (
    <li>
      <BlockStack gap="100">
        <InlineStack gap="200"><SeverityBadge severity={row.severity} /><AlertStateBadge state={row.state} /></InlineStack>
        <Link url={`/app/alerts/${row.id}`} monochrome><Text as="span" fontWeight="semibold">{title}</Text></Link>
        <Text as="span">{happened}</Text>
        <Text as="span" tone="subdued">Since <Time at={row.firstSeen} />, last seen <Time at={row.lastSeen} /></Text>
      </BlockStack>
    </li>
  );
}

/** Alerts that nobody hears of are half an alert. */
function Told({ model: { told, undelivered } }: { model: AlertsModel }) {
  const choose = { action: { content: "Choose who is told", url: "/app/alerts/settings" } };
  return (
    <>
      {undelivered > 0 ? <Banner tone="warning" title={`${count(undelivered, "message")} about alerts could not be delivered`} action={{ content: "See why", url: "/app/alerts/settings" }} /> : null}
      {told === null || told.people === 0 ? <Banner tone="info" title="Nobody is told of alerts outside this app" {...choose}><Text as="p">They are shown here and on the overview only.</Text></Banner> : null}
      {told !== null && told.people > 0 && !told.enabled ? <Banner tone="warning" title="Messages about alerts are switched off" {...choose} /> : null}
    </>
  );
}

