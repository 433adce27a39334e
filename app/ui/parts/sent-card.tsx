/** What leaves the browser when an identity is used, and what does not. */
import { BlockStack, Card, List, Text } from "@shopify/polaris";
import { count } from "../wording/numbers.ts";

export function SentCard({ keys }: { keys: number }) {
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">What is sent, and what is not</Text>
        <List>
          <List.Item>The identity file never leaves this browser. It is not uploaded, not stored, and forgotten when you leave the page.</List.Item>
          <List.Item>{`Sent over your session: the ${count(keys, "content key")} of the vault. They open what is in it now, and nothing that is added later.`}</List.Item>
          <List.Item>The app keeps them in memory only while it works, then erases them. If the app restarts meanwhile, you start again, and it is finished then.</List.Item>
        </List>
      </BlockStack>
    </Card>
  );
}
