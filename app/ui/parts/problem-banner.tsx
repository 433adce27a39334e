/** An error for a person: what happened, what it means for the data, what to do. The code stays readable for support. A critical banner is announced by itself. */
import { Banner, BlockStack, Text } from "@shopify/polaris";
import type { ProblemModel } from "../models.ts";
import { errorWords } from "../wording/errors.ts";
import { Time } from "./time.tsx";

export function ProblemBanner({ problem, what, onRetry, retryLabel = "Try again" }: { problem: ProblemModel; what?: string; onRetry?: () => void; retryLabel?: string }) {
  const words = errorWords(problem.code);
  return (
    <Banner tone="critical" title={what ? `${what}: ${lower(words.happened)}` : words.happened} {...(onRetry ? { action: { content: retryLabel, onAction: onRetry } } : {})}>
      <BlockStack gap="100">
        <Text as="p">{words.meaning}</Text>
        <Text as="p">{words.todo}</Text>
        <Text as="p" tone="subdued" variant="bodySm">Code: {problem.code}{problem.at ? <>, <Time at={problem.at} /></> : null}</Text>
      </BlockStack>
    </Banner>
  );
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}
