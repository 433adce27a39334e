/** How responders sign in to the downtime viewer, and how that is tried out. */

export interface ViewerSetting {
  readonly shop: string;
  readonly issuer: string;
  readonly clientId: string;
  /** The claim of the ID token that lists groups, and those whose members are responders. */
  readonly groupsClaim: string;
  readonly groups: readonly string[];
  /** A client secret is kept. It comes out nowhere but on its way to the provider. */
  readonly hasSecret: boolean;
  readonly savedAt: Date;
  /** actorName of whoever saved it. */
  readonly savedBy: string;
}

export interface ViewerSettings {
  get(shop: string): Promise<ViewerSetting | null>;
  /** `secret` absent: the one that is kept stays; null: it goes. */
  save(setting: Omit<ViewerSetting, "hasSecret">, secret?: string | null): Promise<void>;
  secret(shop: string): Promise<string | null>;
  /** A shop's setting, and its secret. */
  forget(shop: string): Promise<void>;
  /** Shops that have a setting. */
  shops(): Promise<readonly string[]>;
}

/** What a provider says of itself; `code`: why it cannot be used. */
export type SignInTest = { readonly ok: true; readonly pkce: boolean; readonly endsSessions: boolean } | { readonly ok: false; readonly code: string };

export interface SignInTests {
  test(setting: Pick<ViewerSetting, "issuer" | "clientId" | "groupsClaim" | "groups">, secret: string | null): Promise<SignInTest>;
}
