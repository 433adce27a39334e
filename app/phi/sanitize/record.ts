/** One record, parsed. */
export interface PhiRecord {
  readonly kind: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
}
