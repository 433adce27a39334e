/** What a restore may write: what the store has to grant before it can begin, and giving it back when it is over. */
import { Banner, BlockStack, Button, Card, List, Text } from "@shopify/polaris";
import type { RestoreModel } from "../models/restore.ts";
import { Code } from "./facts.tsx";
import { list } from "../wording/numbers.ts";
import { scopeWords } from "../wording/scopes.ts";

export interface RightsProps {
  readonly model: Pick<RestoreModel, "rights" | "target">;
  readonly busy: boolean;
  /** What the admin said when it was last asked. */
  readonly answer: "declined" | "unavailable" | null;
  readonly onAsk: (scopes: readonly string[]) => void;
  readonly onGiveBack: () => void;
}

export function RestoreRights({ model, busy, answer, onAsk, onGiveBack }: RightsProps) {
  const { rights } = model;
  if (rights === null) return null;
  if (rights.missing !== null && rights.missing.length > 0) {
    return (
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">{rights.here ? "Let the app write what this restore takes" : `${model.target} has to let the app write`}</Text>
          <Text as="p">Taking copies needs reading only, so the app may write nothing yet. This restore needs exactly this, and cannot begin without it:</Text>
          <List>{rights.missing.map((scope) => <List.Item key={scope}>{scopeWords(scope)} <Code>{scope}</Code></List.Item>)}</List>
          {answer === "declined" ? <Banner tone="warning">It was declined, so nothing may be written. You can ask again.</Banner> : null}
          {answer === "unavailable" ? <Banner tone="warning">Your store's admin did not ask. Open this page inside the admin, as somebody who may manage apps.</Banner> : null}
          {rights.here ? (
            <>
              <div><Button variant="primary" loading={busy} onClick={() => onAsk(rights.missing!)}>Ask the store for it</Button></div>
              <Text as="p" tone="subdued">Your store asks you in a dialog of its own. Somebody who may manage apps can say yes; it can be given back as soon as the restore is over.</Text>
            </>
          ) : (
            <Text as="p" tone="subdued">It is granted in that store's own admin, by somebody who may manage apps there: in this app, under Settings, Response team. This page notices by itself.</Text>
          )}
        </BlockStack>
      </Card>
    );
  }
  if (rights.spare.length === 0) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Give the right to write back</Text>
        <Text as="p">{`The app may still ${list(rights.spare.map(scopeWords))}. No plan needs it any more, and taking copies does not either.`}</Text>
        <div><Button loading={busy} onClick={onGiveBack}>Give it back</Button></div>
      </BlockStack>
    </Card>
  );
}
