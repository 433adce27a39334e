/** A witness's public key, as a person gives it. */
import { parseWitnessKey, type WitnessKey } from "#app/ledger/index.ts";
import { CliError } from "./errors.ts";

export function readWitnessKey(text: string): WitnessKey {
  const key = parseWitnessKey(text);
  if (key === null) throw new CliError("cli.usage", "That is not a witness's verifier key: name+id+key, of the cosignature type");
  return key;
}
