/** `find`: who or what has an e-mail address, a phone number, a name or an order number, in the newest state of the vault. The value goes nowhere. */
import { idsOf, queryTerms, type QueryField } from "#app/terms/index.ts";
import { contentKeys, findById, findInVault, searchKeys, type FindOutcome } from "#app/vault/index.ts";
import { foundEntry } from "#app/workflows/find/enter-found.ts";
import { plural, type Cli, type CommandResult } from "../cli.ts";
import { CliError } from "../errors.ts";
import { enterDeed } from "../enter-deed.ts";
import { openToDecrypt, type IdentityOptions } from "../open-vault.ts";
import { withScratch } from "../scratch.ts";

export interface FindOptions extends IdentityOptions {
  readonly identity: string;
  readonly id?: boolean;
  readonly email?: boolean;
  readonly phone?: boolean;
  readonly name?: boolean;
  readonly order?: boolean;
  readonly country?: readonly string[];
  readonly limit: number;
}

const FIELDS = ["id", "email", "phone", "name", "order"] as const satisfies readonly QueryField[];
/** Longer input is no value anybody looks for. */
const LONGEST_VALUE = 1000;

export async function find(cli: Cli, address: string, given: string | undefined, options: FindOptions): Promise<CommandResult> {
  const [field, ...others] = FIELDS.filter((name) => options[name] === true);
  if (field === undefined || others.length > 0) throw new CliError("cli.usage", "Say what the value is: one of --email, --phone, --name, --order, --id");
  const value = given === undefined || given === "-" ? await fromStdin() : given;
  if (value.trim() === "" || value.length > LONGEST_VALUE) throw new CliError("cli.usage", "Give a value to look for, as an argument or on stdin");
  const query = queryTerms({ field, value, countries: options.country ?? [] });
  if (field !== "id" && query.length === 0) throw new CliError("cli.usage", `That cannot be ${NOUN[field]}`);
  return withScratch(cli.home, async (scratchDirectory) => {
    const from = performance.now();
    const { vault, store, opener } = await openToDecrypt(cli, address, options, scratchDirectory);
    const { description, indexKey } = vault;
    const place = { store, description, indexKey, at: cli.clock.now(), limit: options.limit };
    const outcome: FindOutcome =
      field === "id"
        ? { found: await findById(place, idsOf(value)), more: false, packs: 0, faults: [], unsearched: 0 }
        : await findInVault({ ...place, searchKeys: searchKeys(store, description, contentKeys(store, opener, description)), query });
    const ms = Math.round(performance.now() - from);
    const { action, subject } = foundEntry({ vaultId: description.vaultId, actor: "cli", by: field, hits: outcome.found.length });
    const recorded = await enterDeed(cli, address, description.vaultId, { action, subject });
    const { found, more, packs, faults, unsearched } = outcome;
    return {
      json: { found, more, packs, unsearched, faults, recorded, bytesFetched: store.usage.bytesFetched, ms },
      text: [
        ...found.map(({ kind, id, state, within }) => `${id}  ${kind}${within === null ? "" : ` (in its ${within.kind})`}${STATE[state]}`),
        found.length === 0 ? "Nothing was found." : more ? `The first ${plural(found.length, "record")}: ask more narrowly, or raise --limit.` : `${plural(found.length, "record")} found.`,
        ...(unsearched === 0 ? [] : [`${plural(unsearched, "pack")} cannot be searched: written before there was a search, or sealed to others. Run 'holdfast search rebuild' with an identity that opens them.`]),
        ...faults.map((object) => `${object} is damaged or missing, so what it would have found is not here. Run 'holdfast search rebuild'.`),
      ].join("\n"),
      finding: faults.length > 0,
    };
  });
}

const NOUN: Readonly<Record<QueryField, string>> = { id: "an id", email: "an e-mail address", phone: "a phone number", name: "a name", order: "an order's number", customer: "a customer's id" };
const STATE = { current: "", earlier: "  in an earlier version only", gone: "  no longer there" } as const;

/** One line. A terminal shows what is typed; a pipe shows nothing to other users of the machine, as an argument would. */
async function fromStdin(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += String(chunk);
    if (text.includes("\n") || text.length > LONGEST_VALUE) break;
  }
  return (text.split("\n")[0] ?? "").trim();
}
