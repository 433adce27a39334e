/** The downtime viewer's settings in every state. */
import type { ViewerSettingsModel } from "#app/ui/models/viewer.ts";
import { NOW } from "./fixtures.ts";

const base: ViewerSettingsModel = { now: NOW, linked: true, url: "https://viewer.cedar-synthetic.example", redirectUris: ["https://viewer.cedar-synthetic.example/callback", "http://localhost:4400/callback"], saved: null, named: 0, waiting: 0, ownKey: false };
const saved = { issuer: "https://login.example.com/00000000-0000-4000-8000-000000000000/v2.0", clientId: "11111111-1111-4111-8111-111111111111", groupsClaim: "groups", groups: [], hasSecret: false, at: NOW };

export const viewerPages: Record<string, ViewerSettingsModel> = {
  unlinked: { ...base, linked: false },
  new: base,
  nobody: { ...base, saved },
  saved: { ...base, saved: { ...saved, groups: ["responders", "on-call-pharmacists"], hasSecret: true }, named: 2, waiting: 1 },
  "no-host": { ...base, url: null, redirectUris: ["http://localhost:4400/callback"], saved, named: 1, ownKey: true },
};
