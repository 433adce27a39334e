/** From the viewer's setting and the response team to what the screen shows. */
import type { ResponseTeamMember, ViewerSetting } from "#app/workflows/ports.ts";
import type { ViewerSettingsModel } from "../models/viewer.ts";

/** Where the command line's viewer is reached unless it is told otherwise. */
const COMMAND_LINE = "http://localhost:4400";

export function presentViewerSettings(setting: ViewerSetting | null, o: { readonly linked: boolean; readonly url: string | null; readonly team: readonly ResponseTeamMember[]; readonly ownKey: boolean; readonly now: Date }): ViewerSettingsModel {
  const outside = o.team.filter(({ actor }) => actor.startsWith("responder:"));
  return {
    now: o.now.toISOString(),
    linked: o.linked,
    url: o.url,
    redirectUris: [...(o.url === null ? [] : [`${o.url}/callback`]), `${COMMAND_LINE}/callback`],
    saved: setting === null ? null : { issuer: setting.issuer, clientId: setting.clientId, groupsClaim: setting.groupsClaim, groups: setting.groups, hasSecret: setting.hasSecret, at: setting.savedAt.toISOString() },
    named: outside.filter(({ roles }) => roles.includes("responder")).length,
    waiting: outside.filter(({ roles }) => roles.length === 0).length,
    ownKey: o.ownKey,
  };
}
