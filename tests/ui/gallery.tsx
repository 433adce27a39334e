/** Every screen in every state, by name: the tests render them on the server, the preview in a browser. */
import type { ReactElement } from "react";
import { DrillScreen } from "#app/ui/screens/drill.tsx";
import { DrillNewScreen } from "#app/ui/screens/drill-new.tsx";
import { DrillsScreen } from "#app/ui/screens/drills.tsx";
import { LoadingScreen } from "#app/ui/screens/loading.tsx";
import { OverviewScreen } from "#app/ui/screens/overview.tsx";
import { ProblemScreen } from "#app/ui/screens/problem.tsx";
import { SettingsScreen } from "#app/ui/screens/settings.tsx";
import { SetupScreen } from "#app/ui/screens/setup.tsx";
import { SnapshotScreen } from "#app/ui/screens/snapshot.tsx";
import { SnapshotsScreen } from "#app/ui/screens/snapshots.tsx";
import type { SettingsModel } from "#app/ui/models.ts";
import { checks, drillLists, drillNews, drillPages, overviews, settings, snapshotLists, snapshotPages, storageReport } from "./fixtures.ts";

const nothing = (): void => undefined;
const run = { onSnapshot: nothing, onCancel: nothing, busy: false };
const untested = { onTest: nothing, testing: false, report: null };
const schedule = (model: SettingsModel) => ({ frequency: model.frequency, onFrequency: nothing });
const setup = { onCheck: nothing, onCreate: nothing, checking: false, creating: false, check: null, problem: null };

export const gallery: Record<string, ReactElement> = {
  ...each("overview", overviews, (model) => <OverviewScreen model={model} {...run} />),
  ...each("snapshots", snapshotLists, (model) => <SnapshotsScreen model={model} {...run} onView={nothing} />),
  ...each("snapshot", snapshotPages, (model) => <SnapshotScreen model={model} />),
  ...each("drills", drillLists, (model) => <DrillsScreen model={model} />),
  ...each("drill", drillPages, (model) => <DrillScreen model={model} onCancel={nothing} />),
  ...each("drill-new", drillNews, (model) => <DrillNewScreen model={model} onStart={nothing} busy={false} problem={null} onRetry={nothing} />),
  ...each("settings", settings, (model) => <SettingsScreen model={model} {...schedule(model)} onCheck={nothing} checking={false} check={null} {...untested} problem={null} />),
  "settings-tested": <SettingsScreen model={settings["linked"]!} {...schedule(settings["linked"]!)} onCheck={nothing} checking={false} check={null} {...untested} report={storageReport} problem={null} />,
  "drill-new-refused": <DrillNewScreen model={drillNews["ready"]!} onStart={nothing} busy={false} problem={{ code: "request.conflict" }} onRetry={nothing} />,
  "drill-new-unusable": <DrillNewScreen model={drillNews["none"]!} onStart={nothing} busy={false} problem={{ code: "vault.not_found" }} onRetry={nothing} />,
  "settings-checked": <SettingsScreen model={settings["linked"]!} {...schedule(settings["linked"]!)} onCheck={nothing} checking={false} check={checks["bad"]!} {...untested} problem={null} />,
  "setup-new": <SetupScreen model={settings["empty"]!} {...setup} />,
  "setup-checked": <SetupScreen model={settings["empty"]!} {...setup} check={checks["good"]!} />,
  "setup-refused": <SetupScreen model={settings["empty"]!} {...setup} check={checks["bad"]!} problem={{ code: "store.no_space" }} />,
  "problem-failed": <ProblemScreen code="request.failed" onRetry={nothing} />,
  "problem-not-found": <ProblemScreen code="request.not_found" />,
  loading: <LoadingScreen title="Snapshots" />,
};

function each<T>(screen: string, models: Record<string, T>, render: (model: T) => ReactElement): Record<string, ReactElement> {
  return Object.fromEntries(Object.entries(models).map(([state, model]) => [`${screen}-${state}`, render(model)]));
}
