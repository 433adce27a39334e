/** Set-up as a list that can be left and taken up again: each step says whether it is done, and the next one has the button. */
import { BlockStack, Button, Card, Text } from "@shopify/polaris";
import type { SetupModel } from "../models.ts";
import { StepIcon } from "./state.tsx";

interface Step {
  readonly key: keyof SetupModel;
  readonly title: string;
  readonly why: string;
  readonly action: string;
  readonly url?: string;
}

const STEPS: readonly Step[] = [
  { key: "storage", title: "Choose where the copies are kept", why: "A folder or bucket that belongs to you. Only sealed data goes there.", action: "Choose storage", url: "/app/setup" },
  { key: "key", title: "Make your key", why: "Made in your browser. You keep the half that opens the copies; we never see it.", action: "Make the key", url: "/app/setup" },
  { key: "snapshot", title: "Take the first snapshot", why: "Copies the whole store and counts it against the store's own numbers.", action: "Take a snapshot" },
  { key: "drill", title: "Run the first drill", why: "Restores the copy into a sandbox shop and compares every record. Until then it is not proven.", action: "Run a drill", url: "/app/drills/new" },
];

export function setupDone(setup: SetupModel): number {
  return STEPS.filter((step) => setup[step.key].done).length;
}

export function SetupChecklist({ setup, onSnapshot, busy }: { setup: SetupModel; onSnapshot?: () => void; busy?: boolean }) {
  const done = setupDone(setup);
  if (done === STEPS.length) return null;
  const next = STEPS.find((step) => !setup[step.key].done);
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">Set-up</Text>
          <Text as="p" tone="subdued">{`${done} of ${STEPS.length} steps done. You can leave at any time and go on later.`}</Text>
        </BlockStack>
        <ol className="hf-checklist">
          {STEPS.map((step) => (
            <li key={step.key}>
              <StepIcon state={setup[step.key].done ? "done" : "waiting"} />
              <BlockStack gap="150">
                <Text as="h3" variant="headingSm">{step.title}</Text>
                {setup[step.key].done ? null : <Text as="p" tone="subdued">{step.why}</Text>}
                {step === next ? <div>{step.url ? <Button url={step.url}>{step.action}</Button> : <Button onClick={onSnapshot} disabled={busy ?? false}>{step.action}</Button>}</div> : null}
              </BlockStack>
            </li>
          ))}
        </ol>
      </BlockStack>
    </Card>
  );
}
