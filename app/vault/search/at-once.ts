/** Does something with each, `limit` at once. The first failure ends it, when what was under way has come to an end. */
export async function atOnce<T>(limit: number, items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed: { readonly error: unknown } | null = null;
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true && failed === null; next = queue.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failed !== null) throw (failed as { readonly error: unknown }).error;
}

/** Lets `room` in at a time; the others wait in the order in which they came. */
export class Gate {
  private room: number;
  private readonly waiting: (() => void)[] = [];
  constructor(room: number) {
    this.room = room;
  }
  async enter(): Promise<void> {
    if (this.room > 0) this.room--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.room++;
    else next();
  }
}
