/** The frame every screen of the app stands in: one landmark, so that a screen reader's user can go straight to what matters. */
import type { ReactNode } from "react";

export function Shell({ children }: { children: ReactNode }) {
  return <main>{children}</main>;
}
