/** What a tree is called by its contents: SHA-256 over its canonical JSON (RFC 8785), so that equal trees have equal digests however they were written down. */
import { createHash } from "node:crypto";

/** Members sorted by name, nothing between. The values here are strings, whole numbers, booleans, arrays and objects; members that are undefined are not there. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** Hex. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(canonical(value), "utf8").digest("hex");
}
