/** Mutants that no test can or need tell from the original, each with the reason. `text` is the operand as it stands in the source. */
export const ACCEPTED: readonly { readonly file: string; readonly text: string; readonly why: string }[] = [
  { file: "app/vault/pack/decode-columns.ts", text: "stop < 0", why: "raw[-1] is undefined, which the last operand refuses" },
  { file: "app/vault/pack/decode-columns.ts", text: "stop >= raw.length", why: "raw[stop] is undefined there, which the next operand refuses" },
  { file: "app/vault/pack/decode-columns.ts", text: "stop - at > MAX_RECORD_BYTES", why: "only a frame of more than 64 MiB gets there, and the frame's own bound of 80 MiB still holds" },
  { file: "app/vault/pack/check-frames.ts", text: "!(error instanceof VaultError)", why: "hands on errors that are no finding; nothing stored can cause them" },
  { file: "app/vault/pack/pack-writer.ts", text: "this.uploadError !== null", why: "the same error is looked for in three places, so that it is met early; any of them is enough" },
  { file: "app/vault/format/key-hash.ts", text: "seed.length !== 4", why: "a caller's mistake, not anything stored" },
  { file: "app/vault/tree/leaf-columns.ts", text: "count === 0", why: "a leaf without entries makes the count or the order of its run fail" },
  { file: "app/vault/tree/blocks.ts", text: "ref.offset < TREE_HEADER_BYTES", why: "what lies in an object's header opens as no block" },
  { file: "app/vault/crypto/signed.ts", text: "signature: z.string().max(256) }).strict()", why: "the one accepted spelling leaves no room for other members" },
];
