/** A value planted as health data, and the search for it in everything that may not hold any. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, sep } from "node:path";

/** Unlikely to occur by itself, and without characters that some encoding would escape. */
export const CANARY = "SYNTHETICCANARYqv7Zk2Xw9RtLm4Bd";

/** The value as it stands, and as it looks inside base64 at each of the three alignments, in hex, and in UTF-16. */
export function disguises(canary: string): readonly Buffer[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from("\0".repeat(shift) + canary).toString("base64").replace(/=+$/, "");
    // The first and last characters share bits with their neighbours.
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  return [
    ...[canary, canary.toLowerCase(), Buffer.from(canary).toString("hex"), ...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))].map((text) => Buffer.from(text)),
    Buffer.from(canary, "utf16le"),
  ];
}

export function holds(bytes: Buffer, canary = CANARY): boolean {
  return disguises(canary).some((form) => bytes.includes(form));
}

/** Files below `folder` that hold the canary in any disguise. Files that vanish meanwhile are no finding. */
export function filesHolding(folder: string, { except = [] as readonly string[] } = {}): { readonly found: readonly string[]; readonly searched: number } {
  const found: string[] = [];
  let searched = 0;
  const walk = (path: string): void => {
    if (except.some((skipped) => path === skipped || path.startsWith(skipped + sep))) return;
    try {
      const info = statSync(path);
      if (info.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
      else if (info.isFile()) {
        searched += 1;
        if (holds(readFileSync(path))) found.push(path);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  };
  walk(folder);
  return { found, searched };
}
