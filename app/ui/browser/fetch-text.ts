/** Fetches a file of the app's own. App Bridge's fetch puts the session token in. Null: it is not there. */
export async function fetchText(path: string): Promise<string | null> {
  try {
    const response = await fetch(path, { headers: { Accept: "application/json" } });
    if (!response.ok) return null;
    const { text } = (await response.json()) as { text?: unknown };
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}
