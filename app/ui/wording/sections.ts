/** The app's sections, in the order of the menu. Only what exists: a dead link is a broken promise. */
export const sections: readonly { readonly name: string; readonly path: string }[] = [
  { name: "Overview", path: "/app" },
  { name: "Alerts", path: "/app/alerts" },
  { name: "Snapshots", path: "/app/snapshots" },
  { name: "Restore", path: "/app/restore" },
  { name: "Drills", path: "/app/drills" },
  { name: "Exposure", path: "/app/exposure" },
  { name: "Privacy", path: "/app/requests" },
  { name: "Settings", path: "/app/settings" },
];

/** The section an address belongs to: the title of what is loading. */
export function sectionOf(path: string): string {
  if (path.startsWith("/app/setup")) return "Set-up";
  if (path.startsWith("/app/recovery-points")) return "Recovery points";
  if (path.startsWith("/app/runs")) return "Runs";
  if (path.startsWith("/app/retention")) return "Retention";
  if (path.startsWith("/app/keys")) return "Keys";
  if (path.startsWith("/app/assistant")) return "Assistant";
  const matches = sections.filter((s) => path === s.path || path.startsWith(`${s.path}/`));
  return matches.at(-1)?.name ?? "Overview";
}
