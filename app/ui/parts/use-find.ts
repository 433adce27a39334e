/** The search of the vault from a screen: fetches what tokens are made with, keeps search keys in this tab's memory, sends tokens. */
import { useFetcher } from "@remix-run/react";
import { useCallback, useState } from "react";
import type { FindAnswerModel, FindBody, FindMaterialModel } from "../models/find.ts";
import { problemOf } from "../present/answers.ts";

export interface FindConnection {
  /** Null: not fetched yet. */
  readonly material: FindMaterialModel | null;
  readonly load: () => void;
  readonly find: (asked: FindBody) => void;
  readonly busy: boolean;
  readonly answer: FindAnswerModel | null;
}

export function useFind(path = "/app/find"): FindConnection {
  const material = useFetcher<FindMaterialModel>();
  const found = useFetcher<{ readonly ok: boolean; readonly data?: FindAnswerModel }>();
  const [asked, setAsked] = useState(false);
  const load = useCallback(() => {
    if (!asked) material.load(path);
    setAsked(true);
  }, [asked, material, path]);
  const find = useCallback((body: FindBody) => { found.submit(body as never, { method: "post", action: path, encType: "application/json" }); }, [found, path]);
  const problem = problemOf(found.data as never);
  const answer = found.data === undefined ? null : found.data.ok && found.data.data !== undefined ? found.data.data : { found: [], more: false, unsearched: 0, faults: 0, ...(problem === null ? {} : { problem }) };
  return { material: (material.data as FindMaterialModel | undefined) ?? null, load, find, busy: found.state !== "idle" || material.state !== "idle", answer };
}
