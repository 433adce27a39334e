/** What the checks' outcomes mean for somebody who must decide whether to keep a vault here: plain words, and what to change. */
import type { StoreTraits } from "#app/vault/index.ts";
import type { PromiseId } from "./checks.ts";
import type { CheckOutcome } from "./run-checks.ts";

/** Three more that no program can try out from here; the adapter declares them. */
export type TraitId = "versions" | "durable" | "listing";

export interface Kept {
  readonly promise: PromiseId | TraitId;
  readonly text: string;
}

export interface NotKept extends Kept {
  /** Without it no vault may lie here. */
  readonly essential: boolean;
  readonly todo: string;
}

export interface StorageReport {
  /** Everything essential is kept. */
  readonly usable: boolean;
  readonly can: readonly Kept[];
  readonly cannot: readonly NotKept[];
}

interface Words {
  readonly can: string;
  readonly cannot: string;
  readonly todo: string;
}

const ANOTHER = "Choose other storage, or ask whoever runs this one why; what failed is listed with the checks.";

const WORDS: Readonly<Record<PromiseId | TraitId, Words>> = {
  exact: { can: "What is stored comes back byte for byte.", cannot: "What comes back is not what was stored.", todo: ANOTHER },
  once: {
    can: "An object is written once: nobody can write over it, and of several writers at once exactly one wins.",
    cannot: "An object can be written over, so a second writer could replace part of a snapshot.",
    todo: "Choose storage with conditional writes (If-None-Match); Amazon S3, Azure, Google Cloud and Ceph from version 16 have them.",
  },
  whole: { can: "An object is seen whole or not at all, even while it is being written.", cannot: "Half-written objects can be seen.", todo: ANOTHER },
  reads: { can: "Any part of an object can be read by itself, however large the object is.", cannot: "Parts of objects, large objects or missing ones are not read correctly.", todo: ANOTHER },
  lists: { can: "Listings are complete, in order, and at once up to date.", cannot: "Listings miss objects, repeat them, or give them in the wrong order.", todo: "For Azure, choose an account without hierarchical namespace. Else choose other storage." },
  removes: { can: "A removed object is gone, and its name is free again.", cannot: "Objects cannot be removed, or stay visible after it.", todo: "Allow removal (docs/stores.md lists the permissions), or erasure and retention cannot work." },
  names: { can: "Every name a vault uses can be stored, and none that could lead elsewhere.", cannot: "Some names cannot be stored, or are confused with others.", todo: "For a directory, choose a file system that tells capital from small letters. Else choose other storage." },
  shared: { can: "What one computer writes, another sees at once.", cannot: "Another connection does not see what was written.", todo: ANOTHER },
  lock: {
    can: "Objects can be locked, and locks made longer. Snapshots, their packs and indexes, and the records of what was done are then locked: until its lock ends nobody can destroy one, not even whoever has these credentials. The keys of packs stay removable, because destroying them is how a person is erased: docs/stores.md says what protects those.",
    cannot: "Objects cannot be locked: whoever has these credentials can remove them.",
    todo: "If that matters to you, choose storage with Object Lock (S3), immutability (Azure) or object retention (Google), and use its locks (lock= in the address; More settings in the app); or keep a second copy elsewhere.",
  },
  versions: {
    can: "A removed object leaves no earlier version behind.",
    cannot: "Removed objects may live on for a while in versions or soft delete.",
    todo: "Turn soft delete and versions off for this container or bucket, or set them shorter than the 30 days that an erasure may take.",
  },
  durable: { can: "What was written survives a power failure there.", cannot: "What was just written may be lost in a power failure there.", todo: "Use a server that can flush files (OpenSSH can) and leave fsync=no out of the address." },
  listing: { can: "A listing shows every object whose write has returned.", cannot: "Listings lag behind writes.", todo: "Wait some minutes between a snapshot and a check of it." },
};

const OPTIONAL: ReadonlySet<PromiseId | TraitId> = new Set(["lock", "versions", "durable", "listing"]);

export function judge(outcomes: readonly CheckOutcome[], traits: StoreTraits): StorageReport {
  const can: Kept[] = [];
  const cannot: NotKept[] = [];
  const say = (promise: PromiseId | TraitId, kept: boolean, essential = !OPTIONAL.has(promise)): void => {
    const words = WORDS[promise];
    if (kept) can.push({ promise, text: words.can });
    else cannot.push({ promise, text: words.cannot, todo: words.todo, essential });
  };
  for (const promise of new Set(outcomes.map((outcome) => outcome.promise))) {
    const kept = outcomes.every((outcome) => outcome.promise !== promise || outcome.passed);
    // To say that it locks and not to do it is worse than not to lock.
    if (promise === "lock") say("lock", kept && traits.objectLock, !kept);
    else say(promise, kept);
  }
  say("versions", !traits.versioned);
  say("durable", traits.durable !== false);
  if (!traits.strongListing) say("listing", false);
  return { usable: cannot.every(({ essential }) => !essential), can, cannot };
}
