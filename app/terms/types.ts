/** Types of terms, as the vault's tokens have them: they never change their number. */
export const TERM = { email: 1, phone: 2, name: 3, order: 4, customer: 5 } as const;

export interface Term {
  readonly type: number;
  readonly term: string;
}
