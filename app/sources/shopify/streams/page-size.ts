/**
 * How many objects to ask for on a page: as many as the platform lets one query cost, as few as the bucket asks for. It learns from every answer, so
 * a shop on a small plan, or one that others are querying too, gets small pages, and a quiet one gets large ones.
 */
import { Kind, parse, print, visit } from "graphql";
import type { ShopifyClient } from "../client.ts";

/** https://shopify.dev/docs/api/usage/limits: 250 objects on a page; 1,000 points for a single query on every plan. */
export const MAX_PAGE = 250;
const MAX_QUERY_COST = 1000;
const FIRST_PAGE = 100;
const MIN_PAGE = 5;
/** A page may take this share of the whole bucket, so that whoever else uses the app's limit is not shut out. */
const BUCKET_SHARE = 0.5;

export class PageSize {
  readonly #client: Pick<ShopifyClient, "throttled" | "costOf">;
  readonly #text: string;
  #size = FIRST_PAGE;
  #largest = MAX_PAGE;
  #throttled: number;

  constructor(client: Pick<ShopifyClient, "throttled" | "costOf">, text: string) {
    this.#client = client;
    this.#text = text;
    this.#throttled = client.throttled;
  }

  /** Objects to ask for now. */
  get now(): number {
    return this.#size;
  }

  /** After a page of `asked` objects came. */
  learn(asked: number): void {
    const cost = this.#client.costOf(this.#text);
    if (cost !== null && cost.requested > 0 && asked > 0) {
      const each = cost.requested / asked;
      this.#largest = clamp(Math.floor(Math.min(MAX_QUERY_COST, cost.bucket * BUCKET_SHARE) / each), MIN_PAGE, MAX_PAGE);
    }
    const throttled = this.#client.throttled > this.#throttled;
    this.#throttled = this.#client.throttled;
    this.#size = clamp(throttled ? Math.floor(asked / 2) : asked * 2, MIN_PAGE, this.#largest);
  }

  /** The platform would not take a page so large. False: it cannot be any smaller. */
  shrink(): boolean {
    if (this.#size === 1) return false;
    this.#largest = this.#size = Math.max(1, Math.floor(this.#size / 2));
    return true;
  }
}

const sized = new Map<string, string>();

/** The query with the size of its root connection's pages as the variable `$first`. */
export function withSize(text: string, connection: string): string {
  const key = `${connection} ${text}`;
  const known = sized.get(key);
  if (known !== undefined) return known;
  const name = (value: string) => ({ kind: Kind.NAME, value }) as const;
  const variable = { kind: Kind.VARIABLE, name: name("first") } as const;
  let depth = 0;
  const changed = print(
    visit(parse(text), {
      OperationDefinition: {
        leave: (operation) => {
          const others = (operation.variableDefinitions ?? []).filter((one) => one.variable.name.value !== "first");
          const type = { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.NAMED_TYPE, name: name("Int") } } as const;
          return { ...operation, variableDefinitions: [{ kind: Kind.VARIABLE_DEFINITION, variable, type } as const, ...others] };
        },
      },
      Field: {
        enter: () => void depth++,
        leave: (field) => {
          depth--;
          if (depth > 0 || field.name.value !== connection) return undefined;
          const others = (field.arguments ?? []).filter((one) => one.name.value !== "first");
          return { ...field, arguments: [...others, { kind: Kind.ARGUMENT, name: name("first"), value: variable } as const] };
        },
      },
    }),
  );
  const result = `#graphql\n${changed}\n`;
  sized.set(key, result);
  return result;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
