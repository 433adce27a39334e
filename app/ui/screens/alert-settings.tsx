/** Who is told of alerts. Its question: will somebody hear of it tonight? */
import { Banner, BlockStack, Button, Card, Checkbox, InlineStack, Page, Text, TextField } from "@shopify/polaris";
import type { AlertSettingsModel, LevelForm, LevelModel, ProblemModel, TestResult } from "../models.ts";
import { DeliveryList } from "../parts/delivery-list.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ClockProvider } from "../parts/time.tsx";
import { CHANNEL_WORD, deliveryWords, fieldWords } from "../wording/deliveries.ts";
import { count } from "../wording/numbers.ts";

export interface AlertSettingsForm {
  readonly enabled: boolean;
  readonly minutes: string;
  readonly levels: readonly LevelForm[];
}

export interface AlertSettingsActions {
  readonly form: AlertSettingsForm;
  readonly onForm: (form: AlertSettingsForm) => void;
  /** What was entered and not saved: a test goes to what is saved. */
  readonly changed: boolean;
  /** By field, as the workflow names them: "levels.0.webhookUrl". */
  readonly faults: Readonly<Record<string, string>>;
  readonly onTest: (level: number) => void;
  readonly testing: number | null;
  readonly tested: { readonly level: number; readonly channels: readonly TestResult[] | null } | null;
  readonly problem: ProblemModel | null;
}

export function AlertSettingsScreen({ model, ...actions }: { model: AlertSettingsModel } & AlertSettingsActions) {
  const { form, onForm, faults, problem } = actions;
  const people = model.levels.reduce((sum, level) => sum + level.emails.length + (level.webhookHost === null ? 0 : 1), 0);
  const heard = model.saved && model.enabled && people > 0;
  return (
    <ClockProvider now={model.now}>
      <Page title="Who is told of alerts" backAction={{ content: "Alerts", url: "/app/alerts" }}>
        <BlockStack gap="400">
          <FirstLine {...(heard ? {} : { badge: <StateBadge state="not-observed" /> })}>
            {heard ? `${count(people, "address is", "addresses are")} told, in ${count(model.levels.length, "level")}.` : "Nobody hears of an alert unless they open this app."}
          </FirstLine>
          {problem ? <ProblemBanner problem={problem} /> : null}
          {model.canEmail ? null : <Banner tone="info" title="This host sends no e-mail"><Text as="p">Whoever runs the app has set up no mail server. A webhook works without one.</Text></Banner>}
          <Card>
            <BlockStack gap="300">
              <Checkbox label="Tell people of alerts" checked={form.enabled} onChange={(enabled) => onForm({ ...form, enabled })} helpText="Alerts are always shown in the app, whether or not anybody is told." />
              <TextField
                label="Minutes until the next level is told"
                type="integer"
                value={form.minutes}
                onChange={(minutes) => onForm({ ...form, minutes })}
                autoComplete="off"
                min={1}
                max={1440}
                helpText="If nobody has acknowledged an alert by then. 15 is proposed."
                error={faults["escalateAfterMinutes"] ? fieldWords(faults["escalateAfterMinutes"]) : undefined}
              />
            </BlockStack>
          </Card>
          {form.levels.map((level, n) => <Level key={n} n={n} level={level} saved={model.levels[n] ?? null} canEmail={model.canEmail} {...actions} />)}
          {form.levels.length < model.mostLevels ? <div><Button onClick={() => onForm({ ...form, levels: [...form.levels, { emails: "", webhook: null }] })}>Add a level</Button></div> : null}
          <Card><BlockStack gap="300"><Text as="h2" variant="headingMd">The last messages</Text><DeliveryList rows={model.deliveries} /></BlockStack></Card>
        </BlockStack>
      </Page>
    </ClockProvider>
  );
}

function Level({ n, level, saved, canEmail, form, onForm, changed, faults, onTest, testing, tested }: { n: number; level: LevelForm; saved: LevelModel | null; canEmail: boolean } & AlertSettingsActions) {
  const set = (change: Partial<LevelForm>) => onForm({ ...form, levels: form.levels.map((other, at) => (at === n ? { ...other, ...change } : other)) });
  const bad = Object.entries(faults).find(([path]) => path.startsWith(`levels.${n}.emails`));
  const badHook = faults[`levels.${n}.webhookUrl`];
  const kept = saved?.webhookHost ?? null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">{n === 0 ? "Level 1: told at once" : `Level ${n + 1}: told when nobody of level ${n} has acknowledged`}</Text>
        <TextField label="E-mail addresses" value={level.emails} onChange={(emails) => set({ emails })} multiline={2} autoComplete="off" disabled={!canEmail} helpText="One on each line. They see each other's addresses." error={bad ? fieldWords(bad[1]) : undefined} />
        <TextField
          label="Slack-compatible webhook"
          type="url"
          value={level.webhook ?? ""}
          onChange={(webhook) => set({ webhook })}
          autoComplete="off"
          placeholder={kept && level.webhook === null ? `Kept: https://${kept}/…` : "https://hooks.slack.com/services/…"}
          helpText={kept && level.webhook === null ? `The address at ${kept} is kept sealed and not shown again. Write another to replace it.` : "Whoever knows this address can write there, so it is kept sealed."}
          error={badHook ? fieldWords(badHook) : undefined}
        />
        {kept && level.webhook === null ? <div><Button onClick={() => set({ webhook: "" })}>Remove the webhook</Button></div> : null}
        {kept && level.webhook === "" ? <Text as="p">The webhook is removed when you save.</Text> : null}
        <InlineStack gap="200" blockAlign="center">
          <Button onClick={() => onTest(n)} loading={testing === n} disabled={changed || saved === null}>{`Send a test to level ${n + 1}`}</Button>
          {n > 0 && n === form.levels.length - 1 ? <Button onClick={() => onForm({ ...form, levels: form.levels.slice(0, -1) })}>{`Remove level ${n + 1}`}</Button> : null}
        </InlineStack>
        {changed ? <Text as="p" tone="subdued">A test goes to what is saved. Save first.</Text> : null}
        <div role="status" aria-live="polite">{tested?.level === n ? <Tested channels={tested.channels} /> : null}</div>
      </BlockStack>
    </Card>
  );
}

function Tested({ channels }: { channels: readonly TestResult[] | null }) {
  if (channels === null) return <Banner tone="warning" title="Nobody is set down for this level." />;
  return (
    <BlockStack gap="200">
      {channels.map(({ channel, code }) => (code === null
        ? <Banner key={channel} tone="success" title={`${CHANNEL_WORD[channel]}: sent. See that it has arrived.`} />
        : <Banner key={channel} tone="critical" title={`${CHANNEL_WORD[channel]}: ${deliveryWords(code).happened}`}><Text as="p">{deliveryWords(code).todo}</Text></Banner>))}
    </BlockStack>
  );
}
