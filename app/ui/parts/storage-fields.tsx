/** Fields about a storage, one after the other. Secrets are typed blind and never filled in again. */
import { BlockStack, Button, Collapsible, Select, TextField } from "@shopify/polaris";
import { useState } from "react";
import type { StorageField, Values } from "../present/storage-fields.ts";

export function StorageFields({ fields, values, onValues, asked, placeholders = {}, helps = {}, errors = {} }: { fields: readonly StorageField[]; values: Values; onValues: (values: Values) => void; asked: boolean; placeholders?: Values; helps?: Values; errors?: Readonly<Record<string, string | undefined>> }) {
  return (
    <BlockStack gap="300">
      {fields.map(({ name, label, help, optional, secret, multiline, choices }) => choices ? (
        <Select key={name} label={label} options={choices.map((choice) => ({ ...choice }))} value={values[name] ?? ""} onChange={(chosen) => onValues({ ...values, [name]: chosen })} helpText={helps[name] ?? help} error={errors[name]} />
      ) : (
        <TextField
          key={name}
          label={optional ? `${label} (optional)` : label}
          value={values[name] ?? ""}
          onChange={(text) => onValues({ ...values, [name]: text })}
          autoComplete="off"
          spellCheck={false}
          {...(secret && !multiline ? { type: "password" as const } : {})}
          {...(multiline ? { multiline: 4, monospaced: true } : {})}
          {...(placeholders[name] === undefined ? {} : { placeholder: placeholders[name] })}
          helpText={helps[name] ?? help}
          error={errors[name] ?? (asked && !optional && (values[name] ?? "").trim() === "" ? `Enter ${label.charAt(0).toLowerCase()}${label.slice(1)}.` : undefined)}
        />
      ))}
    </BlockStack>
  );
}

/** What most leave as it is. It opens by itself where something in it is wrong. */
export function MoreSettings({ fields, values, onValues, asked, errors }: { fields: readonly StorageField[]; values: Values; onValues: (values: Values) => void; asked: boolean; errors: Readonly<Record<string, string | undefined>> }) {
  const [wanted, setWanted] = useState(false);
  const open = wanted || (asked && Object.keys(errors).length > 0);
  if (fields.length === 0) return null;
  return (
    <BlockStack gap="300">
      <div><Button variant="plain" disclosure={open ? "up" : "down"} ariaExpanded={open} ariaControls="more-storage-settings" onClick={() => setWanted(!open)}>More settings</Button></div>
      <Collapsible id="more-storage-settings" open={open}>
        <StorageFields fields={fields} values={values} onValues={onValues} asked={asked} errors={errors} />
      </Collapsible>
    </BlockStack>
  );
}
