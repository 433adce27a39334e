/** Findings of a verification, for a terminal. */
export interface PrintedFinding {
  readonly code: string;
  readonly object: string;
  readonly detail?: string;
}

const MOST = 50;

export function findingLines(findings: readonly PrintedFinding[]): string[] {
  const lines = findings.slice(0, MOST).map(({ code, object, detail }) => `${code}  ${object}${detail === undefined ? "" : `  (${detail})`}`);
  const head = `${findings.length} ${findings.length === 1 ? "finding" : "findings"}:`;
  return findings.length > MOST ? [head, ...lines, `and ${findings.length - MOST} more (--json lists them all)`] : [head, ...lines];
}
