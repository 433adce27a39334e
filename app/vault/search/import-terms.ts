/** How a thread comes by what records are found by: functions do not cross, so it imports them itself from where their owner says they are. */
import type { TermSource } from "./terms.ts";

/** A source by its name. `version`: the one that is meant. */
export interface NamedTerms {
  readonly url: string;
  readonly name: string;
  readonly version: number;
}

/** Null: the source does not say where it is. */
export function namedTerms({ module, version }: TermSource): NamedTerms | null {
  return module === undefined ? null : { ...module, version };
}

/** Throws when the module has no such source, or one that finds terms in another way. */
export async function importTerms({ url, name, version }: NamedTerms): Promise<TermSource> {
  const source = ((await import(url)) as Readonly<Record<string, TermSource | undefined>>)[name];
  if (source?.version !== version) throw new TypeError(`${name} is not what finds terms in way ${version}`);
  return source;
}
