/** Verifies a vault that lies in several copies: each by itself, then one beside the other. Where there is one copy, that. */
import type { Finding, VerifyReport } from "../types.ts";
import { verifyVault } from "../verify/verify.ts";
import type { VerifyOptions } from "../verify/verify.ts";
import { compareCopies } from "./compare.ts";
import { CopyView } from "./view.ts";

/** Faults are findings, and say which copy they are about; throws StoreError when one of the copies cannot be read. */
export async function verifyCopies(options: VerifyOptions): Promise<VerifyReport> {
  const { copies } = options.store;
  if (copies === undefined) return verifyVault(options);
  const reports: VerifyReport[] = [];
  for (const { name } of copies.each) reports.push(await verifyVault({ ...options, store: new CopyView(copies, name) }));
  return mergedReport(copies.each.map(({ name }) => name), reports, (said) => compareCopies(copies, said));
}

/** `names`: of the copies, in the order of their reports. */
export async function mergedReport(names: readonly string[], reports: readonly VerifyReport[], beside: (said: ReadonlySet<string>) => Promise<readonly Finding[]>): Promise<VerifyReport> {
  const merged = mergedFindings(names, reports.map((report) => report.findings));
  const findings = [...merged, ...(await beside(new Set(merged.map(({ object }) => object))))];
  const most = (of: (report: VerifyReport) => number): number => Math.max(...reports.map(of));
  return {
    ok: findings.length === 0,
    findings,
    orphans: [...new Set(reports.flatMap((report) => report.orphans))].sort(),
    snapshots: most((report) => report.snapshots),
    objects: most((report) => report.objects),
    bytesRead: reports.reduce((sum, report) => sum + report.bytesRead, 0),
    recordsChecked: Math.min(...reports.map((report) => report.recordsChecked)),
  };
}

/** What is wrong in all of them is said once. */
export function mergedFindings(names: readonly string[], findings: readonly (readonly Finding[])[]): Finding[] {
  const where = new Map<string, { finding: Finding; copies: string[] }>();
  for (const [i, of] of findings.entries()) {
    for (const finding of of) {
      const same = `${finding.code} ${finding.object} ${finding.detail ?? ""}`;
      const met = where.get(same);
      if (met === undefined) where.set(same, { finding, copies: [names[i] as string] });
      else met.copies.push(names[i] as string);
    }
  }
  return [...where.values()].map(({ finding, copies: [copy, ...others] }) => {
    const all = 1 + others.length === names.length;
    const place = all ? "in every copy" : `in the ${copy as string} copy`;
    const detail = finding.detail === undefined ? place : `${place}: ${finding.detail}`;
    return { ...finding, detail, ...(all ? {} : { copy }) };
  });
}
