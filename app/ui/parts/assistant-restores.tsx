/** How far the restores are that a run led to: planned, approved, begun, reported. Taken from the plans; nothing here is ticked. */
import { BlockStack, Button, Text } from "@shopify/polaris";
import type { AssistantRestoreModel } from "../models/assistant.ts";
import { outcomeWords, RESTORE_STATE } from "../wording/restores.ts";
import { Time } from "./time.tsx";

export function AssistantRestores({ restores }: { restores: readonly AssistantRestoreModel[] }) {
  if (restores.length === 0) return null;
  return (
    <BlockStack gap="300">
      <Text as="h3" variant="headingMd">{restores.length === 1 ? "The restore of this run" : "The restores of this run"}</Text>
      {restores.map((restore, n) => (
        <BlockStack key={restore.id} gap="200">
          <Text as="p" fontWeight="semibold">{`${restores.length === 1 ? "" : `${String(n + 1)}. `}${RESTORE_STATE[restore.state]}`}</Text>
          <ol className="hf-list">{STAGES.map(({ name, at }) => <li key={name}>{name}{": "}{at(restore) === null ? "not yet" : <Time at={at(restore)!} form="exact" />}</li>)}</ol>
          {restore.outcome === null ? null : <Text as="p">{outcomeWords(restore.outcome)}</Text>}
          <div className="hf-noprint"><Button size="large" url={`/app/restore/${restore.id}`}>{restore.reportAt === null ? "Open the restore" : "Open the report"}</Button></div>
        </BlockStack>
      ))}
    </BlockStack>
  );
}

const STAGES: readonly { readonly name: string; readonly at: (restore: AssistantRestoreModel) => string | null }[] = [
  { name: "Plan made", at: ({ plannedAt }) => plannedAt },
  { name: "Approved by a second person", at: ({ approvedAt }) => approvedAt },
  { name: "Begun", at: ({ begunAt }) => begunAt },
  { name: "Done and reported", at: ({ reportAt }) => reportAt },
];
