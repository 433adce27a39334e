/** What a target lets this app do. Reading takes rights that every run has; writing takes more, which a shop grants when they are asked for and may take back. Part of port.ts. */
import type { Assessment, FamilyChange } from "./revision.ts";

/** Rights are named as the platform spells them: "write_customers". */
export interface TargetRights {
  /** What carrying this out takes. Pure; sorted. Empty where nothing would be written. */
  needed(change: FamilyChange, assessment: Pick<Assessment, "action" | "changes">): readonly string[];
  /** What the app has now, as the platform says. Throws SourceError. */
  granted(signal: AbortSignal): Promise<readonly string[]>;
  /** Gives these back. Answers those that are gone; what the app was not granted as an extra stays. Throws SourceError. */
  giveBack(rights: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
}
