/** Questions about what is new in the store: the open ones with a place for the answer, the others with the answer that was given. */
import { Badge, BlockStack, Button, Card, InlineStack, Text, TextField } from "@shopify/polaris";
import { AlertDiamondIcon, CheckCircleIcon, ClockIcon, MinusCircleIcon } from "@shopify/polaris-icons";
import { useState } from "react";
import type { TaskRow } from "../models-exposure.ts";
import { taskWords } from "../wording/exposure.ts";
import { Time } from "./time.tsx";

export interface TaskActions {
  readonly onDecide: (id: string, state: "accepted" | "done", reason: string) => void;
  /** The task that is being saved. */
  readonly busy: string | null;
}

export function CoverageTasks({ tasks, ...actions }: { tasks: readonly TaskRow[] } & TaskActions) {
  const open = tasks.filter(({ state }) => state === "open");
  const closed = tasks.filter(({ state }) => state !== "open");
  return (
    <BlockStack gap="400">
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">To answer</Text>
          {open.length === 0 ? <Text as="p">Nothing new is waiting. New apps, fields and permissions appear here within one snapshot.</Text> : <ul className="hf-cards" aria-label="Open questions">{open.map((task) => <Open key={task.id} task={task} {...actions} />)}</ul>}
        </BlockStack>
      </Card>
      {closed.length === 0 ? null : (
        <Card>
          <BlockStack gap="400">
            <Text as="h2" variant="headingMd">Answered</Text>
            <ul className="hf-cards" aria-label="Answered questions">{closed.map((task) => <Closed key={task.id} task={task} />)}</ul>
          </BlockStack>
        </Card>
      )}
    </BlockStack>
  );
}

function Open({ task, onDecide, busy }: { task: TaskRow } & TaskActions) {
  const [reason, setReason] = useState("");
  const { title, question } = taskWords(task);
  const saving = busy === task.id;
  const tooShort = reason.trim().length < 5;
  return (
    <li>
      <BlockStack gap="200">
        <InlineStack gap="200">{task.overdue ? <Badge tone="critical" icon={AlertDiamondIcon}>Overdue</Badge> : <Badge tone="attention" icon={ClockIcon}>To answer</Badge>}</InlineStack>
        <Text as="h3" fontWeight="semibold">{title}</Text>
        <Text as="p">{question}</Text>
        <Text as="p" tone="subdued">First seen <Time at={task.raisedAt} />; answer by <Time at={task.dueAt} form="day" /></Text>
        <TextField label="Why" value={reason} onChange={setReason} autoComplete="off" maxLength={500} helpText="One line, without names of customers or e-mail addresses. It goes into the log." />
        <InlineStack gap="200">
          <Button onClick={() => onDecide(task.id, "done", reason)} disabled={tooShort} loading={saving} accessibilityLabel={`It is covered: ${title}`}>It is covered</Button>
          <Button onClick={() => onDecide(task.id, "accepted", reason)} disabled={tooShort} loading={saving} accessibilityLabel={`Take the gap: ${title}`}>Take the gap</Button>
        </InlineStack>
      </BlockStack>
    </li>
  );
}

function Closed({ task }: { task: TaskRow }) {
  const { title } = taskWords(task);
  return (
    <li>
      <BlockStack gap="100">
        <InlineStack gap="200">{task.state === "accepted" ? <Badge tone="warning" icon={MinusCircleIcon}>Gap taken</Badge> : <Badge tone="success" icon={CheckCircleIcon}>Covered</Badge>}</InlineStack>
        <Text as="h3" fontWeight="semibold">{title}</Text>
        <Text as="p">{task.reason ?? "It has gone from the store."}</Text>
        {task.decidedAt === undefined ? null : <Text as="p" tone="subdued"><Time at={task.decidedAt} begins /></Text>}
      </BlockStack>
    </li>
  );
}
