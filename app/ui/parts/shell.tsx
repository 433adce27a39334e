/** The frame every screen of the app stands in: one landmark, so that a screen reader's user can go straight to what matters;
 * named, because the admin around it has a main landmark too. */
import type { ReactNode } from "react";

export function Shell({ children }: { children: ReactNode }) {
  return <main aria-label="Holdfast">{children}</main>;
}
