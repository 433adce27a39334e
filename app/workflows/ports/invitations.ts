/** Shops that have said that another shop may put records into them, and until when. Domains, instants and who said it. */

export interface RestoreInvitation {
  /** The shop that records may go into, whose team said so. */
  readonly shop: string;
  /** The shop whose records they are. */
  readonly from: string;
  readonly until: Date;
  readonly madeBy: string;
  readonly madeAt: Date;
}

export interface Invitations {
  /** How one shop stands to records of another. `installed`: both have the app now. */
  between(shop: string, from: string): Promise<{ readonly installed: boolean; readonly invitation: RestoreInvitation | null }>;
  /** Made by this shop; newest first. Those whose time is over are among them. */
  madeBy(shop: string): Promise<readonly RestoreInvitation[]>;
  /** Made to this shop, by shops that have the app; newest first. */
  madeTo(from: string): Promise<readonly RestoreInvitation[]>;
  /** In place of an earlier one between the same two. */
  save(invitation: RestoreInvitation): Promise<void>;
  /** False: there was none. */
  remove(shop: string, from: string): Promise<boolean>;
  /** Of one shop, in both directions, when it is erased. */
  forget(shop: string): Promise<void>;
}
