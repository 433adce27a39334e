/** First lines and phrases of the screens about privacy requests and erasures. */
import type { RequestRow, RequestsModel, RequestTopic } from "../models/privacy.ts";
import { count, number } from "./numbers.ts";

export const TOPICS: Readonly<Record<RequestTopic, string>> = {
  data: "Wants to know what is kept",
  erase: "Wants to be erased",
  "erase-shop": "Erase everything of this store",
};

/** Shopify, "Privacy law compliance": within 30 days of receipt. */
export const SHOPIFY_DAYS = 30;

const DAY = 86_400_000;

export function isOverdue(row: RequestRow, now: string): boolean {
  return row.state === "open" && Date.parse(row.dueAt) < Date.parse(now);
}

/** "due in 12 days", "due today", "overdue by 3 days" */
export function dueWords(dueAt: string, now: string): string {
  const left = Date.parse(dueAt) - Date.parse(now);
  const days = Math.floor(Math.abs(left) / DAY);
  if (left < 0) return days === 0 ? "overdue since today" : `overdue by ${count(days, "day")}`;
  return days === 0 ? "due today" : `due in ${count(days, "day")}`;
}

/** "2 requests wait for you; the next is due in 12 days. 1 is overdue." */
export function requestsAnswer({ rows, now }: Pick<RequestsModel, "rows" | "now">): string {
  const open = rows.filter(({ state }) => state === "open");
  const held = rows.filter(({ state }) => state === "held");
  const behind = held.length === 0 ? "" : ` ${count(held.length, "is", "are").replace(/^(\d[\d,]*) (is|are)$/, "$1 $2")} behind a legal hold.`;
  if (rows.length === 0) return "No privacy requests so far.";
  if (open.length === 0) return `Every privacy request is answered.${behind}`;
  const overdue = open.filter((row) => isOverdue(row, now));
  const next = open.find((row) => !isOverdue(row, now));
  const wait = `${count(open.length, "request waits", "requests wait")} for you`;
  const soon = next ? `; the next is ${dueWords(next.dueAt, now)}` : "";
  const late = overdue.length === 0 ? "" : ` ${number(overdue.length)} ${overdue.length === 1 ? "is" : "are"} overdue.`;
  return `${wait}${soon}.${late}${behind}`;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  "compliance.erased": "Erased from every snapshot, with a certificate.",
  "compliance.nothing_held": "Answered: nothing of it was in the backups.",
  "compliance.disclosed": "Answered: the package is ready.",
  "compliance.package_expired": "Answered. The package was there for 30 days and is gone.",
  "compliance.package_erased": "Answered. The person was erased since, and the package with them.",
  "compliance.held": "Not erased: a legal hold stands against it.",
  "compliance.hold_without_basis": "Waits: a hold keeps the snapshots, and no basis in law is named for it.",
  "compliance.identity_needed": "Waits for an identity file.",
  "compliance.erased_in_part": "Erased; the storage's lock still holds on to an old key.",
};

/** What became of a request, or what it waits for. */
export function standing({ state, code }: Pick<RequestRow, "state" | "code">): string {
  if (code === null) return state === "open" ? "Waits for an identity file." : "Answered.";
  return OUTCOMES[code] ?? (state === "open" ? "Put off: it could not be carried out." : "Answered.");
}

/** "Erase 1 customer from 214 snapshots" */
export function eraseLabel(customers: number, snapshots: number): string {
  return `Erase ${count(customers, "customer")} from ${count(snapshots, "snapshot")}`;
}

export const EXPIRY_WHY: Readonly<Record<string, string>> = { superseded: "another of its period is kept", "too-old": "older than what is to be kept" };
export const KEPT_WHY: Readonly<Record<string, string>> = { newest: "the newest", "newest-complete": "the newest whole one", verified: "checked last", held: "held", future: "its time lies ahead", within: "young enough", last: "one of the last", hourly: "hourly", daily: "daily", weekly: "weekly", monthly: "monthly", yearly: "yearly" };
