/** Staged uploads: a place to POST a file to, handed out by stagedUploadsCreate and read by bulkOperationRunMutation. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The largest file of variables a bulk mutation takes. */
export const MAX_UPLOAD = 100 * 1024 * 1024;

export class StagedUploads {
  readonly #secret: string;
  readonly #files = new Map<string, Buffer | null>();
  #next = 0;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The form fields to send, the file last. `key` is what the bulk mutation calls stagedUploadPath. */
  stage(filename: string, mimeType: string): readonly { readonly name: string; readonly value: string }[] {
    const key = `tmp/sandbox/bulk/${(++this.#next).toString(36).padStart(8, "0")}/${filename.replace(/[^\w.-]/g, "_")}`;
    this.#files.set(key, null);
    return [
      { name: "key", value: key },
      { name: "Content-Type", value: mimeType },
      { name: "success_action_status", value: "201" },
      { name: "acl", value: "private" },
      { name: "policy", value: Buffer.from(JSON.stringify({ key })).toString("base64") },
      { name: "x-goog-signature", value: this.#sign(key) },
    ];
  }

  receive(key: string, signature: string, file: Buffer): "stored" | "forbidden" | "too-large" {
    const expected = this.#sign(key);
    if (!this.#files.has(key) || signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return "forbidden";
    if (file.length > MAX_UPLOAD) return "too-large";
    this.#files.set(key, file);
    return "stored";
  }

  /** Takes the file away: it is read once. */
  take(key: string): Buffer | null {
    const file = this.#files.get(key) ?? null;
    if (file !== null) this.#files.delete(key);
    return file;
  }

  #sign(key: string): string {
    return createHmac("sha256", this.#secret).update(`upload ${key}`).digest("hex");
  }
}
