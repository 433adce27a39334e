/** Restores. Its question: what is being put back, and what waits for whom? */
import { Badge, Banner, BlockStack, Button, Card, EmptyState, Link, Page, Text } from "@shopify/polaris";
import { AlertTriangleIcon, CheckCircleIcon, ClockIcon, MinusCircleIcon, XCircleIcon } from "@shopify/polaris-icons";
import type { RestoreRow, RestoresModel, RestoreStateModel } from "../models/restore.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { number } from "../wording/numbers.ts";
import { RESTORE_STATE, restoresAnswer, selectionWords } from "../wording/restores.ts";

const LOOKS: Record<RestoreStateModel, { readonly tone?: "success" | "info" | "warning" | "critical" | "attention"; readonly icon: typeof ClockIcon }> = {
  planning: { tone: "info", icon: ClockIcon },
  draft: { icon: MinusCircleIcon },
  "awaiting-approval": { tone: "attention", icon: ClockIcon },
  approved: { tone: "info", icon: CheckCircleIcon },
  running: { tone: "info", icon: ClockIcon },
  paused: { tone: "attention", icon: AlertTriangleIcon },
  done: { tone: "success", icon: CheckCircleIcon },
  refused: { tone: "critical", icon: XCircleIcon },
  cancelled: { icon: MinusCircleIcon },
  failed: { tone: "critical", icon: XCircleIcon },
  stale: { tone: "warning", icon: AlertTriangleIcon },
};

export function RestoreBadge({ state, size }: { state: RestoreStateModel; size?: "large" }) {
  const { tone, icon } = LOOKS[state];
  return <Badge icon={icon} {...(tone === undefined ? {} : { tone })} {...(size === undefined ? {} : { size })}>{RESTORE_STATE[state]}</Badge>;
}

export function RestoresScreen({ model }: { model: RestoresModel }) {
  return <ClockProvider now={model.now}><Restores model={model} /></ClockProvider>;
}

function Restores({ model }: { model: RestoresModel }) {
  const { rows, ready, mayPlan } = model;
  const start = { content: "Plan a restore", url: "/app/restore/new" };
  return (
    <Page title="Restore" {...(ready && mayPlan && rows.length > 0 ? { primaryAction: start } : {})} secondaryActions={ready ? [{ content: "What happened? Let us find out", url: "/app/assistant" }] : []}>
      <BlockStack gap="400">
        <FirstLine>{restoresAnswer(model)}</FirstLine>
        {ready && !mayPlan ? <NotAResponder /> : null}
        {ready && !model.teamNamed ? <TeamHint /> : null}
        {rows.length > 0 ? <Table rows={rows} /> : (
          <Card>
            <EmptyState heading={ready ? "See what would change first" : "First a snapshot"} image="" {...(!ready ? { action: { content: "Finish set-up", url: "/app/setup" } } : mayPlan ? { action: start } : {})}>
              <p>{ready ? "Choose a moment and what should be as it was then. You see record by record what would change before anything does." : "There is nothing to restore from before the first snapshot."}</p>
            </EmptyState>
          </Card>
        )}
      </BlockStack>
    </Page>
  );
}

export function NotAResponder() {
  return (
    <Banner tone="info" title="You are not named as a responder">
      <BlockStack gap="200"><Text as="p">You can look at plans, and not make them. An approver of the response team can name you.</Text><div><Button url="/app/settings/team">See the response team</Button></div></BlockStack>
    </Banner>
  );
}

export function TeamHint() {
  return (
    <Banner tone="warning" title="Nobody is named for an emergency yet">
      <BlockStack gap="200"><Text as="p">Until then everybody of your staff may plan and approve restores; it still takes two different people.</Text><div><Button url="/app/settings/team">Name the response team</Button></div></BlockStack>
    </Banner>
  );
}

function Table({ rows }: { rows: readonly RestoreRow[] }) {
  return (
    <Card>
      <Scroll label="Restores">
        <table className="hf-table">
          <caption className="hf-unseen">Restores, newest first</caption>
          <thead><tr><th scope="col">Restore</th><th scope="col">State</th><th scope="col">As it was</th><th scope="col" className="hf-figure">Records</th><th scope="col">Planned by</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row"><Link url={`/app/restore/${row.id}`}>{selectionWords(row.selection)}</Link>{row.target === "This store" ? null : <Text as="p" tone="subdued">{`Into ${row.target}`}</Text>}</th>
                <td><RestoreBadge state={row.state} /></td>
                <td><Time at={row.at} form="day" begins /></td>
                <td className="hf-figure">{row.state === "planning" ? "–" : number(row.records)}</td>
                <td>{row.createdBy}{", "}<Time at={row.createdAt} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}
