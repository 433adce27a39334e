/** What the screen of the downtime viewer's settings is given. Plain data. */
export interface ViewerSettingsModel {
  readonly now: string;
  /** There is a vault to read from. */
  readonly linked: boolean;
  /** Where responders go; null: whoever runs the app has set up none on this host, and the command line's serves. */
  readonly url: string | null;
  /** What the provider must be told to send people back to. */
  readonly redirectUris: readonly string[];
  readonly saved: { readonly issuer: string; readonly clientId: string; readonly groupsClaim: string; readonly groups: readonly string[]; readonly hasSecret: boolean; readonly at: string } | null;
  /** Named by their code; asked to be named. */
  readonly named: number;
  readonly waiting: number;
  /** No identity is needed: the host has a key service. */
  readonly ownKey: boolean;
}
