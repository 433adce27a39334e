/** When a screen cannot be shown: what happened, what it means for the data, what to do. Also the page for addresses that lead nowhere. */
import { BlockStack, Button, InlineStack, Page, Text } from "@shopify/polaris";
import { FirstLine } from "../parts/first-line.tsx";
import { StateBadge } from "../parts/state.tsx";
import { errorWords } from "../wording/errors.ts";

export function ProblemScreen({ code, onRetry }: { code: string; onRetry?: () => void }) {
  const words = errorWords(code);
  const notFound = code === "request.not_found";
  return (
    <Page title={notFound ? "Not found" : "This screen could not be shown"}>
      <div role="alert">
        <FirstLine
          {...(notFound ? {} : { badge: <StateBadge state="not-observed" /> })}
          below={(
            <BlockStack gap="300">
              <Text as="p">{words.meaning}</Text>
              <Text as="p">{words.todo}</Text>
              <InlineStack gap="200">
                {onRetry && !notFound ? <Button variant="primary" onClick={onRetry}>Try again</Button> : null}
                <Button url="/app">Go to the overview</Button>
              </InlineStack>
              <Text as="p" tone="subdued" variant="bodySm">{`Code: ${code}`}</Text>
            </BlockStack>
          )}
        >
          {words.happened}
        </FirstLine>
      </div>
    </Page>
  );
}
