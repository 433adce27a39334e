/** Snapshots. Its question: what do we have, from when, and is anything missing? */
import { BlockStack, Button, Card, EmptyState, IndexFilters, IndexFiltersMode, IndexTable, InlineStack, Link, Page, Text, useBreakpoints } from "@shopify/polaris";
import type { SnapshotFilter, SnapshotRow, SnapshotsModel } from "../models.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { StateBadge, WholenessBadge } from "../parts/state.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { number, size } from "../wording/numbers.ts";
import { emergencyAction } from "../wording/recovery.ts";
import { changes, snapshotsAnswer } from "../wording/snapshots.ts";

const VIEWS: readonly { readonly id: SnapshotFilter; readonly content: string }[] = [
  { id: "all", content: "All" },
  { id: "complete", content: "Without gaps" },
  { id: "gaps", content: "With gaps" },
];

export interface SnapshotsActions {
  readonly onSnapshot: () => void;
  readonly onCancel: (runId: string) => void;
  /** Takes a snapshot that waits for nothing and is held. */
  readonly onEmergency?: () => void;
  readonly onView: (filter: SnapshotFilter, page: number) => void;
  readonly busy: boolean;
}

export function SnapshotsScreen(props: { model: SnapshotsModel } & SnapshotsActions) {
  return <ClockProvider now={props.model.now}><Snapshots {...props} /></ClockProvider>;
}

function Snapshots({ model, onSnapshot, onCancel, onEmergency, onView, busy }: { model: SnapshotsModel } & SnapshotsActions) {
  const { now, zone } = useClock();
  const running = model.run?.job === "snapshot";
  const primary = model.ready
    ? { content: "Take a snapshot now", onAction: onSnapshot, loading: busy, disabled: running }
    : { content: "Finish set-up", url: "/app/setup" };
  const progress = running && model.run ? <ProgressCard run={model.run} onCancel={() => onCancel(model.run!.id)} /> : null;
  if (model.total === 0) {
    return (
      <Page title="Snapshots" {...(running ? { primaryAction: primary } : {})}>
        <BlockStack gap="400">
          <FirstLine badge={<StateBadge state="not-observed" />}>{running ? "No snapshots yet; the first is being taken." : "No snapshots yet."}</FirstLine>
          {progress}
          {running ? null : (
            <Card>
              <EmptyState
                heading={model.ready ? "Take the first snapshot" : "Set-up comes first"}
                image=""
                action={model.ready ? { content: "Take a snapshot now", onAction: onSnapshot, loading: busy } : { content: "Finish set-up", url: "/app/setup" }}
              >
                <p>A snapshot is a sealed copy of the whole store, counted against the store&rsquo;s own numbers. It is there as a whole or not at all.</p>
              </EmptyState>
            </Card>
          )}
        </BlockStack>
      </Page>
    );
  }
  return (
    <Page title="Snapshots" primaryAction={primary} secondaryActions={[{ content: "What to keep", url: "/app/retention" }, ...(model.ready && onEmergency ? [emergencyAction(onEmergency)] : [])]}>
      <BlockStack gap="400">
        <FirstLine badge={<StateBadge state={model.withGaps > 0 ? "at-risk" : "safe"} />}>{snapshotsAnswer(model, now, zone)}</FirstLine>
        {progress}
        <SnapshotTable model={model} onView={onView} />
        <div><Button url="/app/runs">See all runs</Button></div>
      </BlockStack>
    </Page>
  );
}

function SnapshotTable({ model, onView }: { model: SnapshotsModel; onView: SnapshotsActions["onView"] }) {
  const { smDown } = useBreakpoints();
  const view = Math.max(0, VIEWS.findIndex((v) => v.id === model.filter));
  return (
    <Card padding="0">
      <IndexFilters
        tabs={VIEWS.map((v, index) => ({ id: `view-${v.id}`, content: v.content, index, isLocked: true, onAction: () => onView(v.id, 1) }))}
        selected={view}
        onSelect={(index) => onView(VIEWS[index]?.id ?? "all", 1)}
        mode={IndexFiltersMode.Default}
        setMode={nothing}
        filters={[]}
        appliedFilters={[]}
        onClearAll={nothing}
        onQueryChange={nothing}
        onQueryClear={nothing}
        hideFilters
        hideQueryField
        canCreateNewView={false}
      />
      <IndexTable
        resourceName={{ singular: "snapshot", plural: "snapshots" }}
        itemCount={model.rows.length}
        selectable={false}
        condensed={smDown}
        headings={[{ title: "Taken" }, { title: "State" }, { title: "Records", alignment: "end" }, { title: "Since the one before" }, { title: "Added to storage", alignment: "end" }]}
        emptyState={<div style={{ padding: "1rem" }}><Text as="p" alignment="center">{model.filter === "gaps" ? "No snapshot has a gap." : "Every snapshot here has a gap."}</Text></div>}
        pagination={{
          hasPrevious: model.page > 1,
          hasNext: model.page < model.pages,
          onPrevious: () => onView(model.filter, model.page - 1),
          onNext: () => onView(model.filter, model.page + 1),
          label: `Page ${number(model.page)} of ${number(Math.max(1, model.pages))}`,
          accessibilityLabel: "Pages of snapshots",
        }}
      >
        {model.rows.map((row, i) => (smDown ? <Narrow key={row.id} row={row} position={i} /> : <Wide key={row.id} row={row} position={i} />))}
      </IndexTable>
    </Card>
  );
}

function Wide({ row, position }: { row: SnapshotRow; position: number }) {
  return (
    <IndexTable.Row id={row.id} position={position}>
      <IndexTable.Cell><Link url={`/app/snapshots/${row.id}`} dataPrimaryLink monochrome><Time at={row.takenAt} form="day" begins /></Link></IndexTable.Cell>
      <IndexTable.Cell><WholenessBadge complete={row.complete} gapCount={row.gapCount} changesOnly={row.changesOnly} /></IndexTable.Cell>
      <IndexTable.Cell><Text as="span" alignment="end" numeric>{number(row.records)}</Text></IndexTable.Cell>
      <IndexTable.Cell>{changes(row)}</IndexTable.Cell>
      <IndexTable.Cell><Text as="span" alignment="end" numeric>{size(row.bytesWritten)}</Text></IndexTable.Cell>
    </IndexTable.Row>
  );
}

function Narrow({ row, position }: { row: SnapshotRow; position: number }) {
  return (
    <IndexTable.Row id={row.id} position={position}>
      <div style={{ padding: "0.75rem 1rem", width: "100%" }}>
        <BlockStack gap="100">
          <InlineStack align="space-between" gap="200">
            <Link url={`/app/snapshots/${row.id}`} dataPrimaryLink monochrome><Text as="span" fontWeight="semibold"><Time at={row.takenAt} form="day" begins /></Text></Link>
            <WholenessBadge complete={row.complete} gapCount={row.gapCount} changesOnly={row.changesOnly} />
          </InlineStack>
          <Text as="span">{`${number(row.records)} records. ${changes(row)}`}</Text>
          <Text as="span" tone="subdued">{`${size(row.bytesWritten)} added to storage`}</Text>
        </BlockStack>
      </div>
    </IndexTable.Row>
  );
}

function nothing(): void {
  // Polaris asks for these handlers also where the query field and the filters are hidden.
}
