/** When the weekly drill is due. One form, one button. */
import { BlockStack, Button, Card, Checkbox, FormLayout, Select, Text } from "@shopify/polaris";
import { useState } from "react";
import type { DrillScheduleModel } from "../models/drills.ts";
import { hourName, WEEKDAYS } from "../wording/drills.ts";
import { Time } from "./time.tsx";

export interface DrillScheduleActions {
  readonly onSchedule: (weekday: number, hour: number, enabled: boolean) => void;
  readonly saving: boolean;
}

export function DrillSchedule({ schedule, unattended, onSchedule, saving }: { schedule: DrillScheduleModel; unattended: boolean } & DrillScheduleActions) {
  const [weekday, setWeekday] = useState(String(schedule.weekday));
  const [hour, setHour] = useState(String(schedule.hour));
  const [enabled, setEnabled] = useState(schedule.enabled);
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">When a drill is due</Text>
        <Text as="p" tone="subdued">
          {unattended ? "Runs by itself: a key service opens the real snapshot." : "Made-up data is rehearsed by itself. The real snapshot waits for somebody with an identity, who is reminded."}
          {schedule.enabled && schedule.nextAt !== undefined ? <> Next: <Time at={schedule.nextAt} form="exact" />.</> : null}
        </Text>
        <form noValidate onSubmit={(event) => { event.preventDefault(); onSchedule(Number(weekday), Number(hour), enabled); }}>
          <BlockStack gap="400">
            <Checkbox label="Hold a drill every week" checked={enabled} onChange={setEnabled} helpText={enabled ? undefined : "Weeks in which it is switched off are not due, and are not counted as missed. The log keeps when it was off."} />
            <FormLayout>
              <FormLayout.Group condensed>
                <Select label="Day" options={WEEKDAYS.map((label, value) => ({ label, value: String(value) }))} value={weekday} onChange={setWeekday} disabled={!enabled} />
                <Select label="Hour" options={Array.from({ length: 24 }, (_, value) => ({ label: hourName(value), value: String(value) }))} value={hour} onChange={setHour} disabled={!enabled} helpText={`In your browser's time zone when you save; now ${schedule.timezone}.`} />
              </FormLayout.Group>
            </FormLayout>
            <div><Button submit loading={saving}>Save the schedule</Button></div>
          </BlockStack>
        </form>
      </BlockStack>
    </Card>
  );
}
