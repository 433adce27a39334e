/**
 * How a plain value of a document becomes what the schema says its field holds: numbers become gids, times and money, lists become
 * connections. Fields that are absent answer as a shop without such things does.
 */
import { getNamedType, getNullableType, isListType, isNonNullType } from "graphql";
import type { GraphQLField } from "graphql";
import { gid } from "../data/gid.ts";
import { iso, money, moneyBag } from "./context.ts";
import type { Context } from "./context.ts";
import { List } from "./list.ts";
import { RefusedError } from "./refused.ts";

export type AnyResolve = (source: unknown, args: Readonly<Record<string, unknown>>, context: Context) => unknown;

type Source = Readonly<Record<string, unknown>> | null;

/** The name that a field has here, whatever a later version calls it (schema/versions.ts). */
export function knownName(field: GraphQLField<unknown, unknown>): string {
  const { was } = field.extensions as { readonly was?: unknown };
  return typeof was === "string" ? was : field.name;
}

/** Reads the property of a field's name in the shape of its type. `of`: what to read instead of the property. */
export function shapeOf(typeName: string, field: GraphQLField<unknown, unknown>, of?: AnyResolve): AnyResolve {
  const named = getNamedType(field.type).name;
  const isList = isListType(getNullableType(field.type));
  const otherwise = absent(typeName, field);
  const name = knownName(field);
  const one = (value: unknown, source: Source): unknown => {
    if (typeof value !== "number") return value;
    const currency = currencyOf(source);
    if (named === "DateTime") return iso(value);
    if (named === "MoneyV2") return money(value, currency);
    if (named === "MoneyBag") return moneyBag(value, currency);
    if (named === "Money") return money(value, currency).amount;
    if (named === "UnsignedInt64") return String(value);
    return named === "ID" ? gid(typeName, value) : value;
  };
  return (whole, args, context) => {
    const source = whole as Source;
    const value = of === undefined ? source?.[name] : of(whole, args, context);
    if (value === undefined) return field.name === "legacyResourceId" && typeof source?.["id"] === "number" ? String(source["id"]) : otherwise(source);
    if (value instanceof List || value === null) return value;
    if (Array.isArray(value)) {
      if (named.endsWith("Connection")) return List.of(value as { readonly id: number }[], (node) => node.id);
      return isList ? (value as unknown[]).map((each) => one(each, source)) : (value as unknown);
    }
    return one(value, source);
  };
}

function currencyOf(source: Source): string {
  const own = source?.["currency"] ?? source?.["currencyCode"];
  return typeof own === "string" ? own : "USD";
}

/** A shop without such things: lists are empty, counts and sums 0, references null. */
function absent(typeName: string, field: GraphQLField<unknown, unknown>): (source: Source) => unknown {
  const named = getNamedType(field.type).name;
  if (named.endsWith("Connection")) return () => List.empty;
  if (named === "Count") return () => ({ count: 0, precision: "EXACT" });
  if (field.name === "hasTimelineComment") return () => false;
  if (field.name === "defaultCursor") return (source) => Buffer.from(JSON.stringify({ last_id: source?.["id"] ?? 0, last_value: source?.["id"] ?? 0, seen: 0 })).toString("base64");
  if (!isNonNullType(field.type)) return () => null;
  if (isListType(getNullableType(field.type))) return () => [];
  // The deprecated scalar beside a money bag.
  if (named === "Money" || named === "MoneyV2" || named === "MoneyBag") {
    return (source) => {
      const beside = source?.[`${field.name}Set`];
      const hundredths = typeof beside === "number" ? beside : 0;
      const amount = money(hundredths, currencyOf(source));
      return named === "Money" ? amount.amount : named === "MoneyV2" ? amount : { shopMoney: amount, presentmentMoney: amount };
    };
  }
  return () => {
    throw notSimulated(typeName, field.name);
  };
}

export function notSimulated(typeName: string, fieldName: string): RefusedError {
  return new RefusedError("NOT_SIMULATED", `The sandbox shop does not simulate ${typeName}.${fieldName}.`, { typeName, fieldName });
}
