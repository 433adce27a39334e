/** Certificates of erasure: what was destroyed, when, and what the storage would not let go. */
import { Badge, BlockStack, Button, Card, EmptyState, IndexTable, Page, Text } from "@shopify/polaris";
import { AlertTriangleIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import type { ProblemModel } from "../models.ts";
import type { CertificatesModel } from "../models/privacy.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { count, number } from "../wording/numbers.ts";

export interface CertificatesActions {
  readonly onDownload: (name: string) => void;
  readonly problem: ProblemModel | null;
}

export function CertificatesScreen({ model, onDownload, problem }: { model: CertificatesModel } & CertificatesActions) {
  const open = model.rows.filter(({ remaining }) => remaining > 0).length;
  const wrong = problem ?? model.problem ?? null;
  return (
    <ClockProvider now={model.now}>
      <Page title="Certificates of erasure" backAction={{ content: "Privacy", url: "/app/requests" }}>
        <BlockStack gap="400">
          <FirstLine>{model.rows.length === 0 ? "Nothing was erased so far." : `${count(model.rows.length, "certificate")}. ${open === 0 ? "Everything that was to go is gone." : `${number(open)} ${open === 1 ? "waits" : "wait"} for a lock of the storage to end.`}`}</FirstLine>
          {wrong ? <ProblemBanner problem={wrong} what="Not fetched" /> : null}
          {model.rows.length === 0 ? (
            <Card><EmptyState heading="No certificates yet" image=""><p>Every erasure leaves one: signed, naming no person, and checkable by anybody who has the vault's public key.</p></EmptyState></Card>
          ) : (
            <Card padding="0">
              <IndexTable resourceName={{ singular: "certificate", plural: "certificates" }} itemCount={model.rows.length} selectable={false} headings={[{ title: "Erased" }, { title: "Records" }, { title: "Old packs destroyed" }, { title: "Reason" }, { title: "State" }, { title: "Download" }]}>
                {model.rows.map((row, position) => (
                  <IndexTable.Row id={row.name} key={row.name} position={position}>
                    <IndexTable.Cell><Time at={row.erasedAt} begins /></IndexTable.Cell>
                    <IndexTable.Cell>{`${number(row.records)} in ${count(row.versions, "version")}`}</IndexTable.Cell>
                    <IndexTable.Cell>{number(row.packs)}</IndexTable.Cell>
                    <IndexTable.Cell><Text as="span" breakWord>{row.reason}</Text></IndexTable.Cell>
                    <IndexTable.Cell>{row.remaining === 0 ? <Badge tone="success" icon={CheckCircleIcon}>Complete</Badge> : <Badge tone="warning" icon={AlertTriangleIcon}>{`${number(row.remaining)} locked`}</Badge>}</IndexTable.Cell>
                    <IndexTable.Cell><Button onClick={() => onDownload(row.name)} accessibilityLabel={`Download certificate ${row.name}`}>Download</Button></IndexTable.Cell>
                  </IndexTable.Row>
                ))}
              </IndexTable>
            </Card>
          )}
        </BlockStack>
      </Page>
    </ClockProvider>
  );
}
