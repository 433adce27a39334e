/** What the viewer says, in words: purposes, reasons, ends of sessions, and what went wrong. Each of the last says what to do. */
import type { AccessRefusal } from "#app/access/index.ts";
import type { FindBy, Purpose, Reason } from "#app/workflows/view/index.ts";
import type { ViewerErrorCode } from "../errors.ts";
import type { EndCode } from "../session/sessions.ts";

export const PURPOSE_WORDS: Readonly<Record<Purpose, string>> = {
  treatment: "Care of a patient",
  order: "An order that must go out or be stopped",
  contact: "Reaching a person about the outage",
  request: "A person asks about their own data",
  safety: "A threat to somebody's health or safety",
  law: "The law or a court asks for it",
};

export const REASON_WORDS: Readonly<Record<Reason, string>> = {
  identify: "To be sure that this is the person",
  contact: "To reach the person",
  treat: "To care for the person",
  deliver: "To fill or deliver an order",
  answer: "To answer the person's question",
  law: "To comply with the law",
};

export const FIND_WORDS: Readonly<Record<FindBy, string>> = { email: "E-mail address", phone: "Phone number", name: "Name", order: "Order number", id: "Record id" };

export const END_WORDS: Readonly<Record<EndCode, string>> = {
  "viewer.signed_off": "You have signed off.",
  "viewer.idle": "You were signed off because nothing was done for five minutes.",
  "viewer.too_long": "You were signed off because an hour has passed.",
  "viewer.stopped": "You were signed off because the viewer was stopped.",
  "viewer.suspended": "Reading was suspended because so much was read. The people who look after the store were told.",
  "viewer.other_browser": "You were signed off because the session was used from another browser.",
  "viewer.no_longer_named": "You were signed off because you are no longer named as a responder.",
};

interface Words {
  readonly what: string;
  readonly next: string;
}

export const PROBLEM_WORDS: Readonly<Record<ViewerErrorCode | AccessRefusal | "viewer.no_key" | "viewer.storage_away" | "viewer.damaged", Words>> = {
  "viewer.not_set_up": { what: "Nobody can sign in to this store's records yet.", next: "In the app, under Settings, Downtime viewer, connect your identity provider. With the app down: see docs/viewer.md." },
  "viewer.provider_unreachable": { what: "Your organization's sign-in service could not be reached.", next: "Try again in a minute. If it stays away, whoever runs it must bring it back first; nobody is let in without it." },
  "viewer.bad_issuer": { what: "The address of your organization's sign-in service cannot be used from here.", next: "It must be an https address that can be reached from outside. Whoever set it up finds it under Settings, Downtime viewer." },
  "viewer.sign_in_refused": { what: "Your organization's sign-in service did not sign you in.", next: "Try again, with the account you have for emergencies. If it is refused again, ask whoever manages accounts." },
  "viewer.sign_in_invalid": { what: "That sign-in does not belong to this browser, took too long, or was used before.", next: "Begin again from the first page. Do not open sign-in links that somebody sent." },
  "viewer.not_a_responder": { what: "You are signed in, but you are not named as a responder.", next: "Ask whoever manages the response team to name you." },
  "viewer.throttled": { what: "That was a lot of reading in a short time.", next: "Wait a moment, then go on." },
  "viewer.suspended": { what: "Reading is suspended for you because so much was read. The people who look after the store were told.", next: "Speak to them. It can be resumed after an hour." },
  "viewer.not_recorded": { what: "What you asked for could not be recorded, so it was not shown.", next: "Try again. If it happens again, whoever runs the viewer must see that its disk has room." },
  "viewer.out_of_order": { what: "That step came before another one.", next: "Load the page again and begin with the purpose." },
  "viewer.not_agreed": { what: "Nobody else has agreed to that, or it is too long ago.", next: "Ask again, while a second person is signed in." },
  "viewer.bad_request": { what: "That was not understood.", next: "Check what you typed, or load the page again." },
  "viewer.no_key": { what: "Your key does not open these records.", next: "Choose the identity file that belongs to this store's vault." },
  "viewer.key_service_away": { what: "The key service does not answer, or does not open these records.", next: "Load the page again and choose an identity file instead." },
  "viewer.storage_away": { what: "The storage with the records could not be read.", next: "See that the storage is up and reachable from here, then try again." },
  "viewer.damaged": { what: "A part of the stored records is damaged, or a key does not belong to it.", next: "Load the page again and choose the right identity file. If it stays so, run holdfast verify on the storage." },
  "access.other_shop": { what: "Your account belongs to another store.", next: "Sign in to the store it belongs to." },
  "access.not_for_you": { what: "Your account may not do this.", next: "Ask whoever manages the response team." },
  "access.not_a_responder": { what: "You are not named as a responder any more.", next: "Ask whoever manages the response team to name you." },
  "access.not_an_approver": { what: "This takes an approver.", next: "Ask whoever manages the response team." },
  "access.same_person": { what: "This takes a second person.", next: "Ask another approver." },
  "access.no_app_there": { what: "One of the two stores does not have the app.", next: "Ask whoever manages the response team." },
  "access.not_invited": { what: "The other store has not allowed it.", next: "Ask whoever manages the response team." },
  "access.invitation_over": { what: "The time for which the other store allowed it is over.", next: "Ask whoever manages the response team." },
};

export function problemWords(code: string): Words {
  return (PROBLEM_WORDS as Readonly<Record<string, Words>>)[code] ?? { what: "Something went wrong that nobody expected.", next: "Try again. If it happens again, tell whoever runs the viewer." };
}

/** "22 November 2026, 19:41 UTC": on paper a time says its zone. */
export function spokenTime(iso: string): string {
  return `${new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(new Date(iso))} UTC`;
}
