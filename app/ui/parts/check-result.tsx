/** What the short check of a storage tried, in the order in which it was tried. */
import { Banner, BlockStack, Text } from "@shopify/polaris";
import type { StorageCheckModel } from "../models.ts";
import { errorWords } from "../wording/errors.ts";
import { checkAnswer, checkStep } from "../wording/storage.ts";
import { StepIcon } from "./state.tsx";

export function CheckResult({ check }: { check: StorageCheckModel }) {
  return (
    <BlockStack gap="300">
      <Banner tone={check.ok ? "success" : "critical"} title={checkAnswer(check)}>
        {check.ok ? null : <Text as="p">{errorWords(check.code ?? "store.failed").todo}</Text>}
      </Banner>
      <ol className="hf-steps" aria-label="What was tried">
        {check.steps.map((s) => <li key={s.step}><StepIcon state={s.ok ? "done" : "failed"} /><Text as="span">{checkStep(s.step, s.ok)}</Text></li>)}
      </ol>
    </BlockStack>
  );
}
