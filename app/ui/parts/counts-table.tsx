/** Counts per kind: what is here beside what the store says it has. */
import type { KindCount } from "../models.ts";
import { uncountedWords } from "../wording/counted.ts";
import { kindTitle } from "../wording/kinds.ts";
import { number } from "../wording/numbers.ts";
import { Scroll } from "./scroll.tsx";

export function CountsTable({ kinds }: { kinds: readonly KindCount[] }) {
  return (
    <Scroll label="Records by kind">
      <table className="hf-table">
        <caption className="hf-unseen">Records by kind: counted here and by the shop</caption>
        <thead>
          <tr><th scope="col">Kind</th><th scope="col" className="hf-figure">Here</th><th scope="col" className="hf-figure">By the shop</th><th scope="col">Verdict</th></tr>
        </thead>
        <tbody>
          {kinds.map((k) => (
            <tr key={k.kind}>
              <th scope="row">{kindTitle(k.kind)}</th>
              <td className="hf-figure">{number(k.here)}</td>
              <td className="hf-figure">{k.shop === undefined ? "–" : number(k.shop)}</td>
              <td>{verdict(k)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function verdict(k: KindCount): string {
  if (k.shop === undefined) return uncountedWords(k.kind);
  if (k.shop === k.here) return "Equal";
  return k.here < k.shop ? `${number(k.shop - k.here)} missing` : `${number(k.here - k.shop)} too many`;
}
