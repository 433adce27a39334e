/** Room for a wide table on a narrow screen: scrolls sideways, also by keyboard. */
import type { ReactNode } from "react";

export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return <div className="hf-scroll" role="region" aria-label={label} tabIndex={0}>{children}</div>;
}
