/** Asks for a passphrase at the terminal without showing it. */
import { RecoverError } from "./errors.ts";

const ENTER = new Set(["\r", "\n", "\u0004"]);
const CTRL_C = "\u0003";
const BACKSPACE = new Set(["\u007f", "\b"]);

/** Throws recover.no_terminal, recover.interrupted. */
export async function askPassphrase(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<string> {
  if (!input.isTTY) throw new RecoverError("recover.no_terminal", "The identity is sealed with a passphrase, and there is no terminal to ask for it at");
  output.write("Passphrase of the identity: ");
  input.setRawMode(true);
  input.setEncoding("utf8");
  let typed: string[] = [];
  try {
    for await (const chunk of input as AsyncIterable<string>) {
      for (const character of chunk) {
        if (character === CTRL_C) throw new RecoverError("recover.interrupted", "Interrupted");
        if (ENTER.has(character)) return typed.join("");
        if (BACKSPACE.has(character)) typed = typed.slice(0, -1);
        else typed.push(character);
      }
    }
    return typed.join("");
  } finally {
    input.setRawMode(false);
    output.write("\n");
  }
}
