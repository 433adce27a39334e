/** What the trees have in common, as data: how every one begins (write down, hold, keep the present state), and how those end that lead to a restore. */
import type { Source, TreeNode } from "../tree.ts";

export const LAW = {
  incidents: { cite: "45 CFR 164.308(a)(6)(ii)", says: "Identify, respond to and mitigate incidents; document them and their outcomes.", status: "in_force" },
  recovery: { cite: "45 CFR 164.308(a)(7)(ii)(B)", says: "Procedures to restore any loss of data.", status: "in_force" },
  backup: { cite: "45 CFR 164.308(a)(7)(ii)(A)", says: "Retrievable exact copies are kept.", status: "in_force" },
  emergency: { cite: "45 CFR 164.308(a)(7)(ii)(C)", says: "Critical processes that protect health data go on in an emergency.", status: "in_force" },
  emergencyAccess: { cite: "45 CFR 164.312(a)(2)(ii)", says: "There is a way to get at necessary health data in an emergency.", status: "in_force" },
  integrity: { cite: "45 CFR 164.312(c)(1)", says: "Health data is not altered or destroyed without authority.", status: "in_force" },
  breach: { cite: "45 CFR 164.402(2)", says: "A breach is presumed unless an assessment of at least four factors shows a low probability of compromise.", status: "in_force" },
  access: { cite: "45 CFR 164.308(a)(3)(ii)(C)", says: "Access ends when it must.", status: "in_force" },
  sanctions: { cite: "45 CFR 164.308(a)(1)(ii)(C)", says: "Sanctions for those who break the rules.", status: "in_force" },
  evaluation: { cite: "45 CFR 164.308(a)(8)", says: "Evaluation after an operational change.", status: "in_force" },
} as const satisfies Record<string, Source>;

export const NIST = {
  sequence: { cite: "NIST SP 800-34 Rev. 1, 4.3.1", says: "Recovery follows a planned sequence.", status: "guidance" },
  activation: { cite: "NIST SP 800-34 Rev. 1, 4.2", says: "When a contingency plan is activated, and who is told.", status: "guidance" },
  incident: { cite: "NIST SP 800-61 Rev. 3", says: "Contain, eradicate, recover, learn.", status: "guidance" },
  recoverFrom: { cite: "NIST SP 800-184", says: "Recovery from a cyber event uses a state that is known to be good.", status: "guidance" },
  keys: { cite: "NIST SP 800-57 Part 1 Rev. 5, 5.5", says: "What a compromised key puts at risk, and what to do.", status: "guidance" },
  contingency: { cite: "NIST SP 800-66 Rev. 2, 5.1.7", says: "Contingency plan: recovery order and tested restores.", status: "guidance" },
} as const satisfies Record<string, Source>;

/** Written down first, then held, then kept as it is; on to `next`. */
export function opening(next: string): TreeNode[] {
  return [
    {
      kind: "instruction", id: "open-incident", who: "anyone", minutes: 2, act: "open-incident", built: false, sources: [LAW.incidents],
      say: "Write down that this is an incident, and when you first knew of it.",
      help: "Deadlines count from when you knew, or could have known. The time of this answer is kept.",
      how: ["Incidents cannot be opened in this app yet, so use your own incident log.", "Write two times: when somebody first noticed, and when it could first have been noticed.", "Name who leads until somebody takes over."],
      done: { say: "It is written down", next: "holds" },
    },
    {
      kind: "check", id: "holds", who: "anyone", check: "holds", say: "Are the snapshots safe from being removed while this lasts?",
      outcomes: [
        { id: "held", say: "A hold covers every snapshot. None is removed while it lasts.", next: "evidence" },
        { id: "not-held", say: "No hold covers all snapshots. The schedule could remove one that is needed.", next: "hold" },
        { id: "unknown", say: "It could not be seen whether there is a hold. Place one as soon as the storage answers.", next: "hold" },
      ],
    },
    {
      kind: "instruction", id: "hold", who: "responder", minutes: 2, act: "hold-snapshots", built: true, sources: [LAW.backup],
      say: "Place a hold on all snapshots.",
      how: ["Open Retention and choose Hold.", "Choose all snapshots, and name the hold after the incident.", "Come back here."],
      done: { say: "The hold is in place", next: "evidence" },
      cannot: { say: "Not possible now", next: "evidence" },
    },
    {
      kind: "instruction", id: "evidence", who: "responder", minutes: 2, act: "emergency-snapshot", built: true, sources: [LAW.incidents, NIST.incident],
      say: "Keep the store as it is now, damage and all, before anything is put right.",
      help: "It is evidence, and it keeps what people have changed since.",
      how: ["Press Emergency snapshot on the overview.", "You need not wait for it to finish."],
      done: { say: "It is under way", next },
      cannot: { say: "Not possible now", next },
    },
  ];
}

