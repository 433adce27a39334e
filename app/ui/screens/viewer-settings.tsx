/** The downtime viewer's settings. Its question: can somebody see a record tonight if Shopify is down? */
import { Banner, BlockStack, Button, ButtonGroup, Card, List, Page, Text, TextField } from "@shopify/polaris";
import type { ProblemModel } from "../models.ts";
import type { ViewerSettingsModel } from "../models/viewer.ts";
import { Code } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { count } from "../wording/numbers.ts";
import { viewerFieldWords, viewerTestWords } from "../wording/viewer.ts";

export interface ViewerForm {
  readonly issuer: string;
  readonly clientId: string;
  readonly groupsClaim: string;
  readonly groups: string;
  /** Null: what is kept stays. */
  readonly secret: string | null;
}

export interface ViewerSettingsActions {
  readonly form: ViewerForm;
  readonly onForm: (form: ViewerForm) => void;
  /** By field: "missing", "bad". */
  readonly faults: Readonly<Record<string, string>>;
  readonly onTest: () => void;
  readonly testing: boolean;
  /** `code` null: it can be used. */
  readonly tested: { readonly code: string | null; readonly pkce: boolean } | null;
  readonly problem: ProblemModel | null;
}

export function ViewerSettingsScreen({ model, ...actions }: { model: ViewerSettingsModel } & ViewerSettingsActions) {
  return (
    <ClockProvider now={model.now}>
      <Page title="Downtime viewer" backAction={{ content: "Settings", url: "/app/settings" }}>
        <BlockStack gap="400">
          <Answer model={model} />
          {actions.problem ? <ProblemBanner problem={actions.problem} what="Not saved" /> : null}
          {model.linked ? <SignIn model={model} {...actions} /> : null}
          {model.linked ? <Who model={model} /> : null}
          <Outage model={model} />
        </BlockStack>
      </Page>
    </ClockProvider>
  );
}

function Answer({ model: { linked, saved, named } }: { model: ViewerSettingsModel }) {
  if (!linked) return <FirstLine badge={<StateBadge state="not-observed" />} below={<Button url="/app/setup" variant="primary">Finish set-up</Button>}>There is no vault to read from yet.</FirstLine>;
  if (saved === null) return <FirstLine badge={<StateBadge state="not-observed" />}>Nobody could see a record if Shopify were down: the viewer does not know how to sign people in.</FirstLine>;
  const groups = saved.groups.length;
  if (named === 0 && groups === 0) return <FirstLine badge={<StateBadge state="at-risk" />}>Nobody is named who could sign in to the viewer.</FirstLine>;
  const who = [named > 0 ? count(named, "named person", "named people") : "", groups > 0 ? `the members of ${count(groups, "group")}` : ""].filter(Boolean).join(" and ");
  return <FirstLine>{`If Shopify is down, ${who} can see one person's record at a time.`}</FirstLine>;
}

