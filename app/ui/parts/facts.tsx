/** Names and what they are, as a description list: reads well in one column at 400 px and to a screen reader. */
import type { ReactNode } from "react";

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="hf-facts">
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt>{fact.name}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A digest, key id or address: monospaced, breaks anywhere. */
export function Code({ children }: { children: string }) {
  return <code className="hf-code">{children}</code>;
}