/** When the damage began; on to `next`. */
export function asksWhen(next: string, ask = "When did the first wrong change happen?"): TreeNode {
  return {
    kind: "moment", id: "when", who: "responder", ask, next,
    help: "The restore goes back to the second before. If you are not sure, take the earlier of two times.",
    unknown: { say: "Nobody knows yet", next },
  };
}

export interface Closing {
  /** How the last page names what is restored. */
  readonly say: string;
  readonly to?: "before-damage" | "newest-good";
  readonly how?: readonly string[];
}

/** From a good snapshot over the people to the plan. Begins at "snapshot". */
export function closing({ say, to = "before-damage", how = [] }: Closing): TreeNode[] {
  return [
    {
      kind: "check", id: "snapshot", who: "responder", check: "good-snapshot", say: "Is there a complete snapshot from before the damage?", sources: [LAW.backup, NIST.recoverFrom],
      outcomes: [
        { id: "good", say: "Yes: complete, and the last check of the storage found nothing wrong.", next: "journal" },
        { id: "unproven", say: "There is one, but the storage has not been checked since, or the check found damage.", next: "prove" },
        { id: "none", say: "No complete snapshot from before the damage was found.", next: "nothing-before" },
        { id: "unknown", say: "The storage did not answer, so nobody knows.", next: "storage-away" },
      ],
    },
    {
      kind: "instruction", id: "storage-away", who: "responder", minutes: 30, built: true, say: "Bring the storage back within reach.",
      how: ["Open Settings and press Test this storage. It says what is wrong.", "Ask whoever runs the storage.", "If it stays away, the recovery program works on any copy of it: see the page Recover a vault in the documentation."],
      done: { say: "It answers again", next: "snapshot", again: true },
      cannot: { say: "It stays away", next: "by-hand" },
    },
    {
      kind: "end", id: "by-hand", who: "responder", outcome: "stop", built: true, say: "Stop here. Without the storage this app cannot restore.",
      how: ["Find another copy of the storage: a replica, another region, a download.", "Follow the page Recover a vault with that copy and an identity.", "Start this assistant anew when the storage is back."],
    },
    {
      kind: "end", id: "nothing-before", who: "security-official", outcome: "notify", built: false, sources: [LAW.breach, LAW.integrity], say: "There is nothing to go back to. Say so to those who must know.",
      how: ["Look for other copies: the app's own vendor, an export, another system.", "Write down which data is lost, by kind and number.", "The security official assesses whether it is a breach and keeps the result. This app has no form for it yet, so use your own.", "Keep the evidence snapshot."],
    },
    {
      kind: "instruction", id: "prove", who: "responder", minutes: 10, act: "verify", built: true, say: "Have the storage checked before you rely on it.",
      how: ["Press Check the storage under Runs.", "It takes seconds for the lists, and longer if all data is read.", "If it finds damage, read what it names: the plan cannot use those records."],
      done: { say: "It was checked", next: "journal" },
      cannot: { say: "There is no time for it", next: "journal" },
    },
    {
      kind: "check", id: "journal", who: "responder", check: "journal", say: "To which moment can the store be taken back?",
      outcomes: [
        { id: "every-second", say: "To any second: changes were captured as they happened.", next: "team" },
        { id: "snapshots-only", say: "To the last snapshot before the damage, at least for some kinds of data. What came between is lost or is entered by hand.", next: "team" },
        { id: "unknown", say: "Nobody knows. The plan will say it for each record.", next: "team" },
      ],
    },
    {
      kind: "check", id: "team", who: "approver", check: "team", say: "Are there two people for this: one who restores, and one who approves?",
      outcomes: [
        { id: "two", say: "Yes, they are named in the settings.", next: "plan" },
        { id: "too-few", say: "Nobody, or only one person, is named. Any two members of staff can do it, but it must be two.", next: "find-people" },
        { id: "unknown", say: "It could not be seen who is named.", next: "find-people" },
      ],
    },
    {
      kind: "instruction", id: "find-people", who: "anyone", minutes: 5, built: true, say: "Reach a second person now.",
      how: ["Call the people named in your contingency plan.", "They sign in with their own account. Nobody approves their own plan."],
      done: { say: "Somebody is coming", next: "plan" },
      cannot: { say: "Nobody can be reached yet", next: "plan" },
    },
    {
      kind: "end", id: "plan", who: "responder", outcome: "restore-plan", built: true, plan: { to }, sources: [LAW.recovery, NIST.sequence], say,
      how: [
        ...how,
        "Make the plan. It says what will change before anything does.",
        "A second person reads the plan and approves it.",
        "The restore is recorded here by itself when its report is there. Only then may anything be switched over to another system.",
        "The security official assesses whether it was a breach, also if the answer is no. This app has no form for it yet, so use your own.",
      ],
    },
  ];
}

