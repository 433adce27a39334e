/** Something that cannot be taken back is confirmed by typing what it is about. */
import { TextField } from "@shopify/polaris";

export function isConfirmed(typed: string, word: string): boolean {
  return typed.trim().toLowerCase() === word.toLowerCase();
}

export function TypedConfirmation({ word, typed, onTyped, asked, disabled = false }: { word: string; typed: string; onTyped: (typed: string) => void; /** The button was pressed without it. */ asked: boolean; disabled?: boolean }) {
  return (
    <TextField
      label={`Type ${word} to confirm`}
      value={typed}
      onChange={onTyped}
      autoComplete="off"
      disabled={disabled}
      helpText="Nobody can undo this."
      error={asked && !isConfirmed(typed, word) ? `Type ${word}, exactly as it is written here.` : undefined}
    />
  );
}
