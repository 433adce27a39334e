/** Somebody who did not run a drill answers for it: whether the copies can be relied on, remarks, and what is done about it. What was answered before stays, and is shown. */
import { BlockStack, Button, Card, ChoiceList, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { ProblemModel } from "../models.ts";
import type { CertificationModel, DrillVerdict } from "../models/drills.ts";
import { certifierName, VERDICT_WORDS } from "../wording/drills.ts";
import { errorWords } from "../wording/errors.ts";
import { Facts } from "./facts.tsx";
import { ProblemBanner } from "./problem-banner.tsx";
import { Time } from "./time.tsx";

export interface CertifyActions {
  readonly onCertify: (verdict: DrillVerdict, remarks: string, correctiveAction: string) => void;
  readonly certifying: boolean;
  readonly certifyProblem: ProblemModel | null;
}

const MOST = 2000;

export function DrillCertify({ mayNot, ...props }: { passed: boolean; certification: CertificationModel | null; mayNot: string | null } & CertifyActions) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">Who answers for it</Text>
        <Answered certification={props.certification} />
        {mayNot === null ? <CertifyForm {...props} /> : <MayNot code={mayNot} />}
      </BlockStack>
    </Card>
  );
}

/** Nobody reviews their own test. */
function MayNot({ code }: { code: string }) {
  const words = errorWords(code);
  return (
    <Text as="p">
      {code === "access.same_person" ? "You ran this drill, so an approver of the response team who did not run it answers for it." : `An approver of the response team who did not run it answers for it. ${words.todo}`}
    </Text>
  );
}

function Answered({ certification }: { certification: CertificationModel | null }) {
  if (certification === null) return <Text as="p">Nobody has answered for this drill yet. An auditor asks who reviewed a test, and what was corrected (45 CFR 164.308(a)(7)(ii)(D)).</Text>;
  return (
    <Facts facts={[
      { name: "Answer", value: VERDICT_WORDS[certification.verdict].label },
      { name: "By", value: certifierName(certification.by) },
      { name: "At", value: <Time at={certification.at} form="exact" /> },
      { name: "Remarks", value: certification.remarks || "None" },
      { name: "Corrective action", value: certification.correctiveAction || "None" },
    ]} />
  );
}

function CertifyForm({ passed, certification, onCertify, certifying, certifyProblem }: { passed: boolean; certification: CertificationModel | null } & CertifyActions) {
  const [verdict, setVerdict] = useState<DrillVerdict>(passed ? "accepted" : "not_accepted");
  const [remarks, setRemarks] = useState("");
  const [action, setAction] = useState("");
  const [asked, setAsked] = useState(false);
  const needed = (!passed || verdict === "accepted_with_action") && action.trim() === "";
  return (
    <>
      {certifyProblem ? <ProblemBanner problem={certifyProblem} what="Not recorded" /> : null}
      <form noValidate onSubmit={(event) => { event.preventDefault(); setAsked(true); if (!needed) onCertify(verdict, remarks, action); }}>
        <BlockStack gap="400">
          <ChoiceList title={certification ? "Answer anew; the earlier answer stays in the record" : "I have looked at this drill, and"} choices={(Object.keys(VERDICT_WORDS) as DrillVerdict[]).map((value) => ({ value, ...VERDICT_WORDS[value] }))} selected={[verdict]} onChange={([chosen]) => setVerdict(chosen as DrillVerdict)} />
          <TextField label="Remarks" value={remarks} onChange={setRemarks} multiline={2} maxLength={MOST} autoComplete="off" helpText="Signed and kept for good: no names, addresses or numbers of anybody." />
          <TextField label="Corrective action" value={action} onChange={setAction} multiline={2} maxLength={MOST} autoComplete="off" helpText="What is done, by when, and by which role." error={asked && needed ? "Say what is done about it." : undefined} />
          <div><Button submit variant="primary" loading={certifying}>Sign the answer</Button></div>
        </BlockStack>
      </form>
    </>
  );
}
