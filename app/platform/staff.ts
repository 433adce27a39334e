/** Who is at the screen: the opaque user id of the session token. The ledger's actor. */
export interface Staff {
  readonly id: string;
}
