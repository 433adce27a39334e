/** Settings: where the copies are kept and which keys open them. How often a snapshot is taken is chosen here. */
import { BlockStack, Button, ButtonGroup, Card, Link, Page, Select, Text } from "@shopify/polaris";
import type { ProblemModel, SettingsModel, StorageCheckModel, StorageReportModel } from "../models.ts";
import { CheckResult } from "../parts/check-result.tsx";
import { CredentialsCard } from "../parts/credentials-card.tsx";
import type { Credential } from "../present/storage-fields.ts";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { StorageReportCard } from "../parts/storage-report.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { count } from "../wording/numbers.ts";

export interface SettingsActions {
  readonly onCheck: () => void;
  readonly checking: boolean;
  readonly check: StorageCheckModel | null;
  /** The thorough test: takes up to a minute. */
  readonly onTest: () => void;
  readonly testing: boolean;
  readonly report: StorageReportModel | null;
  readonly problem: ProblemModel | null;
  readonly onCredentials: (credential: Credential) => void;
  readonly saving: boolean;
  /** As it is chosen now, saved or not; the save bar is the admin's. */
  readonly frequency: SettingsModel["frequency"];
  readonly onFrequency: (frequency: SettingsModel["frequency"]) => void;
  readonly between: SettingsModel["between"];
  readonly onBetween: (between: SettingsModel["between"]) => void;
}

const FREQUENCIES = [
  { value: "hour", label: "Every hour" },
  { value: "six-hours", label: "Every 6 hours" },
  { value: "day", label: "Every day, at night" },
  { value: "off", label: "Only when I ask for one" },
];

const BETWEEN = [
  { value: "off", label: "Not at all" },
  { value: "15", label: "Every 15 minutes" },
  { value: "30", label: "Every 30 minutes" },
  { value: "60", label: "Every hour" },
  { value: "120", label: "Every 2 hours" },
  { value: "360", label: "Every 6 hours" },
  { value: "720", label: "Every 12 hours" },
];

export function SettingsScreen({ model, ...actions }: { model: SettingsModel } & SettingsActions) {
  return (
    <ClockProvider now={model.now}>
      <Page title="Settings">
        <BlockStack gap="400">
          {model.storage ? <Connected model={model} storage={model.storage} {...actions} /> : <Unfinished />}
        </BlockStack>
      </Page>
    </ClockProvider>
  );
}

function Unfinished() {
  return (
    <FirstLine badge={<StateBadge state="not-observed" />} below={<Button url="/app/setup" variant="primary">Finish set-up</Button>}>
      Set-up is not finished: there is no storage and no key yet.
    </FirstLine>
  );
}

function Connected({ model, storage, onCheck, checking, check, onTest, testing, report, problem, onCredentials, saving, frequency, onFrequency, between, onBetween }: { model: SettingsModel; storage: { address: string; kind: string } } & SettingsActions) {
  return (
    <>
      <FirstLine>{`The copies are kept in ${storage.kind}, and ${count(model.recipients.length, "key opens", "keys open")} them.`}</FirstLine>
      {problem ? <ProblemBanner problem={problem} what="Storage not checked" /> : null}
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Storage</Text>
          <Facts facts={[{ name: "Address", value: <Code>{storage.address}</Code> }, ...(model.createdAt ? [{ name: "Connected", value: <Time at={model.createdAt} /> }] : []), ...(model.vaultId ? [{ name: "Vault", value: <Code>{model.vaultId}</Code> }] : [])]} />
          <ButtonGroup>
            <Button onClick={onCheck} loading={checking} disabled={testing}>Check this storage</Button>
            <Button onClick={onTest} loading={testing} disabled={checking}>Test this storage</Button>
          </ButtonGroup>
          <Text as="p" tone="subdued">The check takes a moment. The test tries out everything a vault needs, removes what it wrote, and takes up to a minute.</Text>
          <div role="status" aria-live="polite">{report ? <StorageReportCard report={report} /> : null}</div>
          <div role="status" aria-live="polite">
            {check ? <CheckResult check={check} /> : null}
          </div>
        </BlockStack>
      </Card>
      <CredentialsCard key={model.credentialsAt ?? "none"} address={storage.address} savedAt={model.credentialsAt} busy={saving} onSave={onCredentials} />
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Keys that open the copies</Text>
          <Text as="p" tone="subdued">Their public halves. The private halves are files that you keep; we have never seen them.</Text>
          <Facts facts={model.recipients.map((r) => ({ name: r.algorithm, value: <Code>{r.keyId}</Code> }))} />
          <div><Button url="/app/keys">Add, remove or replace keys</Button></div>
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Schedule</Text>
          <Select
            label="Take a full snapshot"
            options={model.frequency === null ? [{ value: "", label: "At times set elsewhere" }, ...FREQUENCIES] : FREQUENCIES}
            value={frequency ?? ""}
            onChange={(value) => onFrequency(value as SettingsActions["frequency"])}
            helpText={model.nextSnapshotAt ? <>The next is due <Time at={model.nextSnapshotAt} />. You can ask for one at any time.</> : "None is due. You can ask for one at any time."}
          />
          <Select
            label="Between them, read what has changed"
            options={model.between === null ? [{ value: "", label: "At times set elsewhere" }, ...BETWEEN] : BETWEEN}
            value={frequency === "off" ? "off" : (between ?? "")}
            disabled={frequency === "off"}
            onChange={(value) => onBetween(value as SettingsActions["between"])}
            helpText={frequency === "off"
              ? "Only together with full snapshots: no other sees what was deleted."
              : <>Quick, and never called whole: it carries the rest from the snapshot before, and what was deleted shows in the next full one.{model.nextChangesAt && between !== "off" ? <> The next is due <Time at={model.nextChangesAt} />.</> : null} <Link url="/app/recovery-points">How often is advised</Link></>}
          />
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Who is told</Text>
          <Text as="p" tone="subdued">Whom this app writes to when something needs a person, by e-mail or in a channel, and who is next when nobody answers.</Text>
          <div><Button url="/app/alerts/settings">Choose who is told</Button></div>
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Response team</Text>
          <Text as="p" tone="subdued">Who may restore and look at records in an emergency, and who approves it.</Text>
          <div><Button url="/app/settings/team">Name the response team</Button></div>
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Downtime viewer</Text>
          <Text as="p" tone="subdued">Shows one person's record to a responder while Shopify is down, outside this admin: how they sign in, and where they go.</Text>
          <div><Button url="/app/settings/viewer">Set up the downtime viewer</Button></div>
        </BlockStack>
      </Card>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Shopify Flow</Text>
          <Text as="p" tone="subdued">What your workflows can start with and ask for, what Flow was told lately, and what did not reach it.</Text>
          <div><Button url="/app/flow">See what Flow was told</Button></div>
        </BlockStack>
      </Card>
    </>
  );
}
