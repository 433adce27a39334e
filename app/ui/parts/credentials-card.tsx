/** What opens the merchant's storage: when it was entered, and entering it anew. What was entered is never shown. */
import { BlockStack, Button, Card, Text } from "@shopify/polaris";
import { useState } from "react";
import { CREDENTIAL_FIELDS, credentialOf, kindOfAddress } from "../present/storage-fields.ts";
import type { Credential, Values } from "../present/storage-fields.ts";
import { StorageFields } from "./storage-fields.tsx";
import { Time } from "./time.tsx";

export function CredentialsCard({ address, savedAt, busy, onSave }: { address: string; savedAt: string | undefined; busy: boolean; onSave: (credential: Credential) => void }) {
  const kind = kindOfAddress(address);
  const [open, setOpen] = useState(savedAt === undefined);
  const [values, setValues] = useState<Values>({});
  const [asked, setAsked] = useState(false);
  if (kind === "file") return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">What opens the storage</Text>
        <Text as="p">{savedAt === undefined ? "Nothing was entered yet, so nothing can be written there." : <>Entered <Time at={savedAt} />. Kept sealed, and shown to nobody.</>}</Text>
        {open ? (
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              setAsked(true);
              const credential = credentialOf(kind, values);
              if (credential === null || credential === "missing") return;
              onSave(credential);
              setValues({});
              setAsked(false);
            }}
          >
            <BlockStack gap="300">
              <StorageFields fields={CREDENTIAL_FIELDS[kind]} values={values} onValues={setValues} asked={asked} />
              {asked && credentialOf(kind, values) === "missing" ? <Text as="p" tone="critical">One of them is needed.</Text> : null}
              <div><Button submit loading={busy}>Try and save</Button></div>
            </BlockStack>
          </form>
        ) : <div><Button onClick={() => setOpen(true)}>Enter them anew</Button></div>}
      </BlockStack>
    </Card>
  );
}
