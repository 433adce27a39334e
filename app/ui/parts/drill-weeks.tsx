/** Week by week: a strip for the eye, and the same as a list for everybody. Shape and word tell a state, not the colour. */
import { Badge, BlockStack, Card, Link, Text } from "@shopify/polaris";
import { AlertDiamondIcon, CheckCircleIcon, ClockIcon, MinusCircleIcon, PersonIcon } from "@shopify/polaris-icons";
import type { DrillWeekModel, DrillWeeksModel, WeekState } from "../models/drills.ts";
import { partsWords, WEEK_WORD } from "../wording/drills.ts";
import { Details } from "./details.tsx";
import { Scroll } from "./scroll.tsx";
import { Time } from "./time.tsx";

const LOOK = {
  passed: { tone: "success", icon: CheckCircleIcon },
  failed: { tone: "critical", icon: AlertDiamondIcon },
  missed: { tone: "critical", icon: MinusCircleIcon },
  waiting: { tone: "attention", icon: PersonIcon },
  due: { tone: undefined, icon: ClockIcon },
} as const;
const SIGN: Readonly<Record<WeekState, string>> = { passed: "✓", failed: "✕", missed: "–", waiting: "…", due: "·" };

export function WeekBadge({ state }: { state: WeekState }) {
  const { tone, icon } = LOOK[state];
  return <Badge tone={tone} icon={icon}>{WEEK_WORD[state]}</Badge>;
}

export function DrillWeeks({ model }: { model: DrillWeeksModel }) {
  const { weeks } = model;
  if (weeks.length === 0) return null;
  const newestFirst = [...weeks].reverse();
  const current = newestFirst.find(({ state }) => state === "waiting" || state === "due");
  return (
    <>
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">Week by week</Text>
          <div className="hf-weeks" aria-hidden="true">
            {weeks.map((week) => <span key={week.dueAt} className={`hf-week hf-week-${week.state}`} title={`${week.dueAt.slice(0, 10)}: ${WEEK_WORD[week.state]}`}>{SIGN[week.state]}</span>)}
          </div>
          <Text as="p" tone="subdued">{`Each sign is a week, the newest last: ✓ passed, ✕ failed, – missed, … waits for somebody with an identity. A missed week stays missed.`}</Text>
          {current ? <CurrentWeek week={current} /> : null}
        </BlockStack>
      </Card>
      <Details title={`All weeks as a list (${weeks.length})`}>
        <Scroll label="Weeks">
          <table className="hf-table">
            <caption className="hf-unseen">Weeks, newest first</caption>
            <thead><tr><th scope="col">Due</th><th scope="col">Result</th><th scope="col">Not done</th><th scope="col">Drill</th></tr></thead>
            <tbody>
              {newestFirst.map((week) => (
                <tr key={week.dueAt}>
                  <th scope="row"><Time at={week.dueAt} form="day" begins /></th>
                  <td><WeekBadge state={week.state} /></td>
                  <td>{week.lacking.length === 0 ? "–" : partsWords(week.lacking)}</td>
                  <td>{week.drillId === undefined ? "–" : <Link url={`/app/drills/${week.drillId}`}>See it</Link>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </Details>
    </>
  );
}

function CurrentWeek({ week }: { week: DrillWeekModel }) {
  return (
    <Text as="p">
      {week.state === "waiting" ? "This week waits for you: made-up data passed, and a real snapshot is to be opened with an identity by " : "This week's drill is to be held by "}
      <Time at={week.until} form="exact" />.
    </Text>
  );
}
