/**
 * With an identity: what packs are searched by, against the packs' records. A host that was broken into can seal a part that hides somebody or points at somebody else; nothing but the
 * records tells. Whoever opens a pack hands on what its records are found by, and its parts are made of that again; packs that nobody opened are opened here.
 */
import { VaultError } from "../errors.ts";
import { packKey, packSecretKey } from "../format/names.ts";
import type { ContentKeys } from "../ports.ts";
import { forget } from "../search/found-terms.ts";
import type { TermColumns } from "../search/found-terms.ts";
import type { StoredPart } from "../search/part.ts";
import { PartBuilder } from "../search/part-builder.ts";
import { NO_SALTS, partsThatDisagree } from "../search/recompute.ts";
import type { TermSource } from "../search/terms.ts";
import type { Audit } from "./audit.ts";
import type { SearchedBy } from "./check-search.ts";

export interface SearchCheckOptions {
  readonly audit: Audit;
  /** 16 bytes. */
  readonly vaultId: Uint8Array;
  readonly content: ContentKeys;
  readonly terms: TermSource;
  readonly searchedBy: SearchedBy;
}

export class SearchCheck {
  readonly terms: TermSource;
  private readonly options: SearchCheckOptions;
  /** Of packs that nobody has taken. Parts of another version cannot be told from wrong ones. */
  private readonly left: Map<string, readonly StoredPart[]>;
  constructor(options: SearchCheckOptions) {
    this.options = options;
    this.terms = options.terms;
    this.left = new Map([...options.searchedBy].filter(([, parts]) => parts.every(({ head }) => head.version === options.terms.version)));
  }

  /** For whoever opens the pack, and says what of it is damaged. Null: there is nothing to compare. */
  take(pack: string): PackSearchCheck | null {
    const parts = this.left.get(pack);
    this.left.delete(pack);
    return parts === undefined ? null : new PackSearchCheck(this.options, pack, parts);
  }

  /** The packs that nobody took: those that only the journal has. */
  async rest(): Promise<void> {
    const { audit, vaultId, content, terms } = this.options;
    const packs = [...this.left].filter(([pack]) => !audit.faulty(packKey(pack)) && !audit.faulty(packSecretKey(pack)));
    for (const [i, [pack, parts]] of packs.entries()) {
      audit.progress("search", i, packs.length);
      try {
        tell(audit, (await partsThatDisagree({ store: audit.store, vaultId, contentKeys: content, terms }, pack, parts)) ?? []);
      } catch (error) {
        // A pack that does not open is told by the check of its records.
        if (!(error instanceof VaultError) || !["vault.damaged_object", "vault.missing_object", "vault.no_key"].includes(error.code)) throw error;
      }
    }
    audit.progress("search", packs.length, packs.length);
  }
}

/** One pack's parts, while somebody opens it. */
export class PackSearchCheck {
  private readonly options: SearchCheckOptions;
  private readonly pack: string;
  private readonly parts: readonly StoredPart[];
  private builder: PartBuilder | null = null;
  constructor(options: SearchCheckOptions, pack: string, parts: readonly StoredPart[]) {
    this.options = options;
    this.pack = pack;
    this.parts = parts;
  }

  begin(packSecret: Uint8Array): void {
    const { vaultId, terms } = this.options;
    this.builder = new PartBuilder(packSecret, vaultId, terms.version, NO_SALTS);
  }

  /** What was found in the next records of the pack, all of them. Its memory is given back. */
  add(found: TermColumns): void {
    this.builder?.add(found);
    forget(found);
  }

  /** All were added. Of a pack that is not what it should be nothing is said: that has been told. */
  end(): void {
    const { audit } = this.options;
    if (!audit.faulty(packKey(this.pack))) tell(audit, this.builder?.disagreeing(this.parts) ?? []);
  }
}

function tell(audit: Audit, objects: readonly string[]): void {
  for (const object of objects) audit.find("search.mismatch", object, "it does not say what the records of its pack say; making the search anew mends it");
}
