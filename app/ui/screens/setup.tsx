/** Set-up: where the copies are kept, and the key that opens them. The private half of the key never leaves this browser. */
import { BlockStack, Button, ButtonGroup, Card, InlineStack, Page, Select, Text } from "@shopify/polaris";
import { useState } from "react";
import type { PublicHalf } from "../browser/identity.ts";
import type { ProblemModel, SettingsModel, StorageCheckModel, StorageReportModel } from "../models.ts";
import { CheckResult } from "../parts/check-result.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { NewKey } from "../parts/new-key.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { StepIcon } from "../parts/state.tsx";
import { MoreSettings, StorageFields } from "../parts/storage-fields.tsx";
import { StorageReportCard } from "../parts/storage-report.tsx";
import { ClockProvider } from "../parts/time.tsx";
import { addressOf, CREDENTIAL_FIELDS, credentialOf, KIND_CHOICES, MORE_FIELDS, PLACE_FIELDS, problemsOf } from "../present/storage-fields.ts";
import type { Credential, StorageKind, Values } from "../present/storage-fields.ts";
import { errorWords } from "../wording/errors.ts";

export interface SetupActions {
  readonly onCheck: (address: string, credential: Credential | null) => void;
  /** The thorough test: takes up to a minute. */
  readonly onTest: (address: string, credential: Credential | null) => void;
  readonly onCreate: (address: string, credential: Credential | null, recipient: PublicHalf) => void;
  readonly testing: boolean;
  readonly report: StorageReportModel | null;
  readonly checking: boolean;
  readonly creating: boolean;
  readonly check: StorageCheckModel | null;
  readonly problem: ProblemModel | null;
}

export function SetupScreen(props: { model: SettingsModel } & SetupActions) {
  return <ClockProvider now={props.model.now}><Setup {...props} /></ClockProvider>;
}

function Setup({ model, onCheck, onTest, onCreate, checking, testing, creating, check, report, problem }: { model: SettingsModel } & SetupActions) {
  const [kind, setKind] = useState<StorageKind>("file");
  const [values, setValues] = useState<Values>({ address: model.suggestedAddress ?? "" });
  const [asked, setAsked] = useState(false);
  const [recipient, setRecipient] = useState<PublicHalf | null>(null);
  const address = addressOf(kind, values);
  const credential = credentialOf(kind, values);
  const whole = address !== null && credential !== "missing";
  const checked = check !== null && check.address === address;
  const storageDone = whole && checked && check.ok;
  const withStorage = (go: (address: string, credential: Credential | null) => void): void => {
    setAsked(true);
    if (address !== null && credential !== "missing") go(address, credential);
  };
  return (
    <Page title="Set-up" backAction={{ content: "Overview", url: "/app" }}>
      <BlockStack gap="400">
        <FirstLine>Two things, then the copies begin: where they are kept, and your key.</FirstLine>
        {problem ? <ProblemBanner problem={problem} what="The vault was not made" /> : null}
        <Card>
          <BlockStack gap="400">
            <Heading step={1} done={storageDone} title="Where the copies are kept" />
            <form noValidate onSubmit={(event) => { event.preventDefault(); withStorage(onCheck); }}>
              <BlockStack gap="300">
                <Select label="Kind of storage" options={[...KIND_CHOICES]} value={kind} onChange={(chosen) => { setKind(chosen as StorageKind); setAsked(false); }} />
                <StorageFields
                  fields={PLACE_FIELDS[kind]}
                  values={values}
                  onValues={setValues}
                  asked={asked}
                  placeholders={{ address: "file:///srv/holdfast" }}
                  helps={{ address: `Only sealed data is written there.${model.vaultsFolder ? ` On this host it is a folder in ${model.vaultsFolder}.` : ""}` }}
                  errors={{ address: kind === "file" && checked && !check.ok ? errorWords(check.code ?? "store.failed").happened : undefined }}
                />
                <MoreSettings fields={MORE_FIELDS[kind]} values={values} onValues={setValues} asked={asked} errors={problemsOf(kind, values)} />
                {kind === "file" ? null : (
                  <>
                    <Text as="p" tone="subdued">What opens the storage is kept sealed, used for this store only, and never shown again. Give it no more rights than reading, writing, listing and deleting in this one place.</Text>
                    <StorageFields fields={CREDENTIAL_FIELDS[kind]} values={values} onValues={setValues} asked={asked} />
                    {asked && credential === "missing" ? <Text as="p" tone="critical">Enter what opens the storage.</Text> : null}
                  </>
                )}
                <ButtonGroup>
                  <Button submit loading={checking} disabled={testing || (kind === "file" && address === null)}>Check this storage</Button>
                  <Button onClick={() => withStorage(onTest)} loading={testing} disabled={checking || (kind === "file" && address === null)}>Test this storage</Button>
                </ButtonGroup>
                <Text as="p" tone="subdued">The check takes a moment. The test tries out everything a vault needs, removes what it wrote, and takes up to a minute.</Text>
              </BlockStack>
            </form>
            <div role="status" aria-live="polite">{checked ? <CheckResult check={check} /> : null}</div>
            <div role="status" aria-live="polite">{report ? <StorageReportCard report={report} /> : null}</div>
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
            <div><Button variant="primary" loading={creating} disabled={!storageDone || !recipient} onClick={() => { if (recipient && address !== null && credential !== "missing") onCreate(address, credential, recipient); }}>Make the vault</Button></div>
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
