/** What opens a storage, as it may be entered and kept. */
import { z } from "zod";

const text = z.string().min(1).max(20_000);
export const StorageCredentialShape = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("s3"), accessKeyId: text, secretAccessKey: text, sessionToken: text.optional() }),
  z.strictObject({ kind: z.literal("azure"), accountKey: text.optional(), sasToken: text.optional() }).refine(({ accountKey, sasToken }) => accountKey !== undefined || sasToken !== undefined, "too_small"),
  z.strictObject({ kind: z.literal("gcs"), serviceAccount: text }),
  z.strictObject({ kind: z.literal("sftp"), privateKey: text.optional(), passphrase: text.optional(), password: text.optional(), knownHosts: text.optional() }),
]);