function SignIn({ model, form, onForm, faults, onTest, testing, tested }: { model: ViewerSettingsModel } & ViewerSettingsActions) {
  const set = (change: Partial<ViewerForm>) => onForm({ ...form, ...change });
  const error = (field: string): string | undefined => { const fault = faults[field]; return fault === undefined ? undefined : viewerFieldWords(field, fault); };
  const kept = model.saved?.hasSecret === true && form.secret === null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">How responders sign in</Text>
        <Text as="p">Through your organization's identity provider (OpenID Connect): Microsoft Entra ID, Okta, Google Workspace or any other. Register the viewer there as a web application, with</Text>
        <List>{model.redirectUris.map((uri) => <List.Item key={uri}>redirect address <Code>{uri}</Code></List.Item>)}</List>
        <TextField label="Issuer" type="url" value={form.issuer} onChange={(issuer) => set({ issuer })} autoComplete="off" placeholder="https://login.example.com/…" helpText="Exactly as the provider writes it." error={error("issuer")} />
        <TextField label="Client id" value={form.clientId} onChange={(clientId) => set({ clientId })} autoComplete="off" error={error("clientId")} />
        <TextField
          label="Client secret"
          type="password"
          value={form.secret ?? ""}
          onChange={(secret) => set({ secret })}
          autoComplete="off"
          placeholder={kept ? "Kept" : ""}
          helpText={kept ? "A secret is kept sealed and not shown again. Write another to replace it." : "Only if the provider gave one. A public client with PKCE needs none, and is easier in an outage."}
        />
        {kept ? <div><Button onClick={() => set({ secret: "" })}>Remove the secret</Button></div> : null}
        {model.saved?.hasSecret === true && form.secret === "" ? <Text as="p">The secret is removed when you save.</Text> : null}
        <TextField label="Groups whose members are responders" value={form.groups} onChange={(groups) => set({ groups })} multiline={2} autoComplete="off" helpText="One on each line, as the ID token has them (Entra ID: object ids). Leave it empty to name people one by one." error={error("groups")} />
        <TextField label="Claim that lists groups" value={form.groupsClaim} onChange={(groupsClaim) => set({ groupsClaim })} autoComplete="off" error={error("groupsClaim")} />
        <ButtonGroup><Button onClick={onTest} loading={testing}>Test the provider</Button></ButtonGroup>
        <Text as="p" tone="subdued">The test asks the provider what it says of itself. It signs nobody in.</Text>
        <div role="status" aria-live="polite">{tested ? <Tested {...tested} /> : null}</div>
        {model.saved ? <Text as="p" tone="subdued">Saved <Time at={model.saved.at} />.</Text> : null}
      </BlockStack>
    </Card>
  );
}

function Tested({ code, pkce }: { readonly code: string | null; readonly pkce: boolean }) {
  if (code === null) return <Banner tone="success" title="The provider answers."><Text as="p">{pkce ? "It says that it knows PKCE. Now sign in to the viewer once, to see that it knows the viewer too." : "It does not say that it knows PKCE, which the viewer uses; most providers do all the same. Sign in to the viewer once to see."}</Text></Banner>;
  const { happened, meaning, todo } = viewerTestWords(code);
  return <Banner tone="critical" title={happened}><Text as="p">{`${meaning} ${todo}`}</Text></Banner>;
}

function Who({ model: { named, waiting } }: { model: ViewerSettingsModel }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">Who may</Text>
        <Text as="p">{`${named === 0 ? "Nobody is" : count(named, "person is", "people are")} named by code. Somebody who signs in to the viewer and is not named sees a code of their own; here they are among those who ask to be named.`}</Text>
        {waiting > 0 ? <Banner tone="info" title={count(waiting, "person asks to be named.", "people ask to be named.")} /> : null}
        <div><Button url="/app/settings/team">Response team</Button></div>
      </BlockStack>
    </Card>
  );
}

function Outage({ model: { url, ownKey } }: { model: ViewerSettingsModel }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">In an outage</Text>
        {url === null
          ? <Text as="p">This host runs no viewer. Whoever runs it sets HOLDFAST_VIEWER_URL; or anybody who can reach the storage runs the command below.</Text>
          : <BlockStack gap="150"><Text as="p">Responders go to this address. Write it down where they find it when this page is not there:</Text><Code>{url}</Code></BlockStack>}
        <Text as="p">If this app's host is gone too, any machine that can reach the storage shows the same with</Text>
        <Code>holdfast viewer start STORAGE-ADDRESS --url http://localhost:4400</Code>
        <List>
          <List.Item>{ownKey ? "This host opens records with its key service; on another machine a responder brings the identity file." : "Responders bring the identity file that opens the vault. It stays in their browser."}</List.Item>
          <List.Item>Everything is masked until somebody says why they need a field. Every search, record and field goes into the ledger.</List.Item>
          <List.Item>Who may is kept in the vault itself, signed, and follows the response team within five minutes.</List.Item>
        </List>
      </BlockStack>
    </Card>
  );
}
