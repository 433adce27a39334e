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

import { AlertScreen } from "#app/ui/screens/alert.tsx";
import { AlertSettingsScreen } from "#app/ui/screens/alert-settings.tsx";
import { AlertsScreen } from "#app/ui/screens/alerts.tsx";
import { RunsScreen } from "#app/ui/screens/runs.tsx";
import type { AlertSettingsModel } from "#app/ui/models.ts";
import { alertLists, alertPages, alertSettingsPages, everyAlert, runLists } from "./fixtures-alerts.ts";

import { ExposureScreen } from "#app/ui/screens/exposure.tsx";
import { exposures } from "./fixtures-exposure.ts";

import { RecoveryPointsScreen } from "#app/ui/screens/recovery-points.tsx";
import { recoveryPages } from "./fixtures-recovery.ts";

import { CertificatesScreen } from "#app/ui/screens/certificates.tsx";
import { EraseScreen } from "#app/ui/screens/erase.tsx";
import { KeysScreen } from "#app/ui/screens/keys.tsx";
import { RequestScreen } from "#app/ui/screens/request.tsx";
import { RequestsScreen } from "#app/ui/screens/requests.tsx";
import { RetentionScreen } from "#app/ui/screens/retention.tsx";
import { certificateLists, erasePages, keyPages, prunePlan, requestLists, requestPages, retentions } from "./fixtures-privacy.ts";

import { drillReport, laneDrills, weeklyLists } from "./fixtures-drills.ts";

import { ViewerSettingsScreen } from "#app/ui/screens/viewer-settings.tsx";
import type { ViewerSettingsModel } from "#app/ui/models/viewer.ts";
import { viewerPages } from "./fixtures-viewer.ts";

import { FlowScreen } from "#app/ui/screens/flow.tsx";
import { flowPages } from "./fixtures-flow.ts";

import { AssistantScreen } from "#app/ui/screens/assistant.tsx";
import { AssistantRunScreen } from "#app/ui/screens/assistant-run.tsx";
import { assistantLists, assistantRuns } from "./fixtures-assistant.ts";

import { finds } from "./fixtures-find.tsx";

import { RestoreScreen } from "#app/ui/screens/restore.tsx";
import { RestoreNewScreen } from "#app/ui/screens/restore-new.tsx";
import { RestoresScreen } from "#app/ui/screens/restores.tsx";
import { TeamScreen } from "#app/ui/screens/team.tsx";
import type { TeamModel } from "#app/ui/models/restore.ts";
import { restoreLists, restoreNews, restorePages, teams } from "./fixtures-restore.ts";

const nothing = (): void => undefined;
const drillsActions = { onRehearse: nothing, rehearsing: false, problem: null, onSchedule: nothing, saving: false, report: null, reportBusy: false, reportProblem: null, onReport: nothing, onDownloadReport: nothing };
const drillActions = { onCancel: nothing, onDownload: nothing, onCertify: nothing, certifying: false, certifyProblem: null };
const run = { onSnapshot: nothing, onCancel: nothing, onEmergency: nothing, busy: false };
const untested = { onTest: nothing, testing: false, report: null, onCredentials: nothing, saving: false };
const schedule = (model: SettingsModel) => ({ frequency: model.frequency, onFrequency: nothing, between: model.between, onBetween: nothing });
const setup = { onTest: nothing, testing: false, report: null, onCheck: nothing, onCreate: nothing, checking: false, creating: false, check: null, problem: null };
const alertForm = (model: AlertSettingsModel) => ({
  form: { enabled: model.enabled, minutes: String(model.escalateAfterMinutes), levels: model.levels.map(({ emails }) => ({ emails: emails.join("\n"), webhook: null })) },
  onForm: nothing, changed: false, faults: {}, onTest: nothing, testing: null, tested: null, problem: null,
});

const viewerForm = (model: ViewerSettingsModel) => ({
  form: { issuer: model.saved?.issuer ?? "", clientId: model.saved?.clientId ?? "", groupsClaim: model.saved?.groupsClaim ?? "groups", groups: (model.saved?.groups ?? []).join("\n"), secret: null },
  onForm: nothing, faults: {}, onTest: nothing, testing: false, tested: null, problem: null,
});
const retention = { busy: null, problem: null, draft: null, onDraft: nothing, onPrune: nothing, onSave: nothing, onHold: nothing, onRelease: nothing };
const recovery = { onEmergency: nothing, onCloseIncident: nothing, onObjective: nothing, busy: false, problem: null };
const assistant = { busy: false, problem: null, onAnswer: nothing, onLook: nothing, onBack: nothing, onRecord: nothing, onAskWaiver: nothing, onDecideWaiver: nothing, onEnd: nothing, onPrint: nothing, onExport: nothing };

