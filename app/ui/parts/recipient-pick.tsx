/** Picks the public half of a key that was made elsewhere. A file with a private half in it is refused here already. */
import { useState } from "react";
import type { PublicHalf } from "../browser/identity.ts";
import { recipientOf } from "../browser/recipient.ts";
import { FilePick } from "./file-pick.tsx";

export function RecipientPick({ onPicked }: { onPicked: (half: PublicHalf) => void }) {
  const [error, setError] = useState<string | undefined>();
  async function pick(text: string | null): Promise<void> {
    setError(undefined);
    if (text === null) return;
    const read = await recipientOf(text);
    if (read.ok) onPicked(read.publicHalf);
    else setError(read.problem === "private" ? "This file holds a private half. Keep it to yourself, and choose the recipient file that was made with it." : "This file is no recipient. Choose recipient.jwk, as holdfast keys new writes it.");
  }
  return <FilePick label="Recipient file" help="Named recipient.jwk. Only its public half is sent." error={error} onText={(text) => void pick(text)} />;
}
