/** Picks one file with the browser's own control: works by keyboard, by touch and with a screen reader. The file stays in the browser. */
import { InlineError } from "@shopify/polaris";
import { useId } from "react";

const LARGEST = 1024 * 1024;

export interface FilePickProps {
  readonly label: string;
  readonly help?: string;
  readonly error?: string | undefined;
  readonly disabled?: boolean;
  /** The text of the picked file; null when the choice was taken back or the file is far too large to be meant. */
  readonly onText: (text: string | null, name: string) => void;
}

export function FilePick({ label, help, error, disabled, onText }: FilePickProps) {
  const id = useId();
  const said = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="hf-file">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept=".jwk,.json,.jwe,application/json,application/jwk+json"
        disabled={disabled}
        aria-describedby={said || undefined}
        aria-invalid={error ? true : undefined}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (!file) return onText(null, "");
          if (file.size > LARGEST) return onText("", file.name);
          void file.text().then((text) => onText(text, file.name));
        }}
      />
      {help ? <span id={`${id}-help`} className="hf-help">{help}</span> : null}
      <div role="status" aria-live="polite">{error ? <InlineError fieldID={id} message={error} /> : null}</div>
    </div>
  );
}
