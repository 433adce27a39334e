/** Gaps by name: the first of them in full, the rest as a number. Places only; a gap never shows what a record holds. */
import { BlockStack, Button, Text } from "@shopify/polaris";
import { useState } from "react";
import type { Gap } from "#app/vault/index.ts";
import { gapName, gapSentence, gapTodo } from "../wording/gaps.ts";
import { count, number } from "../wording/numbers.ts";
import { Code } from "./facts.tsx";
import { StepIcon } from "./state.tsx";

const FIRST = 20;
const STEP = 200;

export function GapList({ gaps, gapCount }: { gaps: readonly Gap[]; gapCount: number }) {
  const [shown, setShown] = useState(FIRST);
  const visible = gaps.slice(0, shown);
  const beyond = gapCount - gaps.length;
  const todos = [...new Set(gaps.map((g) => gapTodo(g.code)))];
  return (
    <BlockStack gap="300">
      {todos.map((todo) => <Text as="p" key={todo}>{todo}</Text>)}
      <ul className="hf-steps hf-steps-long">
        {visible.map((gap, i) => (
          // Two gaps may be alike in every field; their place in the list is what tells them apart.
          <li key={i}>
            <StepIcon state="failed" />
            <BlockStack gap="050">
              <Text as="span" fontWeight="semibold">{gapName(gap.code)}</Text>
              <Text as="span">{gapSentence(gap)}</Text>
            </BlockStack>
            <span className="hf-aside"><Code>{gap.code}</Code></span>
          </li>
        ))}
      </ul>
      {shown < gaps.length ? <div><Button onClick={() => setShown(shown + STEP)}>{`Show ${number(Math.min(STEP, gaps.length - shown))} more`}</Button></div> : null}
      <Text as="p" tone="subdued">
        {`${number(visible.length)} of ${count(gapCount, "gap")} shown.`}
        {beyond > 0 ? ` The snapshot names the first ${number(gaps.length)}; ${number(beyond)} more are counted and not named.` : ""}
      </Text>
    </BlockStack>
  );
}
