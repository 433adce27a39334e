/** What a bulk operation does and leaves behind, whatever it runs. */

/** Where a result's bytes come from. Any range may be read, any number of times. */
export interface BulkResult {
  readonly size: number;
  read(from: number, to: number): AsyncGenerator<Buffer, void, undefined>;
}

/** Works until done or `canceled()`, telling progress. `held`: waits while the operation is to stand still after so many objects. Answers the result (null: it is empty), and an error code when it stopped early. */
export type BulkRun = (o: { readonly canceled: () => boolean; readonly cancel: () => void; readonly progress: (objects: number, roots: number, bytes: number) => void; readonly held: (objects: number) => Promise<void> }) => Promise<{ readonly result: BulkResult | null; readonly errorCode: string | null }>;