/** Have people worked on the same data since? On to `next`. */
export function asksEdits(next: string): TreeNode {
  return {
    kind: "question", id: "edits", who: "store-owner", ask: "Have people made good changes to the same data since the damage began?",
    help: "Think of addresses, notes and orders that staff or customers have changed.",
    answers: [
      { id: "yes", say: "Yes", help: "Records that were edited since are put before you one by one.", sets: { conflicts: "review" }, next },
      { id: "no", say: "No", help: "The earlier state wins everywhere.", sets: { conflicts: "restore" }, next },
      { id: "unsure", say: "I do not know", help: "Then it is safer to look at each.", sets: { conflicts: "review" }, next },
    ],
  };
}

/** Did health data reach somebody it should not have? On to `next` either way. */
export function assessesBreach(next: string): TreeNode[] {
  return [
    {
      kind: "question", id: "left", who: "security-official", ask: "Could somebody have seen or taken health data who should not have?", sources: [LAW.breach],
      answers: [
        { id: "no", say: "No, and we can show why", next },
        { id: "yes", say: "Yes, or we cannot tell", next: "breach" },
      ],
    },
    {
      kind: "instruction", id: "breach", who: "security-official", minutes: 30, act: "notify", built: false, say: "Tell the security official now: this is presumed to be a breach.",
      help: "The law allows at most 60 days from discovery. Some states allow 30 days or less, so the clock of the strictest counts.",
      figures: [
        { value: "60 days", status: "in_force", cite: "45 CFR 164.404(b)" },
        { value: "30 days", status: "in_force", cite: "California Civ. Code 1798.82 as amended by SB 446; counsel confirms which states apply" },
      ],
      sources: [LAW.breach],
      how: ["Deadlines are not counted in this app yet, so write the first one down by hand.", "Do not wait for certainty: the assessment may still show a low probability.", "Counsel decides who is told, and when."],
      done: { say: "They have been told", next },
      cannot: { say: "They cannot be reached yet", next },
    },
  ];
}
