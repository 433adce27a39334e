/** When a screen cannot be shown: what happened, what it means for the data, what to do. Also the page for addresses that lead nowhere, and for what is not everybody's. */
import { BlockStack, Button, InlineStack, Page, Text } from "@shopify/polaris";
import { FirstLine } from "../parts/first-line.tsx";
import { StateBadge } from "../parts/state.tsx";
import { errorWords } from "../wording/errors.ts";

export function ProblemScreen({ code, onRetry }: { code: string; onRetry?: () => void }) {
  const words = errorWords(code);
  const notFound = code === "request.not_found";
  if (TEAM_ONLY.has(code)) return <TeamOnly code={code} />;
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

const TEAM_ONLY: ReadonlySet<string> = new Set(["access.not_a_responder", "access.not_an_approver"]);

/** Nothing is wrong, so nothing can be tried again: who may, and how somebody comes to be one of them. */
function TeamOnly({ code }: { code: string }) {
  const approvers = code === "access.not_an_approver";
  return (
    <Page title="Response team only">
      <div role="alert">
        <FirstLine
          below={(
            <BlockStack gap="300">
              <Text as="p">{approvers ? "It takes somebody who is named as an approver." : "It takes somebody who is named for emergencies: copies of customer records are opened and put back here."}</Text>
              <Text as="p">Only an approver can name you. Ask to be named under Settings, Response team; they see there that you asked. That you looked here is in the log.</Text>
              <InlineStack gap="200">
                <Button variant="primary" url="/app/settings/team">See who is in the team, or ask to be named</Button>
                <Button url="/app">Go to the overview</Button>
              </InlineStack>
              <Text as="p" tone="subdued" variant="bodySm">{`Code: ${code}`}</Text>
            </BlockStack>
          )}
        >
          {approvers ? "This is for approvers of the response team, and you are not named as one." : "This is for the response team, and you are not in it."}
        </FirstLine>
      </div>
    </Page>
  );
}
