/** Records for one recipient: one JSON object a line, in parts of some megabytes, each a General JSON JWE (RFC 7516) to that key alone. Where a part is kept is the caller's. */
import { sealMessage, type Recipient, type SourceRecord } from "#app/vault/index.ts";

/** Of records, before they are sealed: in memory twice while a part is sealed. */
const PART_BYTES = 8 * 1024 * 1024;
const NEWLINE = Uint8Array.of(0x0a);

export interface SealedPartsOptions {
  readonly recipient: Recipient;
  readonly vaultId: string;
  readonly planId: string;
  /** `part` from 1, in order. */
  readonly put: (part: number, sealed: Buffer) => Promise<void>;
}

export class SealedParts {
  /** So far. */
  records = 0;
  parts = 0;
  readonly #o: SealedPartsOptions;
  #lines: Uint8Array[] = [];
  #bytes = 0;

  constructor(options: SealedPartsOptions) {
    this.#o = options;
  }

  async add({ bytes }: SourceRecord): Promise<void> {
    this.#lines.push(Buffer.from(bytes), NEWLINE);
    this.#bytes += bytes.length + 1;
    this.records++;
    if (this.#bytes >= PART_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const text = Buffer.concat(this.#lines);
    for (const line of this.#lines) if (line !== NEWLINE) line.fill(0);
    this.#lines = [];
    this.#bytes = 0;
    const part = ++this.parts;
    const { recipient, vaultId, planId, put } = this.#o;
    const sealed = await sealMessage(text, { typ: "holdfast-export", cty: "application/jsonl", vault: vaultId, plan: planId, part: String(part) }, [recipient]);
    text.fill(0);
    await put(part, sealed);
  }
}
