/** Retention: which snapshots stay and why, what a policy would let go, and what is held. */
import { BlockStack, Page } from "@shopify/polaris";
import type { ProblemModel } from "../models.ts";
import type { PruneDraft, RetentionModel } from "../models/privacy.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { HoldForm, type HoldInput } from "../parts/hold-form.tsx";
import { HoldList } from "../parts/hold-list.tsx";
import { PolicyCard } from "../parts/policy-card.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { ClockProvider } from "../parts/time.tsx";
import { count, number } from "../wording/numbers.ts";

export interface RetentionActions {
  readonly busy: "draft" | "prune" | "save" | "hold" | "release" | null;
  readonly problem: ProblemModel | null;
  readonly draft: PruneDraft | null;
  readonly onDraft: (keep: string) => void;
  readonly onPrune: (keep: string) => void;
  readonly onSave: (keep: string, enabled: boolean) => void;
  readonly onHold: (hold: HoldInput) => void;
  readonly onRelease: (hold: string, reason: string) => void;
}

export function RetentionScreen({ model, ...actions }: { model: RetentionModel } & RetentionActions) {
  const { problem } = actions;
  const wrong = problem ?? model.problem ?? null;
  return (
    <ClockProvider now={model.now}>
      <Page title="Retention" backAction={{ content: "Snapshots", url: "/app/snapshots" }}>
        <BlockStack gap="400">
          <FirstLine>{answer(model)}</FirstLine>
          {wrong ? <ProblemBanner problem={wrong} what="Not done" /> : null}
          {model.damagedHolds.length > 0 ? <ProblemBanner problem={{ code: "prune.damaged_hold" }} what="No prune can be made" /> : null}
          {model.run ? <ProgressCard run={model.run} /> : null}
          {model.ready ? (
            <>
              <PolicyCard model={model} {...actions} />
              <HoldList holds={model.holds} busy={actions.busy === "release"} onRelease={actions.onRelease} />
              <HoldForm recent={model.recent} busy={actions.busy === "hold"} onHold={actions.onHold} />
            </>
          ) : null}
        </BlockStack>
      </Page>
    </ClockProvider>
  );
}

function answer({ ready, snapshots, policy, holds }: RetentionModel): string {
  if (!ready) return "There is no vault yet, so there is nothing to keep.";
  const held = holds.length === 0 ? "Nothing is held." : `${count(holds.length, "hold")} in force${holds.some(({ legal }) => legal !== null) ? `, ${number(holds.filter(({ legal }) => legal !== null).length)} with a legal basis` : ""}.`;
  const by = policy === null ? "No policy lets any of them go." : policy.enabled ? "A policy lets old ones go once a day." : "A policy is set, and none is let go by itself.";
  return `${count(snapshots, "snapshot")}. ${by} ${held}`;
}
