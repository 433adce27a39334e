/** One privacy request: what is asked, by when, what stands against it, and how it is answered. */
import { Banner, BlockStack, Button, Card, List, Page, Text } from "@shopify/polaris";
import { useState } from "react";
import type { Identity } from "../browser/identity.ts";
import type { OpenedKeys } from "../browser/unwrap.ts";
import type { ProblemModel } from "../models.ts";
import type { RequestModel } from "../models/privacy.ts";
import { Code, Facts } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { IdentityForm } from "../parts/identity-form.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ProgressCard } from "../parts/progress-card.tsx";
import { SentCard } from "../parts/sent-card.tsx";
import { ClockProvider, Time, useClock } from "../parts/time.tsx";
import { isConfirmed, TypedConfirmation } from "../parts/typed-confirmation.tsx";
import { errorWords } from "../wording/errors.ts";
import { count, number } from "../wording/numbers.ts";
import { dueWords, eraseLabel, standing, TOPICS } from "../wording/privacy.ts";
import { StandingBadge } from "./requests.tsx";

export interface RequestActions {
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
  readonly onCarryOut: (keys: OpenedKeys) => void;
  /** Opens the package in this browser and hands it over as a file. */
  readonly onOpenPackage: (identity: Identity) => Promise<string | null>;
  readonly onCertificate: () => void;
}

export function RequestScreen(props: { model: RequestModel } & RequestActions) {
  return <ClockProvider now={props.model.now}><RequestPage {...props} /></ClockProvider>;
}

function RequestPage({ model, ...actions }: { model: RequestModel } & RequestActions) {
  const { now } = useClock();
  const { problem } = actions;
  const customer = model.customerId === null ? [] : [{ name: "Customer", value: <Code>{model.customerId}</Code> }];
  return (
    <Page title={TOPICS[model.topic]} backAction={{ content: "Privacy", url: "/app/requests" }}>
      <BlockStack gap="400">
        <FirstLine badge={<StandingBadge row={model} now={now} />}>{model.state === "open" ? `${cap(dueWords(model.dueAt, now))}. ${standing(model)}` : standing(model)}</FirstLine>
        {problem ? <ProblemBanner problem={problem} what="Not carried out" /> : null}
        {model.run ? <ProgressCard run={model.run} /> : null}
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">The request</Text>
            <Facts facts={[...customer, { name: "Orders it names", value: number(model.orders) }, { name: "Received", value: <Time at={model.receivedAt} /> }, { name: "To be answered by", value: <Time at={model.dueAt} form="day" /> }, ...(model.answeredAt ? [{ name: model.state === "held" ? "Held since" : "Answered", value: <Time at={model.answeredAt} /> }] : []), { name: "Request", value: <Code>{model.id}</Code> }]} />
          </BlockStack>
        </Card>
        {model.hold ? <HoldCard hold={model.hold} /> : null}
        {model.certificate ? <CertificateCard certificate={model.certificate} onCertificate={actions.onCertificate} /> : null}
        {model.package ? <PackageCard model={model} {...actions} /> : null}
        {model.state === "open" ? <CarryOut model={model} {...actions} /> : null}
      </BlockStack>
    </Page>
  );
}

function cap(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function HoldCard({ hold }: { hold: NonNullable<RequestModel["hold"]> }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">The legal hold that stands against it</Text>
        <Facts facts={[{ name: "Hold", value: hold.name }, { name: "Basis", value: hold.basis }, { name: "Where it is written", value: hold.citation }, { name: "Ends", value: hold.until ? <Time at={hold.until} form="day" /> : "When it is released" }]} />
        <Text as="p" tone="subdued">The person's records are kept while it lasts. When it ends, the request is due again by itself.</Text>
        <div><Button url="/app/retention">See the holds</Button></div>
      </BlockStack>
    </Card>
  );
}

function CertificateCard({ certificate, onCertificate }: { certificate: NonNullable<RequestModel["certificate"]>; onCertificate: () => void }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Certificate of erasure</Text>
        <Text as="p">Signed by the vault's key. It says what was destroyed and how that was checked, and names no person. It is in the vault and in the log.</Text>
        <Facts facts={[{ name: "Certificate", value: <Code>{certificate.name}</Code> }, { name: "SHA-256", value: <Code>{certificate.digest}</Code> }]} />
        <div><Button onClick={onCertificate}>Download the certificate</Button></div>
      </BlockStack>
    </Card>
  );
}

