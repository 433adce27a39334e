/** What the viewer is handed by whoever starts it: the process with a database behind it, or the command with nothing but the storage. */
import type { Role } from "#app/access/index.ts";
import type { KeyOpener, ObjectStore, VaultDescription } from "#app/vault/index.ts";
import type { Clock, Log, Random } from "#app/workflows/ports.ts";
import type { ViewEvents } from "#app/workflows/view/index.ts";

/** How responders of a shop prove who they are. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client, which proves itself by PKCE alone. */
  readonly clientSecret: string | null;
  readonly groupsClaim: string;
  readonly groups: readonly string[];
}

/** Somebody whom the provider vouches for. */
export interface SignedIn {
  /** Opaque: made of issuer and subject. */
  readonly id: string;
  readonly groups: readonly string[];
  /** As the provider has it: on the person's own screen and paper, and nowhere else. */
  readonly displayName: string | null;
}

/** One shop's records, as far as they can be reached from here. */
export interface ViewerPlace {
  readonly shop: string;
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly signIn: SignIn | null;
  /** The number of the roster that says so; absent where the database does. */
  readonly roster?: number;
  /** The host's own key to the index; null: the responder's identity opens it. */
  readonly indexKey: Uint8Array | null;
  /** A key service or an identity that this process may use; null: the browser unwraps. Whoever has an identity may use that instead. */
  readonly opener: KeyOpener | null;
  /** There is a key service, and it did not answer when it was looked for. */
  readonly serviceAway?: boolean;
  readonly events: ViewEvents;
  rolesOf(person: SignedIn): Promise<readonly Role[]>;
  /** Leaves word that somebody who is not named would like to be. Null: there is nobody to leave it with. */
  readonly ask: ((person: SignedIn) => Promise<void>) | null;
  /** Tells somebody that a session was suspended. */
  suspended(about: { readonly session: string; readonly reads: number }): Promise<void>;
}

export interface ViewerPlaces {
  /** The only one there is; null: several, so that a person must say which, or none. */
  only(): Promise<string | null>;
  /** Null: no such shop here. */
  find(shop: string): Promise<ViewerPlace | null>;
}

export interface ViewerOptions {
  readonly places: ViewerPlaces;
  /** Where browsers reach it: an origin. http only on this machine. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For sealed spill files of the vault. */
  readonly scratchDirectory: string;
  /** Whether the provider may be at this IP address. */
  readonly mayCall: (address: string) => boolean;
  /** Trusted besides the system's, for a provider inside the house: PEM. */
  readonly ca?: string;
}
