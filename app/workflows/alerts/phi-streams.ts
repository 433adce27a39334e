/**
 * Which streams of a shop can hold health data about a person. Everything does until it is known not to: a stream that nobody has thought about is alerted on
 * as if it held the worst.
 */
const HOLDS_NONE = /^(?:metafield-definitions|metaobject-definitions|discount-codes|discounts|collections|webhooks|locations)$/;

export function mayHoldPhi(stream: string): boolean {
  return !HOLDS_NONE.test(stream);
}

/** A stream's name as an alert's subject. */
export function streamSubject(stream: string): string {
  return `stream:${stream.replace(/[^A-Za-z0-9._/-]/g, "_").slice(0, 100)}`;
}
