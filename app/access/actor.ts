/** Who asks for something. Ids are opaque: a person's name or address never stands here. */
export type Actor =
  /** A member of staff with a valid session in the admin of `shop`. */
  | { readonly kind: "staff"; readonly id: string; readonly shop: string }
  /** Somebody whom the merchant's own identity provider signed in, outside the admin. `id`: opaque, made of issuer and subject. */
  | { readonly kind: "responder"; readonly id: string; readonly shop: string }
  /** The shop's own schedule. */
  | { readonly kind: "schedule"; readonly shop: string }
  /** The platform, by a verified webhook. */
  | { readonly kind: "platform"; readonly shop: string }
  /** Somebody at the command line of the machine that holds the host's keys. */
  | { readonly kind: "cli" };

/** How the ledger names an actor. */
export function actorName(actor: Actor): string {
  return actor.kind === "staff" || actor.kind === "responder" ? `${actor.kind}:${actor.id}` : actor.kind;
}
