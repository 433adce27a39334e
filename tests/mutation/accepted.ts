/** Mutants that no test can or need tell from the original, each with the reason. `text` is the operand as it stands in the source. */
export const ACCEPTED: readonly { readonly file: string; readonly text: string; readonly why: string }[] = [];
