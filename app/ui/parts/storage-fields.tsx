/** Fields about a storage, one after the other. Secrets are typed blind and never filled in again. */
import { BlockStack, TextField } from "@shopify/polaris";
import type { StorageField, Values } from "../present/storage-fields.ts";

export function StorageFields({ fields, values, onValues, asked, placeholders = {}, helps = {}, errors = {} }: { fields: readonly StorageField[]; values: Values; onValues: (values: Values) => void; asked: boolean; placeholders?: Values; helps?: Values; errors?: Readonly<Record<string, string | undefined>> }) {
  return (
    <BlockStack gap="300">
      {fields.map(({ name, label, help, optional, secret, multiline }) => (
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
