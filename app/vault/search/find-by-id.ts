/** A record by its id in the newest state. Takes the index key only: ids are no secret from the host. */
import { fromByteString, nameBytes, partsOf } from "../format/sort-key.ts";
import type { FindPlace, FoundRecord } from "./find.ts";
import { NewestState } from "./newest-state.ts";

/** Each of `ids` is tried, as the source writes them. Ids of nothing are no error. */
export async function findById(o: FindPlace, ids: readonly string[]): Promise<readonly FoundRecord[]> {
  const state = await NewestState.read(o);
  const found: FoundRecord[] = [];
  for (const id of ids) {
    const record = await state.byId(nameBytes(id, "id"));
    if (record === null) continue;
    const { root, kind } = record;
    const own = partsOf(root) as { kind: string; id: string };
    const isRoot = own.id === nameBytes(id, "id");
    found.push({ kind: fromByteString(own.kind), id: fromByteString(own.id), state: "current", within: isRoot ? null : { kind: fromByteString(kind), id } });
  }
  return found;
}