const restoring = { busy: false, onKeys: nothing, onSubmit: nothing, onApprove: nothing, onControl: nothing, onReport: nothing, onPart: nothing, onDecide: nothing, onPage: nothing, rightsAnswer: null, onRights: nothing, onRightsBack: nothing };
const teamForm = ({ members }: TeamModel) => ({ form: { members: members.map(({ actor, label, responder, approver }) => ({ actor, label, responder, approver })) }, onForm: nothing, onAsk: nothing, busy: false, problem: null, receiving: { busy: false, onInvite: nothing, onWithdraw: nothing, rightsAnswer: null, onRights: nothing, onRightsBack: nothing } });

export const gallery: Record<string, ReactElement> = {
  ...each("overview", overviews, (model) => <OverviewScreen model={model} {...run} />),
  ...each("snapshots", snapshotLists, (model) => <SnapshotsScreen model={model} {...run} onView={nothing} />),
  ...each("snapshot", snapshotPages, (model) => <SnapshotScreen model={model} />),
  ...each("drills", drillLists, (model) => <DrillsScreen model={model} {...drillsActions} />),
  ...each("drill", drillPages, (model) => <DrillScreen model={model} {...drillActions} />),
  ...each("drills-weekly", weeklyLists, (model) => <DrillsScreen model={model} {...drillsActions} />),
  ...each("drill-lanes", laneDrills, (model) => <DrillScreen model={model} {...drillActions} />),
  ...each("drill-new", drillNews, (model) => <DrillNewScreen model={model} onStart={nothing} busy={false} problem={null} onRetry={nothing} />),
  ...each("settings", settings, (model) => <SettingsScreen model={model} {...schedule(model)} onCheck={nothing} checking={false} check={null} {...untested} problem={null} />),
  ...each("flow", flowPages, (model) => <FlowScreen model={model} onAgain={nothing} busy={null} />),
  "flow-sending": <FlowScreen model={flowPages["long"]!} onAgain={nothing} busy="failed_0" />,
  "flow-problem": <FlowScreen model={{ ...flowPages["failed"]!, problem: { code: "request.refused" } }} onAgain={nothing} busy={null} />,
  ...each("alerts", alertLists, (model) => <AlertsScreen model={model} onView={nothing} />),
  ...each("alert", alertPages, (model) => <AlertScreen model={model} onAcknowledge={nothing} busy={false} answer={null} problem={null} />),
  "alert-bad-note": <AlertScreen model={alertPages["told"]!} onAcknowledge={nothing} busy={false} answer="bad-note" problem={null} />,
  ...each("alert-settings", alertSettingsPages, (model) => <AlertSettingsScreen model={model} {...alertForm(model)} />),
  ...each("viewer-settings", viewerPages, (model) => <ViewerSettingsScreen model={model} {...viewerForm(model)} />),
  "viewer-settings-refused": <ViewerSettingsScreen model={viewerPages["new"]!} {...viewerForm(viewerPages["new"]!)} faults={{ issuer: "bad", clientId: "missing", groups: "too_many" }} tested={{ code: "viewer.provider_unreachable", pkce: false }} problem={{ code: "request.refused" }} />,
  "viewer-settings-tested": <ViewerSettingsScreen model={viewerPages["saved"]!} {...viewerForm(viewerPages["saved"]!)} tested={{ code: null, pkce: true }} />,
  "alert-settings-refused": <AlertSettingsScreen model={alertSettingsPages["saved"]!} {...alertForm(alertSettingsPages["saved"]!)} changed faults={{ "levels.0.emails.0": "bad_email", "levels.0.webhookUrl": "bad_webhook", escalateAfterMinutes: "bad_minutes" }} />,
  "alert-settings-tested": <AlertSettingsScreen model={alertSettingsPages["saved"]!} {...alertForm(alertSettingsPages["saved"]!)} tested={{ level: 0, channels: [{ channel: "email", code: null }, { channel: "webhook", code: "delivery.refused" }] }} />,
  ...each("exposure", exposures, (model) => <ExposureScreen model={model} onView={nothing} onCheck={nothing} checking={false} onDecide={nothing} busy={null} problem={null} />),
  "exposure-refused": <ExposureScreen model={exposures["tasks"]!} onView={nothing} onCheck={nothing} checking={false} onDecide={nothing} busy={null} problem={{ code: "coverage.no_reason" }} />,
  ...each("runs", runLists, (model) => <RunsScreen model={model} onView={nothing} onCancel={nothing} />),
  "overview-alerts": <OverviewScreen model={{ ...overviews["safe"]!, state: "not-safe", reasons: [{ code: "alert.unresolved", detail: "alert.verify_finding", amount: 12 }], alerts: everyAlert }} {...run} />,
  "settings-tested": <SettingsScreen model={settings["linked"]!} {...schedule(settings["linked"]!)} onCheck={nothing} checking={false} check={null} {...untested} report={storageReport} problem={null} />,
  "drills-report": <DrillsScreen model={weeklyLists["year"]!} {...drillsActions} report={drillReport["good"]!} />,
  "drills-report-tampered": <DrillsScreen model={weeklyLists["year"]!} {...drillsActions} report={drillReport["tampered"]!} />,
  "drills-refused": <DrillsScreen model={weeklyLists["off"]!} {...drillsActions} problem={{ code: "drill.no_unattended_key" }} />,
  "drill-lanes-not-signed": <DrillScreen model={laneDrills["passed"]!} {...drillActions} certifyProblem={{ code: "drill.remarks_identify" }} />,
  "drill-new-refused": <DrillNewScreen model={drillNews["ready"]!} onStart={nothing} busy={false} problem={{ code: "request.conflict" }} onRetry={nothing} />,
  "drill-new-unusable": <DrillNewScreen model={drillNews["none"]!} onStart={nothing} busy={false} problem={{ code: "vault.not_found" }} onRetry={nothing} />,
  "settings-checked": <SettingsScreen model={settings["linked"]!} {...schedule(settings["linked"]!)} onCheck={nothing} checking={false} check={checks["bad"]!} {...untested} problem={null} />,
  "setup-new": <SetupScreen model={settings["empty"]!} {...setup} />,
  "setup-checked": <SetupScreen model={settings["empty"]!} {...setup} check={checks["good"]!} />,
  "setup-refused": <SetupScreen model={settings["empty"]!} {...setup} check={checks["bad"]!} problem={{ code: "store.no_space" }} />,
  ...each("recovery", recoveryPages, (model) => <RecoveryPointsScreen model={model} {...recovery} />),
  "recovery-refused": <RecoveryPointsScreen model={recoveryPages["safe"]!} {...recovery} problem={{ code: "request.failed" }} />,
  ...each("requests", requestLists, (model) => <RequestsScreen model={model} />),
  ...each("request", requestPages, (model) => <RequestScreen model={model} busy={false} problem={model.problem ?? null} onCarryOut={nothing} onOpenPackage={() => Promise.resolve(null)} onCertificate={nothing} />),
  ...each("restores", restoreLists, (model) => <RestoresScreen model={model} />),
  ...each("restore-new", restoreNews, (model) => <RestoreNewScreen model={model} find={{ material: null, load: nothing, find: nothing, busy: false, answer: null }} busy={false} problem={null} onPlan={nothing} />),
  ...each("restore", restorePages, (model) => <RestoreScreen model={model} {...restoring} problem={model.problem ?? null} />),
  ...each("team", teams, (model) => <TeamScreen model={model} {...teamForm(model)} />),
  ...each("erase", erasePages, (model) => <EraseScreen model={model} busy={false} problem={null} onErase={nothing} />),
  ...each("certificates", certificateLists, (model) => <CertificatesScreen model={model} problem={null} onDownload={nothing} />),
  ...each("retention", retentions, (model) => <RetentionScreen model={model} {...retention} />),
  "retention-draft": <RetentionScreen model={retentions["new"]!} {...retention} draft={prunePlan} />,
  ...each("keys", keyPages, (model) => <KeysScreen model={model} busy={false} problem={null} refusals={[]} onRotate={nothing} />),
  "keys-plan-refuses": <KeysScreen model={keyPages["one"]!} busy={false} problem={null} refusals={["3 snapshots that must be kept could never be opened again."]} onRotate={nothing} />,
  "settings-s3": <SettingsScreen model={{ ...settings["linked"]!, storage: { address: "s3://backups/maple?region=eu-central-1", kind: "an S3 bucket" }, credentialsAt: "2026-11-20T09:00:00.000Z" }} {...schedule(settings["linked"]!)} onCheck={nothing} checking={false} check={null} {...untested} problem={null} />,
  ...each("assistant", assistantLists, (model) => <AssistantScreen model={model} onStart={nothing} starting={null} problem={null} />),
  ...each("assistant-run", assistantRuns, (model) => <AssistantRunScreen model={model} {...assistant} />),
  "assistant-run-conflict": <AssistantRunScreen model={assistantRuns["question"]!} {...assistant} problem={{ code: "assistant.conflict" }} />,
  "problem-failed": <ProblemScreen code="request.failed" onRetry={nothing} />,
  "problem-not-found": <ProblemScreen code="request.not_found" />,
  "problem-team-only": <ProblemScreen code="access.not_a_responder" />,
  "problem-approvers-only": <ProblemScreen code="access.not_an_approver" />,
  ...finds,
  loading: <LoadingScreen title="Snapshots" />,
};

function each<T>(screen: string, models: Record<string, T>, render: (model: T) => ReactElement): Record<string, ReactElement> {
  return Object.fromEntries(Object.entries(models).map(([state, model]) => [`${screen}-${state}`, render(model)]));
}
