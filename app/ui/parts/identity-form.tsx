/** Opens the vault's keys with an identity file that never leaves the browser, and hands on what the work needs: the opened keys, and nothing else. */
import { Banner, BlockStack, Button, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { ReactNode } from "react";
import { readIdentity } from "../browser/identity.ts";
import type { Identity } from "../browser/identity.ts";
import { unwrapKeys } from "../browser/unwrap.ts";
import type { OpenedKeys } from "../browser/unwrap.ts";
import type { VaultKeysModel } from "../models/privacy.ts";
import { damagedKey, IDENTITY_PROBLEMS, wrongIdentity } from "../wording/keys.ts";
import { FilePick } from "./file-pick.tsx";

export interface IdentityFormProps {
  readonly keys: VaultKeysModel;
  readonly submit: string;
  readonly disabled?: boolean;
  readonly busy?: boolean;
  readonly critical?: boolean;
  /** Said when the file opens the keys. */
  readonly opens: string;
  /** More to fill in, between the file and the button. */
  readonly children?: ReactNode;
  /** What is still missing besides the identity; null: nothing. */
  readonly missing?: () => string | null;
  /** The identity is for work in this browser only. */
  readonly onOpened: (keys: OpenedKeys, identity: Identity) => void | Promise<void>;
}

interface Picked {
  readonly text: string;
  readonly sealed: boolean;
}

export function IdentityForm({ keys, submit, disabled = false, busy = false, critical = false, opens, children, missing, onOpened }: IdentityFormProps) {
  const [picked, setPicked] = useState<Picked | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [opening, setOpening] = useState(false);

  async function pick(text: string | null): Promise<void> {
    setError(undefined);
    setPassphrase("");
    if (text === null) return setPicked(null);
    const read = await readIdentity(text);
    if (read.ok) {
      const opened = await unwrapKeys(read.identity, keys.sealedKeys.slice(0, 1), keys.recipientKeyIds);
      if (opened.ok) return setPicked({ text, sealed: false });
      setPicked(null);
      return setError(opened.problem === "wrong_identity" ? wrongIdentity(opened.has, opened.needs) : damagedKey(opened.keyId));
    }
    if (read.problem === "sealed") return setPicked({ text, sealed: true });
    setPicked(null);
    setError(IDENTITY_PROBLEMS[read.problem]);
  }

  async function start(): Promise<void> {
    if (!picked) return setError("Choose your identity file first.");
    const still = missing?.() ?? null;
    if (still !== null) return;
    setError(undefined);
    setOpening(true);
    try {
      const read = await readIdentity(picked.text, picked.sealed ? passphrase : undefined);
      if (!read.ok) return setError(read.problem === "sealed" ? "Enter the passphrase of this identity." : IDENTITY_PROBLEMS[read.problem]);
      const opened = await unwrapKeys(read.identity, keys.sealedKeys, keys.recipientKeyIds);
      if (!opened.ok) return setError(opened.problem === "wrong_identity" ? wrongIdentity(opened.has, opened.needs) : damagedKey(opened.keyId));
      await onOpened(opened.keys, read.identity);
    } finally {
      setOpening(false);
    }
  }

  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); void start(); }}>
      <BlockStack gap="400">
        <FilePick label="Identity file" help="Named holdfast-identity-….jwk. It is read here, in your browser." error={error} disabled={disabled} onText={(text) => void pick(text)} />
        {picked?.sealed ? (
          <TextField label="Passphrase of the identity" type="password" autoComplete="current-password" value={passphrase} onChange={setPassphrase} helpText="Used only in this browser." />
        ) : null}
        {picked && !picked.sealed ? <Banner tone="success">{opens}</Banner> : null}
        {children}
        <div><Button submit variant="primary" {...(critical ? { tone: "critical" as const } : {})} loading={opening || busy} disabled={disabled}>{submit}</Button></div>
      </BlockStack>
    </form>
  );
}
