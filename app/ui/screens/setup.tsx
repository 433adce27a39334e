/** Set-up: where the copies are kept, and the key that opens them. The private half of the key never leaves this browser. */
import { Banner, BlockStack, Button, Card, InlineStack, Page, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { PublicHalf } from "../browser/identity.ts";
import type { ProblemModel, SettingsModel, StorageCheckModel } from "../models.ts";
import { FirstLine } from "../parts/first-line.tsx";
import { NewKey } from "../parts/new-key.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { StepIcon } from "../parts/state.tsx";
import { ClockProvider } from "../parts/time.tsx";
import { checkAnswer, checkStep } from "../wording/storage.ts";
import { errorWords } from "../wording/errors.ts";

export interface SetupActions {
  readonly onCheck: (address: string) => void;
  readonly onCreate: (address: string, recipient: PublicHalf) => void;
  readonly checking: boolean;
  readonly creating: boolean;
  readonly check: StorageCheckModel | null;
  readonly problem: ProblemModel | null;
}

export function SetupScreen(props: { model: SettingsModel } & SetupActions) {
  return <ClockProvider now={props.model.now}><Setup {...props} /></ClockProvider>;
}

function Setup({ model, onCheck, onCreate, checking, creating, check, problem }: { model: SettingsModel } & SetupActions) {
  const [address, setAddress] = useState(model.suggestedAddress ?? "");
  const [recipient, setRecipient] = useState<PublicHalf | null>(null);
  const checked = check !== null && check.address === address;
  const storageDone = checked && check.ok;
  return (
    <Page title="Set-up" backAction={{ content: "Overview", url: "/app" }}>
      <BlockStack gap="400">
        <FirstLine>Two things, then the copies begin: where they are kept, and your key.</FirstLine>
        {problem ? <ProblemBanner problem={problem} what="The vault was not made" /> : null}
        <Card>
          <BlockStack gap="400">
            <Heading step={1} done={storageDone} title="Where the copies are kept" />
            <form noValidate onSubmit={(event) => { event.preventDefault(); onCheck(address.trim()); }}>
              <BlockStack gap="300">
                <TextField
                  label="Storage address"
                  value={address}
                  onChange={setAddress}
                  autoComplete="off"
                  placeholder="file:///srv/holdfast"
                  helpText={`Only sealed data is written there.${model.vaultsFolder ? ` On this host it is a folder in ${model.vaultsFolder}.` : ""}`}
                  error={checked && !check.ok ? errorWords(check.code ?? "store.failed").happened : undefined}
                />
                <div><Button submit loading={checking} disabled={address.trim() === ""}>Check this storage</Button></div>
              </BlockStack>
            </form>
            <div role="status" aria-live="polite">{checked ? <CheckResult check={check} /> : null}</div>
          </BlockStack>
        </Card>
        <Card>
          <BlockStack gap="400">
            <Heading step={2} done={recipient !== null} title="Your key" />
            <NewKey onKept={setRecipient} />
          </BlockStack>
        </Card>
        <Card>
          <BlockStack gap="400">
            <Heading step={3} done={false} title="Make the vault" />
            <Text as="p">{!storageDone ? "Check the storage first (step 1)." : !recipient ? "Make your key and show that you have kept it (step 2)." : "Everything is ready. Only the public half of your key is sent."}</Text>
            <div><Button variant="primary" loading={creating} disabled={!storageDone || !recipient} onClick={() => { if (recipient) onCreate(address.trim(), recipient); }}>Make the vault</Button></div>
          </BlockStack>
        </Card>
      </BlockStack>
    </Page>
  );
}

function Heading({ step, done, title }: { step: number; done: boolean; title: string }) {
  return (
    <InlineStack gap="200" blockAlign="center" wrap={false}>
      <StepIcon state={done ? "done" : "waiting"} />
      <Text as="h2" variant="headingMd">{`${step}. ${title}`}</Text>
    </InlineStack>
  );
}

function CheckResult({ check }: { check: StorageCheckModel }) {
  return (
    <BlockStack gap="300">
      <Banner tone={check.ok ? "success" : "critical"} title={checkAnswer(check)}>
        {check.ok ? null : <Text as="p">{errorWords(check.code ?? "store.failed").todo}</Text>}
      </Banner>
      <ol className="hf-steps" aria-label="What was tried">
        {check.steps.map((s) => <li key={s.step}><StepIcon state={s.ok ? "done" : "failed"} /><Text as="span">{checkStep(s.step, s.ok)}</Text></li>)}
      </ol>
    </BlockStack>
  );
}
