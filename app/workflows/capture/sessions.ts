/**
 * Journals that this process is writing: opened once per shop, kept while changes flow. A session ends after some minutes, which is when its content key is
 * forgotten and the shop's link, keys and recipients are looked at again.
 */
import { JournalLog, lastStates, openJournalWriter, VaultError } from "#app/vault/index.ts";
import type { JournalWriter, KeptRecord, Vault } from "#app/vault/index.ts";
import { recordTerms } from "#app/terms/index.ts";
import { openShopVault, type ShopVault } from "../shared/open-shop-vault.ts";
import type { CaptureCatalogue, CaptureQueue, Ports, VaultLink } from "../ports.ts";

export type SessionPorts = Pick<Ports, "links" | "keyring" | "stores" | "clock" | "random" | "log" | "alerts"> & { readonly captureQueue: CaptureQueue; readonly captureCatalogue: CaptureCatalogue };

const LIFE_MS = 10 * 60_000;

export interface JournalSession extends ShopVault {
  readonly vault: Vault;
  readonly writer: JournalWriter;
  readonly openedAt: number;
  /** When the vault's own log was told of the journal's head last. */
  enteredAt: number;
  /** Streams whose metafields were seen to be told of, in this session. */
  readonly proven: Set<string>;
  /** Where the last known state of a record lies. */
  lastState(kind: string, id: string, segment: number | null): Promise<KeptRecord[]>;
}

export class JournalSessions {
  private readonly sessions = new Map<string, JournalSession>();
  private readonly ports: SessionPorts;
  private readonly scratchDirectory: string;
  constructor(ports: SessionPorts, scratchDirectory: string) {
    this.ports = ports;
    this.scratchDirectory = scratchDirectory;
  }

  /** Throws RunFailed (no vault, no keys), VaultError, StoreError. */
  async open(shop: string, link: VaultLink): Promise<JournalSession> {
    const now = this.ports.clock.now().getTime();
    const known = this.sessions.get(shop);
    if (known !== undefined) {
      if (now - known.openedAt < LIFE_MS && known.link.vaultId === link.vaultId && known.link.storageUrl === link.storageUrl) return known;
      this.close(shop);
    }
    const opened = await openShopVault(this.ports, shop, this.scratchDirectory);
    const session = await this.begin(shop, opened, now);
    this.sessions.set(shop, session);
    return session;
  }

  /** Forgets the content key. The next change opens anew. */
  close(shop: string): void {
    this.sessions.get(shop)?.writer.close();
    this.sessions.delete(shop);
  }

  closeAll(): void {
    for (const shop of [...this.sessions.keys()]) this.close(shop);
  }

  /** Closes those that nobody uses any more. */
  sweep(): number {
    const now = this.ports.clock.now().getTime();
    const old = [...this.sessions].filter(([, { openedAt }]) => now - openedAt >= LIFE_MS);
    for (const [shop] of old) this.close(shop);
    return old.length;
  }

  private async begin(shop: string, opened: ShopVault, now: number): Promise<JournalSession> {
    const { vault, store, hostKeys } = opened;
    const { clock, random, captureQueue, captureCatalogue } = this.ports;
    const { description } = vault;
    const head = await captureQueue.head(shop);
    const remembered = head?.vaultId === description.vaultId ? head : null;
    const base = { store, description, hostKeys, clock, random, orderedKinds: captureCatalogue.orderedKinds, terms: recordTerms };
    const writer = await openJournalWriter({ ...base, known: remembered }).catch(async (error: unknown) => {
      if (!(error instanceof VaultError) || error.code !== "vault.journal_rolled_back") throw error;
      // What is there now goes on being protected; what is gone needs a person.
      this.ports.log.error("journal.rolled_back", { shop, sequence: remembered?.sequence ?? 0 });
      await this.ports.alerts.raise({ shop, code: "alert.verify_finding", severity: "critical", subject: "journal", facts: { finding: "journal.rolled_back", sequence: remembered?.sequence ?? 0 } });
      return openJournalWriter(base);
    });
    const session: JournalSession = {
      ...opened,
      writer,
      openedAt: now,
      enteredAt: 0,
      proven: new Set(),
      lastState: async (kind, id, segment) => {
        const [snapshot = null] = await vault.snapshots();
        return lastStates({ store, description, indexKey: hostKeys.indexKey, snapshot }).find(kind, id, segment);
      },
    };
    if (remembered !== null && writer.head !== null && writer.head.sequence > remembered.sequence) await this.catchUp(shop, session, remembered.sequence);
    return session;
  }

  /** A process died, or lost its database, between a segment and the note of it. */
  private async catchUp(shop: string, { store, vault, hostKeys, writer }: JournalSession, after: number): Promise<void> {
    const log = new JournalLog(store, vault.description);
    for (let sequence = after + 1; sequence <= (writer.head?.sequence ?? 0); sequence++) {
      const segment = await log.segment(sequence);
      if (segment === null) continue;
      const records = log.entries(segment, hostKeys.indexKey).map(({ kind, id, change, fetchedAt, records: family }) => ({
        kind, recordId: id, change, fetchedAt, sequence, digest: Buffer.from(family[0]?.digest ?? []).toString("hex"), rest: null,
      }));
      await this.ports.captureQueue.sealed(shop, { head: { vaultId: vault.description.vaultId, sequence, digest: segment.digest }, at: new Date(segment.at), records, handled: [] });
    }
  }
}
