/**
 * Finds a record by what a person knows of it. The identity file opens search keys in this browser; what is typed is made into tokens here and goes nowhere.
 * Answers are kinds and numbers only: who it is shows when a record is opened, under the rules for that.
 */
import { Banner, BlockStack, Box, Button, Checkbox, InlineStack, ResourceItem, ResourceList, Select, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import { idsOf } from "#app/terms/index.ts";
import { openSearch, searchTokens, type SearchKeyring } from "../browser/search.ts";
import { readIdentity } from "../browser/identity.ts";
import type { FindAnswerModel, FindBody, FindMaterialModel, FoundModel } from "../models/find.ts";
import { FIND_FIELDS, foundLine, foundSummary, stateLine, type FindField } from "../wording/find.ts";
import { damagedKey, IDENTITY_PROBLEMS, wrongIdentity } from "../wording/keys.ts";
import { FilePick } from "./file-pick.tsx";
import { ProblemBanner } from "./problem-banner.tsx";

export interface RecordSearchProps {
  /** Null: still being fetched. */
  readonly material: FindMaterialModel | null;
  readonly busy: boolean;
  readonly answer: FindAnswerModel | null;
  readonly onFind: (asked: FindBody) => void;
  readonly onPick: (found: FoundModel) => void;
  /** What picking does: "Choose", "Open". */
  readonly pick: string;
  /** Where phone numbers without a country's code may be from: the shop's country. */
  readonly countries?: readonly string[];
  /** Whether records that the newest state has not are shown at first: who restores looks for those. Default "shown". */
  readonly gone?: "shown" | "hidden";
  /** For a preview: keys that were opened before. */
  readonly opened?: SearchKeyring;
}

export function RecordSearch({ material, busy, answer, onFind, onPick, pick, countries = [], gone = "shown", opened }: RecordSearchProps) {
  const [field, setField] = useState<FindField>("email");
  const [value, setValue] = useState("");
  const [keyring, setKeyring] = useState<SearchKeyring | null>(opened ?? null);
  const [file, setFile] = useState<{ readonly text: string; readonly sealed: boolean } | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [fault, setFault] = useState<{ readonly file?: string; readonly value?: string }>({});
  const [opening, setOpening] = useState(false);
  const [all, setAll] = useState(gone === "shown");
  const words = FIND_FIELDS[field];

  async function choose(text: string | null): Promise<void> {
    setFault({});
    setPassphrase("");
    setFile(null);
    if (text === null) return;
    const read = await readIdentity(text);
    if (!read.ok && read.problem !== "sealed") return setFault({ file: IDENTITY_PROBLEMS[read.problem] });
    setFile({ text, sealed: !read.ok });
  }

  /** Null: it did not open, and the reason is on screen. */
  async function unlocked(): Promise<SearchKeyring | null> {
    if (keyring !== null) return keyring;
    if (file === null || material === null) {
      setFault({ file: "Choose your identity file first." });
      return null;
    }
    const read = await readIdentity(file.text, file.sealed ? passphrase : undefined);
    if (!read.ok) {
      setFault({ file: read.problem === "sealed" ? "Enter the passphrase of this identity." : IDENTITY_PROBLEMS[read.problem] });
      return null;
    }
    const search = await openSearch(read.identity, material);
    if (!search.ok) {
      setFault({ file: search.problem === "wrong_identity" ? wrongIdentity(search.has, search.needs) : damagedKey(search.keyId) });
      return null;
    }
    setKeyring(search.keyring);
    setFile(null);
    setPassphrase("");
    return search.keyring;
  }

  async function ask(): Promise<void> {
    setFault({});
    if (value.trim() === "") return setFault({ value: "Type what to look for." });
    if (field === "id") return onFind({ by: "id", ids: idsOf(value) });
    setOpening(true);
    try {
      const keys = await unlocked();
      if (keys === null) return;
      const tokens = await searchTokens(keys, { field, value, countries });
      if (tokens.length === 0 && keys.packs.length > 0) return setFault({ value: words.unusable });
      onFind({ by: field, tokens });
    } finally {
      setOpening(false);
    }
  }

  const shown = answer?.found.filter(({ state }) => all || state !== "gone") ?? [];
  const lost = answer?.found.filter(({ state }) => state === "gone").length ?? 0;
  return (
    <BlockStack gap="400">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void ask(); }}>
        <BlockStack gap="300">
          <InlineStack gap="300" blockAlign="start" wrap>
            <Box minWidth="180px"><Select label="Find by" options={Object.entries(FIND_FIELDS).map(([name, { label }]) => ({ value: name, label }))} value={field} onChange={(name) => { setField(name as FindField); setFault({}); }} /></Box>
            <Box minWidth="260px"><TextField label={words.label} value={value} onChange={(text) => { setValue(text); setFault({}); }} autoComplete="off" spellCheck={false} maxLength={500} error={fault.value} helpText={words.help} /></Box>
          </InlineStack>
          {keyring === null && field !== "id" ? (
            <>
              <FilePick label="Identity file" help="Named holdfast-identity-….jwk. It is read here, in your browser, and makes what you type into tokens that say nothing to anybody without it." error={fault.file} disabled={material === null} onText={(text) => void choose(text)} />
              {file?.sealed ? <TextField label="Passphrase of the identity" type="password" autoComplete="current-password" value={passphrase} onChange={setPassphrase} helpText="Used only in this browser." /> : null}
            </>
          ) : null}
          <div><Button submit variant="primary" loading={opening || busy}>Find</Button></div>
        </BlockStack>
      </form>
      {material?.problem ? <ProblemBanner problem={material.problem} what="Search" /> : null}
      {answer?.problem ? <ProblemBanner problem={answer.problem} what="Search" /> : null}
      <div aria-live="polite">{answer && !answer.problem ? <Text as="p">{foundSummary(answer)}</Text> : null}</div>
      {answer && !answer.problem && (answer.unsearched > 0 || answer.faults > 0) ? (
        <Banner tone="warning" title="Part of the vault was not searched">
          <Text as="p">Some records were stored before there was a search, or what they are found by is damaged. They are found by id. Run “holdfast search rebuild” with your identity to make everything searchable.</Text>
        </Banner>
      ) : null}
      {lost > 0 ? <Checkbox label={`Show ${lost} that no longer ${lost === 1 ? "exists" : "exist"}`} checked={all} onChange={setAll} /> : null}
      {shown.length > 0 ? (
        <ResourceList
          resourceName={{ singular: "record", plural: "records" }}
          items={shown.map((found) => ({ ...found, key: `${found.kind} ${found.id}` }))}
          renderItem={(found) => (
            <ResourceItem id={found.key} onClick={() => { onPick(found); }} accessibilityLabel={`${pick} ${foundLine(found)}`} shortcutActions={[{ content: pick, accessibilityLabel: `${pick} ${foundLine(found)}`, onAction: () => { onPick(found); } }]}>
              <Text as="span" fontWeight="semibold">{foundLine(found)}</Text>
              <Text as="p" tone="subdued">{stateLine(found)}</Text>
            </ResourceItem>
          )}
        />
      ) : null}
    </BlockStack>
  );
}
