/** Response team. Its question: who may act in an emergency? */
import { Banner, BlockStack, Button, Card, Checkbox, InlineStack, Page, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { ProblemModel } from "../models.ts";
import type { TeamModel } from "../models/restore.ts";
import { Code } from "../parts/facts.tsx";
import { FirstLine } from "../parts/first-line.tsx";
import { ProblemBanner } from "../parts/problem-banner.tsx";
import { ReceivingCard, type ReceivingProps } from "../parts/receiving-card.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { ClockProvider, Time } from "../parts/time.tsx";
import { teamAnswer } from "../wording/restores.ts";

export interface TeamForm {
  readonly members: readonly { readonly actor: string; readonly label: string; readonly responder: boolean; readonly approver: boolean }[];
}

export interface TeamActions {
  readonly form: TeamForm;
  readonly onForm: (form: TeamForm) => void;
  readonly onAsk: (label: string) => void;
  readonly busy: boolean;
  readonly problem: ProblemModel | null;
  readonly receiving: Omit<ReceivingProps, "model">;
}

export function TeamScreen(props: { model: TeamModel } & TeamActions) {
  return <ClockProvider now={props.model.now}><Team {...props} /></ClockProvider>;
}

/** "staff:42", or the code that the sign-in page of the viewer shows: with or without "responder:" before it. */
export function actorOf(typed: string): string | null {
  const text = typed.trim();
  if (/^(?:staff|responder):[A-Za-z0-9_-]{1,128}$/.test(text)) return text;
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? `responder:${text}` : /^\d{1,20}$/.test(text) ? `staff:${text}` : null;
}

function Team({ model, form, onForm, onAsk, busy, problem, receiving }: { model: TeamModel } & TeamActions) {
  const there = form.members.some(({ actor }) => actor === model.you);
  const set = (actor: string, change: Partial<TeamForm["members"][number]>): void => onForm({ members: form.members.map((member) => (member.actor === actor ? { ...member, ...change } : member)) });
  return (
    <Page title="Response team" backAction={{ content: "Settings", url: "/app/settings" }}>
      <BlockStack gap="400">
        <FirstLine>{teamAnswer(model)}</FirstLine>
        {problem ? <ProblemBanner problem={problem} what="Not saved" /> : null}
        {model.mayConfigure ? null : <Banner tone="info">Only an approver can change the team.</Banner>}
        <Card>
          <BlockStack gap="400">
            <Text as="h2" variant="headingMd">Who may do what</Text>
            <Text as="p" tone="subdued">Responders plan and carry out restores and look at records. Approvers approve what somebody else planned. Nobody approves their own plan.</Text>
            {form.members.length === 0 ? <Text as="p">Nobody is named, and nobody has asked to be.</Text> : (
              <Scroll label="Response team">
                <table className="hf-table">
                  <caption className="hf-unseen">Members of the response team and their roles</caption>
                  <thead><tr><th scope="col">Name</th><th scope="col">Known as</th><th scope="col">Responder</th><th scope="col">Approver</th><th scope="col">Since</th></tr></thead>
                  <tbody>
                    {form.members.map((member) => {
                      const kept = model.members.find(({ actor }) => actor === member.actor);
                      const name = member.label === "" ? member.actor : member.label;
                      return (
                        <tr key={member.actor}>
                          <th scope="row">{model.mayConfigure ? <TextField label={`Name of ${member.actor}`} labelHidden value={member.label} onChange={(label) => set(member.actor, { label })} autoComplete="off" maxLength={64} /> : name}{member.actor === model.you ? <Text as="p" tone="subdued">You</Text> : null}{kept && !kept.responder && !kept.approver ? <Text as="p" tone="subdued">Asks to be named</Text> : null}</th>
                          <td><Code>{member.actor}</Code></td>
                          <td><Checkbox label={`${name} is a responder`} labelHidden checked={member.responder} disabled={!model.mayConfigure} onChange={(responder) => set(member.actor, { responder })} /></td>
                          <td><Checkbox label={`${name} is an approver`} labelHidden checked={member.approver} disabled={!model.mayConfigure || member.actor.startsWith("responder:")} onChange={(approver) => set(member.actor, { approver })} /></td>
                          <td>{kept ? <Time at={kept.changedAt} begins /> : "Not saved yet"}</td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </Scroll>
            )}
            {model.mayConfigure ? <Text as="p" tone="subdued">Who has neither role is let go when you save.</Text> : null}
          </BlockStack>
        </Card>
        {model.mayConfigure ? <AddMember form={form} onForm={onForm} /> : null}
        {there ? null : <AskCard you={model.you} busy={busy} onAsk={onAsk} />}
        <ReceivingCard model={model.receiving} {...receiving} />
      </BlockStack>
    </Page>
  );
}

function AddMember({ form, onForm }: Pick<TeamActions, "form" | "onForm">) {
  const [typed, setTyped] = useState("");
  const [label, setLabel] = useState("");
  const actor = actorOf(typed);
  const known = form.members.some((member) => member.actor === actor);
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Add somebody by their code</Text>
        <Text as="p" tone="subdued">A colleague sees their code on this page, or on the sign-in page of the emergency viewer. Or let them ask here; then they are in the list already.</Text>
        <TextField label="Code" value={typed} onChange={setTyped} autoComplete="off" error={typed !== "" && actor === null ? "This is no such code." : known ? "Already in the list." : undefined} />
        <TextField label="Name" value={label} onChange={setLabel} autoComplete="off" maxLength={64} helpText="As you call them here, without an e-mail address." error={label.includes("@") ? "Without an e-mail address." : undefined} />
        <InlineStack><Button disabled={actor === null || known || label.trim() === "" || label.includes("@")} onClick={() => { onForm({ members: [...form.members, { actor: actor!, label: label.trim(), responder: true, approver: false }] }); setTyped(""); setLabel(""); }}>Add to the list</Button></InlineStack>
      </BlockStack>
    </Card>
  );
}

function AskCard({ you, busy, onAsk }: { you: string; busy: boolean; onAsk: (label: string) => void }) {
  const [label, setLabel] = useState("");
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">You are not in the list</Text>
        <Text as="p">{"Your code is "}<Code>{you}</Code>{". Ask to be named, and an approver decides."}</Text>
        <TextField label="Your name, as colleagues call you" value={label} onChange={setLabel} autoComplete="nickname" maxLength={64} error={label.includes("@") ? "Without an e-mail address." : undefined} />
        <InlineStack><Button loading={busy} disabled={label.trim() === "" || label.includes("@")} onClick={() => onAsk(label.trim())}>Ask to be named</Button></InlineStack>
      </BlockStack>
    </Card>
  );
}
