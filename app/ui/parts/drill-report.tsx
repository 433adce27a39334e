/** The report of any period, worked out anew from the signed records when it is asked for. */
import { Badge, BlockStack, Button, ButtonGroup, Card, FormLayout, Text, TextField } from "@shopify/polaris";
import { AlertDiamondIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import { useState } from "react";
import type { ProblemModel } from "../models.ts";
import type { DrillReportModel } from "../models/drills.ts";
import { reportAnswer } from "../wording/drills.ts";
import { number } from "../wording/numbers.ts";
import { Code, Facts } from "./facts.tsx";
import { ProblemBanner } from "./problem-banner.tsx";
import { duration } from "../wording/time.ts";

export interface DrillReportActions {
  readonly report: DrillReportModel | null;
  readonly reportBusy: boolean;
  readonly reportProblem: ProblemModel | null;
  /** Days as "2026-11-22", or empty. */
  readonly onReport: (from: string, to: string) => void;
  readonly onDownloadReport: (from: string, to: string, format: "json" | "csv") => void;
}

const DAY = /^(?:\d{4}-\d\d-\d\d)?$/;

export function DrillReport({ report, reportBusy, reportProblem, onReport, onDownloadReport }: DrillReportActions) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const good = DAY.test(from) && DAY.test(to) && (from === "" || to === "" || from <= to);
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Report for any period</Text>
        <Text as="p" tone="subdued">Worked out from the signed records in your storage and the log that names each of them: one that is missing or changed is found. Anybody can do the same with holdfast drill report, and the vault's public key.</Text>
        {reportProblem ? <ProblemBanner problem={reportProblem} what="No report" /> : null}
        <form noValidate onSubmit={(event) => { event.preventDefault(); if (good) onReport(from, to); }}>
          <BlockStack gap="400">
            <FormLayout>
              <FormLayout.Group condensed>
                <TextField label="From" type="date" autoComplete="off" value={from} onChange={setFrom} helpText="Empty: from the beginning." />
                <TextField label="To, that day included" type="date" autoComplete="off" value={to} onChange={setTo} helpText="Empty: until now." error={good ? undefined : "The end lies before the beginning."} />
              </FormLayout.Group>
            </FormLayout>
            <ButtonGroup>
              <Button submit loading={reportBusy} disabled={!good}>Verify and show</Button>
              <Button onClick={() => onDownloadReport(from, to, "json")} disabled={!good}>Download JSON</Button>
              <Button onClick={() => onDownloadReport(from, to, "csv")} disabled={!good}>Download CSV</Button>
            </ButtonGroup>
          </BlockStack>
        </form>
        <div role="status" aria-live="polite">{report ? <Shown report={report} /> : null}</div>
      </BlockStack>
    </Card>
  );
}

function Shown({ report }: { report: DrillReportModel }) {
  return (
    <BlockStack gap="300">
      <div>{report.ok ? <Badge tone="success" icon={CheckCircleIcon}>Verified</Badge> : <Badge tone="critical" icon={AlertDiamondIcon}>Not verified</Badge>}</div>
      <Text as="p">{reportAnswer(report)}</Text>
      <Facts facts={[
        { name: "Weeks passed, of those due", value: `${number(report.weeksPassed)} of ${number(report.weeksDue)}` },
        { name: "Weeks missed", value: number(report.weeksMissed) },
        { name: "Drills passed, of those held", value: `${number(report.passed)} of ${number(report.held)}` },
        { name: "Answered for", value: `${number(report.certified)} of ${number(report.held)}` },
        { name: "Median time to restore", value: report.medianRtoMs === null ? "Not measured" : duration(report.medianRtoMs) },
      ]} />
      {report.findings.length > 0 ? <ul className="hf-list">{report.findings.map(({ code, object }) => <li key={`${code} ${object}`}><Code>{code}</Code> <Code>{object}</Code></li>)}</ul> : null}
    </BlockStack>
  );
}
