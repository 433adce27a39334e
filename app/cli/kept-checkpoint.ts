/** Reads the checkpoint a person kept. Whether it is one, and whose, is for the ledger's verifier to say. */
import { readFile } from "node:fs/promises";
import { CliError } from "./errors.ts";

export async function readKeptCheckpoint(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new CliError("cli.checkpoint_unreadable", `The checkpoint file ${file} cannot be read`, { cause });
  }
}
