/** Words of the downtime viewer's settings: faults of fields, and what a test of the provider found. */
import type { ErrorWords } from "./errors.ts";

const FIELDS: Readonly<Record<string, string>> = {
  "issuer.missing": "Write the issuer's address.",
  "issuer.bad": "An issuer is an address that begins with https://, exactly as the provider writes it.",
  "clientId.missing": "Write the client id that the provider gave the viewer.",
  "clientId.bad": "A client id has no spaces.",
  "groupsClaim.missing": "Write the claim's name; most providers call it groups.",
  "groupsClaim.bad": "A claim's name has letters, digits and _:./-.",
  "groups.bad": "A group's name has at most 200 characters.",
  "groups.too_many": "At most 50 groups.",
};

export function viewerFieldWords(field: string, fault: string): string {
  return FIELDS[`${field}.${fault}`] ?? "This is not usable.";
}

/** Of codes that a test of the provider may answer with; they are the viewer's own. */
export const VIEWER_TEST_WORDS: Readonly<Record<string, ErrorWords>> = {
  "viewer.provider_unreachable": { happened: "The provider did not answer as one.", meaning: "Nothing was changed.", todo: "Check the issuer: with /.well-known/openid-configuration behind it, it must open in a browser and name this very issuer." },
  "viewer.bad_issuer": { happened: "The address cannot be used from this host.", meaning: "Nothing was changed.", todo: "It must be an https address that can be reached from outside; whoever runs the app can allow a provider inside its own network." },
};

export function viewerTestWords(code: string): ErrorWords {
  return VIEWER_TEST_WORDS[code] ?? { happened: "The provider could not be tested.", meaning: "Nothing was changed.", todo: "Try again." };
}
