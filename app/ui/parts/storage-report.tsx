/** What the storage test found: what the storage promises, what it does not, and what to change. The words come with the report. */
import { Banner, BlockStack, Text } from "@shopify/polaris";
import type { StorageReportModel } from "../models.ts";
import { StepIcon } from "./state.tsx";

export function StorageReportCard({ report }: { report: StorageReportModel }) {
  return (
    <BlockStack gap="300">
      <Banner tone={report.usable ? "success" : "critical"} title={report.usable ? "This storage can hold a vault." : "This storage must not hold a vault as it is."}>
        {report.leftBehind > 0 ? <Text as="p">{`${report.leftBehind} small test ${report.leftBehind === 1 ? "object" : "objects"} could not be removed yet, because the storage itself locks objects.`}</Text> : null}
      </Banner>
      <Text as="h3" variant="headingSm">What it promises</Text>
      <ul className="hf-steps">
        {report.can.map(({ promise, text }) => <li key={promise}><StepIcon state="done" /><Text as="span">{text}</Text></li>)}
      </ul>
      {report.cannot.length === 0 ? null : (
        <>
          <Text as="h3" variant="headingSm">What it does not promise</Text>
          <ul className="hf-steps">
            {report.cannot.map(({ promise, text, todo, essential }) => (
              <li key={promise}>
                <StepIcon state={essential ? "failed" : "absent"} />
                <BlockStack gap="100">
                  <Text as="span">{text}</Text>
                  <Text as="span" tone="subdued">{todo}</Text>
                </BlockStack>
              </li>
            ))}
          </ul>
        </>
      )}
    </BlockStack>
  );
}
