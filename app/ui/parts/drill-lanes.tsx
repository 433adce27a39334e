/** What each lane of a drill did. */
import { Badge, BlockStack, Card, InlineGrid, InlineStack, Text } from "@shopify/polaris";
import { AlertDiamondIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import type { DrillLaneModel } from "../models/drills.ts";
import { LANE_WORDS, laneAnswer } from "../wording/drills.ts";
import { kindTitle } from "../wording/kinds.ts";
import { number } from "../wording/numbers.ts";
import { stepName } from "../wording/phases.ts";
import { duration } from "../wording/time.ts";
import { Code } from "./facts.tsx";
import { ProblemBanner } from "./problem-banner.tsx";
import { Scroll } from "./scroll.tsx";
import { StepIcon } from "./state.tsx";

export function DrillLanes({ lanes }: { lanes: readonly DrillLaneModel[] }) {
  return <InlineGrid columns={{ xs: 1, lg: 2 }} gap="400">{lanes.map((lane) => <Lane key={lane.lane} lane={lane} />)}</InlineGrid>;
}

function Lane({ lane }: { lane: DrillLaneModel }) {
  const ownKey = lane.lane === "synthetic" || lane.lane === "sanitized";
  const stopped = !lane.passed && lane.differing.length + lane.refused === 0;
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">{LANE_WORDS[lane.lane].title}</Text>
          {lane.passed ? <Badge tone="success" icon={CheckCircleIcon}>Passed</Badge> : <Badge tone="critical" icon={AlertDiamondIcon}>Failed</Badge>}
        </InlineStack>
        <Text as="p" tone="subdued">{LANE_WORDS[lane.lane].what}</Text>
        <Text as="p">{laneAnswer(lane)}</Text>
        {stopped ? <ProblemBanner problem={{ code: lane.code }} what="This part failed" /> : null}
        <ol className="hf-steps">
          {lane.steps.map((step, n) => (
            <li key={step.name}>
              <StepIcon state={stopped && n === lane.steps.length - 1 ? "failed" : "done"} />
              <Text as="span">{step.name === "open" && ownKey ? "Open it again with a key of this run's own" : stepName(step.name)}</Text>
              <span className="hf-aside">{duration(step.ms)}</span>
            </li>
          ))}
        </ol>
        {lane.differing.length > 0 ? (
          <Scroll label={`Differences: ${LANE_WORDS[lane.lane].title}`}>
            <table className="hf-table">
              <caption className="hf-unseen">Records that differ, by kind and field</caption>
              <thead><tr><th scope="col">Kind</th><th scope="col">Field</th><th scope="col" className="hf-figure">Records</th></tr></thead>
              <tbody>{lane.differing.map((d) => <tr key={`${d.kind} ${d.field}`}><th scope="row">{kindTitle(d.kind)}</th><td><Code>{d.field}</Code></td><td className="hf-figure">{number(d.records)}</td></tr>)}</tbody>
            </table>
          </Scroll>
        ) : null}
      </BlockStack>
    </Card>
  );
}