function PackageCard({ model, onOpenPackage }: { model: RequestModel } & Pick<RequestActions, "onOpenPackage">) {
  const [problem, setProblem] = useState<string | null>(null);
  const [opened, setOpened] = useState(false);
  const held = model.package!;
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">The package</Text>
        <Text as="p">Everything the store and its backups hold about this person, sealed to your key. It is opened in this browser and downloaded as a file that anybody can read: guard it, and give it only to the person.</Text>
        <Facts facts={[{ name: "There until", value: <Time at={held.until} form="day" /> }, { name: "SHA-256 of the sealed package", value: <Code>{held.digest}</Code> }]} />
        <div role="status" aria-live="polite">
          {problem ? <Banner tone="critical" title={errorWords(problem).happened}><Text as="p">{errorWords(problem).todo}</Text></Banner> : opened ? <Banner tone="success">The package was opened and downloaded.</Banner> : null}
        </div>
        {model.keys ? (
          <IdentityForm
            keys={model.keys}
            submit="Open and download the package"
            opens="This file opens the package."
            onOpened={async (_keys, identity) => {
              const failed = await onOpenPackage(identity);
              setProblem(failed);
              setOpened(failed === null);
            }}
          />
        ) : null}
      </BlockStack>
    </Card>
  );
}

function CarryOut({ model, busy, onCarryOut }: { model: RequestModel } & RequestActions) {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState(false);
  const { keys } = model;
  if (keys === null) return model.problem ? <ProblemBanner problem={model.problem} what="The vault cannot be opened" /> : null;
  const word = model.topic === "erase" ? (model.customerId ?? "erase") : model.shop;
  const waits = model.run !== null;
  const missing = (): string | null => {
    if (model.topic === "data") return null;
    setAsked(true);
    return isConfirmed(typed, word) ? null : word;
  };
  const confirmation = model.topic === "data" ? null : <TypedConfirmation word={word} typed={typed} onTyped={setTyped} asked={asked} disabled={waits} />;
  if (model.topic === "erase-shop") {
    return (
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">{`Erase everything: ${count(model.snapshots, "snapshot")}`}</Text>
          <Text as="p">Every key that opens anything in this vault is destroyed, then the sealed data. What stays is the log, the holds and the certificate. No identity is needed, because nothing is opened.</Text>
          <form noValidate onSubmit={(event) => { event.preventDefault(); if (missing() === null) onCarryOut({}); }}>
            <BlockStack gap="400">
              {confirmation}
              <div><Button submit variant="primary" tone="critical" loading={busy} disabled={waits}>{`Erase all ${count(model.snapshots, "snapshot")}`}</Button></div>
            </BlockStack>
          </form>
        </BlockStack>
      </Card>
    );
  }
  const erase = model.topic === "erase";
  return (
    <>
      <Card>
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">{erase ? eraseLabel(1, model.snapshots) : "Put the package together"}</Text>
          {erase ? (
            <List>
              <List.Item>{`Goes: the customer with everything that belongs to them, ${count(model.orders, "order")} that the request names, and draft orders, checkouts, contracts and entries that name this customer.`}</List.Item>
              <List.Item>Stays: orders that the request does not name. Shopify keeps them too.</List.Item>
              <List.Item>Packs that hold them are rewritten, and the old keys destroyed, in the journal between snapshots too. Restores never bring them back.</List.Item>
            </List>
          ) : <Text as="p">Reads what the store has now and every version in the backups, and seals it to your key. We cannot open it.</Text>}
          <IdentityForm keys={keys} submit={erase ? eraseLabel(1, model.snapshots) : "Put the package together"} critical={erase} disabled={waits} busy={busy} opens={`This file opens the vault. ${count(keys.sealedKeys.length, "content key")} will be sent.`} missing={missing} onOpened={(opened) => onCarryOut(opened)}>
            {confirmation}
          </IdentityForm>
        </BlockStack>
      </Card>
      <SentCard keys={keys.sealedKeys.length} />
    </>
  );
}
