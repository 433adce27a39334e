/** Makes the merchant's key in the browser, hands it over as a file, and asks for the file again to see that it was kept. */
import { Banner, BlockStack, Button, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";
import { download } from "../browser/download.ts";
import { newIdentity, provesKept, readIdentity } from "../browser/identity.ts";
import type { NewIdentity, PublicHalf } from "../browser/identity.ts";
import { IDENTITY_PROBLEMS } from "../wording/keys.ts";
import { Code } from "./facts.tsx";
import { FilePick } from "./file-pick.tsx";

export function NewKey({ onKept }: { onKept: (publicHalf: PublicHalf | null) => void }) {
  const [made, setMade] = useState<NewIdentity | null>(null);
  const [kept, setKept] = useState<PublicHalf | null>(null);
  const [making, setMaking] = useState(false);
  const [error, setError] = useState<string | undefined>();

  async function make(): Promise<void> {
    setMaking(true);
    try {
      const identity = await newIdentity();
      setMade(identity);
      setError(undefined);
      download(identity.fileName, identity.fileText);
    } catch {
      setError("This browser cannot make a key here. Open the app in a current browser, over https.");
    } finally {
      setMaking(false);
    }
  }

  async function confirm(text: string | null): Promise<void> {
    if (text === null || !made) return setError(undefined);
    const read = await readIdentity(text);
    if (!read.ok) return setError(IDENTITY_PROBLEMS[read.problem]);
    if (!(await provesKept(read.identity, made.publicHalf))) return setError(`This is another key. Choose ${made.fileName}, the file that was just downloaded.`);
    setError(undefined);
    setKept(made.publicHalf);
    // From here on the private half is only in the person's file.
    setMade(null);
    onKept(made.publicHalf);
  }

  if (kept) {
    return (
      <Banner tone="success" title="You have your key">
        <BlockStack gap="200">
          <Text as="p">Keep the file where only people who may restore can reach it, and a second copy elsewhere. Without it nobody can open the copies, not even we.</Text>
          <Text as="p">Key id: <Code>{kept.kid}</Code></Text>
        </BlockStack>
      </Banner>
    );
  }
  if (made) {
    return (
      <BlockStack gap="400">
        <Text as="p">The file <strong>{made.fileName}</strong> was downloaded. Put it where it is safe, then choose it here to show that you have it.</Text>
        <FilePick label="Choose the downloaded identity file" help="It is compared in your browser and not uploaded." error={error} onText={(text) => void confirm(text)} />
        <InlineStack gap="200">
          <Button onClick={() => download(made.fileName, made.fileText)}>Download again</Button>
          <Button variant="plain" onClick={() => void make()} loading={making}>Make another key instead</Button>
        </InlineStack>
      </BlockStack>
    );
  }
  return (
    <BlockStack gap="400">
      <Text as="p">Your browser makes a pair: the public half seals the copies, the private half opens them. The private half is downloaded as a file and never reaches us.</Text>
      <Text as="p">If the file is lost, the copies cannot be opened by anyone. If you leave this page before the vault is made, make a new key; nothing depends on this one yet.</Text>
      <div><Button onClick={() => void make()} loading={making}>Make the key and download it</Button></div>
      {error ? <Banner tone="critical">{error}</Banner> : null}
    </BlockStack>
  );
}
