/** The part of docs/capture.md that says of what no webhook tells, made from the catalogue. A test holds the page to it; `node app/platform/capture/untold.ts` prints it. */
import { CATALOGUE } from "#app/sources/shopify/index.ts";
import { captureCatalogue } from "./topics.ts";

export const UNTOLD_BEGIN = "<!-- made by app/platform/capture/untold.ts from the catalogue of kinds -->";
export const UNTOLD_END = "<!-- end -->";

/** One row for each kind of which less than every change is told, and why. */
export function untoldTable(): string {
  const captured = new Map(captureCatalogue(CATALOGUE).kinds.map((kind) => [kind.kind, kind]));
  const rows = [...CATALOGUE]
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
    .flatMap(({ kind, titles, topics }) => {
      const { hasTopics, perShop, metafields, fetch } = captured.get(kind)!;
      const whole = topics.filter((topic) => topic.whole === true).map(({ topic }) => topic);
      const said = [
        ...(hasTopics ? [] : ["no topic: read by snapshots alone"]),
        ...(hasTopics && fetch === "none" ? ["told that something changed, not what: one of them cannot be asked for, so the next snapshot reads all"] : []),
        ...(perShop === true ? ["told by subscriptions of each shop's own, one for each type and topic; of a type that is new, from the next look on (an hour at most)"] : []),
        ...(whole.length > 0 && fetch === "record" ? [`${whole.join(", ")}: not which record, so the next snapshot reads all`] : []),
        ...(metafields === true ? ["a change of nothing but metafields: not confirmed (below)"] : []),
      ];
      return said.length === 0 ? [] : [`| ${titles.many} | ${said.join("; ")} |`];
    });
  return [UNTOLD_BEGIN, "| kind | what is told |", "|---|---|", ...rows, UNTOLD_END, ""].join("\n");
}

if (import.meta.main) process.stdout.write(untoldTable());
