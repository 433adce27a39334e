/**
 * What identifiers look like in text. Each detector gives the place of what it finds; those whose numbers carry a check digit use it. A value that is set aside for
 * examples (reserved.ts), or that says itself that it is synthetic, is nobody's.
 */
import { SYNTHETIC_MARK } from "../synthetic.ts";
import { isCard, isDea, isIban, isMbi, isNpi, isVin } from "./checks.ts";
import type { Detection, Identifier } from "./identifiers.ts";
import { isReservedEmail, isReservedHost, isReservedIp, isReservedPhone, isReservedSsn } from "./reserved.ts";

interface Detector {
  readonly identifier: Identifier;
  readonly pattern: RegExp;
  /** `match[1]`, or all of it, is somebody's. Absent: always. */
  readonly real?: (value: string, match: RegExpExecArray) => boolean;
}

const MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december)";
const PHONE = String.raw`(?<![\w-])(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]?\d{4}(?![\w-])|\+\d[\d ().-]{6,17}\d|\b1?[2-9]\d{2}[2-9]\d{6}\b`;
// Every repetition here has an upper bound where another could begin inside it: a note of 60,000 spaces or letters must cost no more than any other.
/** RFC 5321, 4.5.3.1: 64 octets before the sign, 63 in each part of a domain (RFC 1035). */
export const EMAIL = /[\w.+%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+/g;
/** A label, and the token behind it that has a digit in it. */
const labelled = (label: string): RegExp => new RegExp(String.raw`\b(?:${label})\b(?:\s{0,4}(?:no|nr|num|number|id|#))?\.?\s{0,4}[:#=]?\s{0,4}#?((?=[A-Za-z-]{0,30}\d)[A-Za-z0-9][A-Za-z0-9-]{3,30})`, "gi");
const onlyDigits = (text: string): string => text.replace(/\D/g, "");
const unmarked = (value: string): boolean => !value.toUpperCase().includes(SYNTHETIC_MARK);

export const DETECTORS: readonly Detector[] = [
  { identifier: "email", pattern: EMAIL, real: (value) => !isReservedEmail(value) },
  { identifier: "url", pattern: /\b(?:https?|ftp):\/\/([^\s/:"'<>\\]+)[^\s"'<>\\]*/gi, real: (_, match) => !isReservedHost(match[1]!) },
  { identifier: "ip", pattern: /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])/g, real: (value) => !isReservedIp(value) },
  { identifier: "ip", pattern: /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})(?:::?[0-9a-f]{1,4})*(?![\w:])/gi, real: (value) => !isReservedIp(value) && (value.includes("::") || value.split(":").length === 8) },
  { identifier: "ssn", pattern: /(?<![\w-])\d{3}[- ]\d{2}[- ]\d{4}(?![\w-])/g, real: (value) => !isReservedSsn(onlyDigits(value)) },
  { identifier: "ssn", pattern: /\b(?:ssn|social security)\D{0,12}(\d{9})\b/gi, real: (_, match) => !isReservedSsn(match[1]!) },
  { identifier: "fax", pattern: new RegExp(String.raw`\bfax\b\D{0,10}(${PHONE})`, "gi"), real: (_, match) => !isReservedPhone(onlyDigits(match[1]!)) },
  { identifier: "phone", pattern: new RegExp(PHONE, "g"), real: (value) => !isReservedPhone(onlyDigits(value)) },
  { identifier: "mrn", pattern: labelled("mrn|medical record|chart|patient id"), real: (_, match) => unmarked(match[1]!) },
  { identifier: "health_plan", pattern: labelled("member id|member|policy|subscriber|insurance|beneficiary|hicn|medicare|medicaid|health plan"), real: (_, match) => unmarked(match[1]!) },
  { identifier: "health_plan", pattern: /\b[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}\b/g, real: (value) => isMbi(value.replaceAll("-", "")) },
  { identifier: "account", pattern: labelled("account|acct|iban|routing"), real: (_, match) => unmarked(match[1]!) },
  { identifier: "account", pattern: /(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])/g, real: (value) => isCard(onlyDigits(value)) },
  { identifier: "account", pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, real: (value) => isIban(value) },
  { identifier: "certificate", pattern: labelled("licen[cs]e|lic|certificate|cert|dea|npi|registration"), real: (_, match) => unmarked(match[1]!) },
  { identifier: "certificate", pattern: /\b[A-Z][A-Z9]\d{7}\b/g, real: (value) => isDea(value) },
  { identifier: "certificate", pattern: /\b[12]\d{9}\b/g, real: (value) => isNpi(value) },
  { identifier: "vehicle", pattern: /\b[A-HJ-NPR-Z0-9]{17}\b/g, real: (value) => isVin(value) },
  { identifier: "vehicle", pattern: labelled("vin|plate|license plate|licence plate"), real: (_, match) => unmarked(match[1]!) },
  { identifier: "device", pattern: labelled("serial|s\\/n|sn|device|udi|imei|lot"), real: (_, match) => unmarked(match[1]!) },
  { identifier: "device", pattern: /\(01\)\d{14}/g },
  { identifier: "device", pattern: /(?<![\w:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![\w:])/gi },
  { identifier: "biometric", pattern: labelled("fingerprint|voiceprint|retina|iris|biometric|faceprint"), real: (_, match) => unmarked(match[1]!) },
  { identifier: "photo", pattern: /data:image\/[a-z+]+;base64,|(?<![A-Za-z0-9+/])(?:\/9j\/[A-Za-z0-9+/]{20}|iVBORw0KGgo[A-Za-z0-9+/]{12})/g },
  { identifier: "date", pattern: /\b(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)/g },
  { identifier: "date", pattern: /\b(?:0?[1-9]|[12]\d|3[01])[/.](?:0?[1-9]|[12]\d|3[01])[/.](?:19|20)?\d{2}\b/g },
  { identifier: "date", pattern: new RegExp(String.raw`\b(?:${MONTH}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d{2}|\d{1,2}\.? ${MONTH}\.? (?:19|20)\d{2})\b`, "gi") },
  { identifier: "geography", pattern: /\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]),? (\d{5})(?:-\d{4})?\b/g },
  { identifier: "geography", pattern: /\b\d{1,6}(?: [NSEW]\.?)?(?: [A-Z][\w']+){1,4} (?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Close|Place|Pl|Terrace)\b/g, real: (value) => unmarked(value) },
  { identifier: "geography", pattern: /(?<![\d.])-?\d{1,2}\.\d{4,},\s*-?\d{1,3}\.\d{4,}/g },
  { identifier: "name", pattern: /\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? ([A-Z][\p{L}'-]{2,})/gu, real: (_, match) => unmarked(match[1]!) },
  { identifier: "other", pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/gi, real: (value) => !value.startsWith("00000000-0000-4000-8000-") },
];

/** Everything a detector finds in a text, in its order; what lies within something found before it by another is named twice. */
export function find({ identifier, pattern, real }: Detector, text: string): Detection[] {
  const found: Detection[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === "") pattern.lastIndex++;
    else if (real?.(match[0], match) !== false) found.push({ identifier, at: match.index, length: match[0].length });
  }
  return found;
}
