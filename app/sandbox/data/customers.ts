/** Makes customer i of a shop: a synthetic patient with addresses, consent, notes and health metafields. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { CHILD_IDS, childId, ID_STEP } from "./gid.ts";
import { Draw } from "./random.ts";
import type { AddressRecord, CustomerRecord, MetafieldRecord } from "./records.ts";
import { createdAtOf, updatedAtOf } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { ALLERGIES, CITIES, CONDITIONS, FIRST_NAMES, INSURERS, LAST_NAMES, MEDICINES, NOTES, STATES, STREETS } from "./wording.ts";

export const INTAKE = "health_intake";

/** 555-0100 to 555-0199 are set aside for fiction; with 800 area codes they name 80,000 telephones, so later customers have none. */
const PHONES = 80_000;

export function customerMaker(shape: Shape): (index: number) => CustomerRecord {
  const draw = new Draw(shape.seed, "customer");
  return (i) => {
    draw.at(i);
    const createdAt = createdAtOf(i, draw.next());
    const updatedAt = updatedAtOf(createdAt);
    const firstName = draw.pick(FIRST_NAMES);
    const lastName = `${draw.pick(LAST_NAMES)} ${SYNTHETIC_MARK}`;
    const addresses: AddressRecord[] = [];
    for (let slot = 0, n = 1 + (draw.chance(0.2) ? 1 : 0); slot < n; slot++) addresses.push(address(draw, childId(CHILD_IDS.address, i, slot), firstName, lastName, shape.canary !== null && i === 2 && slot === 0 ? shape.canary : null));
    const subscribed = draw.chance(0.4);
    const hasNote = draw.chance(0.35);
    const noteText = `${SYNTHETIC_MARK}: ${draw.pick(NOTES)}`;
    const planted = shape.canary !== null && i === 0;
    const metafields = health(draw, i, firstName, createdAt, updatedAt, shape.canary !== null && i === 1 ? shape.canary : null);
    return {
      id: shape.firstId + i * ID_STEP,
      createdAt,
      updatedAt,
      firstName,
      lastName,
      email: emailOf(firstName, i),
      phone: i < PHONES && draw.chance(0.6) ? phoneOf(i) : null,
      note: planted ? `${noteText} ${shape.canary}` : hasNote ? noteText : null,
      tags: [SYNTHETIC_MARK, draw.chance(0.5) ? "patient" : "caregiver", ...(draw.chance(0.3) ? ["refill-due"] : []), ...(draw.chance(0.1) ? ["prior-auth"] : [])].sort(),
      locale: draw.chance(0.12) ? "es" : "en",
      taxExempt: draw.chance(0.04),
      taxExemptions: [],
      state: draw.chance(0.7) ? "ENABLED" : "DISABLED",
      verifiedEmail: true,
      emailConsent: subscribed ? { state: "SUBSCRIBED", optInLevel: "SINGLE_OPT_IN", at: createdAt } : { state: "NOT_SUBSCRIBED", optInLevel: null, at: null },
      smsConsent: { state: "NOT_SUBSCRIBED", optInLevel: null, at: null },
      addresses,
      defaultAddressId: addresses[0]?.id ?? null,
      metafields,
    };
  };
}

function emailOf(firstName: string, index: number): string {
  return `${firstName.toLowerCase().replace(/[^a-z]/g, "")}.${index.toString(36).padStart(5, "0")}@example.com`;
}

/** The index an e-mail address made here would have, or -1. Whether that customer has it must still be looked up. */
export function indexOfEmail(email: string): number {
  const match = /^[a-z]*\.([0-9a-z]{5,})@example\.com$/.exec(email);
  return match === null ? -1 : parseInt(match[1] as string, 36);
}

function phoneOf(index: number): string {
  return `+1${200 + Math.floor(index / 100)}55501${String(index % 100).padStart(2, "0")}`;
}

export function indexOfPhone(phone: string): number {
  const match = /^\+1(\d{3})55501(\d\d)$/.exec(phone);
  return match === null ? -1 : (Number(match[1]) - 200) * 100 + Number(match[2]);
}

export function address(draw: Draw, id: number, firstName: string, lastName: string, canary: string | null): AddressRecord {
  const state = draw.pick(STATES);
  return {
    id,
    firstName,
    lastName,
    company: null,
    address1: `${draw.between(1, 9999)} ${draw.pick(STREETS)}`,
    address2: canary ?? (draw.chance(0.25) ? `${SYNTHETIC_MARK} apt ${draw.between(1, 60)}` : null),
    city: draw.pick(CITIES),
    province: state.name,
    provinceCode: state.code,
    country: "United States",
    countryCode: "US",
    zip: draw.digits(5),
    phone: draw.chance(0.5) ? `+1${draw.between(200, 999)}55501${draw.digits(2)}` : null,
  };
}

/** One value by definition (definitions.ts): each carries the mark. */
function health(draw: Draw, index: number, firstName: string, createdAt: number, updatedAt: number, canary: string | null): MetafieldRecord[] {
  const fields: MetafieldRecord[] = [];
  const add = (key: string, type: string, value: string): void => {
    fields.push({ id: childId(CHILD_IDS.customerMetafield, index, fields.length), createdAt, updatedAt, namespace: INTAKE, key, type, value });
  };
  add("intake_form", "json", intakeForm(draw, firstName, canary));
  add("insurance_member_id", "single_line_text_field", `${SYNTHETIC_MARK}-${draw.digits(9)}-${draw.digits(2)}`);
  if (draw.chance(0.8)) add("allergies", "list.single_line_text_field", JSON.stringify([`${SYNTHETIC_MARK} sample`, draw.pick(ALLERGIES), ...(draw.chance(0.3) ? [draw.pick(ALLERGIES)] : [])]));
  if (draw.chance(0.6)) {
    add("prescription", "json", JSON.stringify({ mark: SYNTHETIC_MARK, rx: `RX-${draw.digits(7)}`, medicine: draw.pick(MEDICINES), refills: draw.below(6), prescriber: `Dr. ${draw.pick(LAST_NAMES)}`, npi: `00${draw.digits(8)}`, expires: `2027-${String(draw.between(1, 12)).padStart(2, "0")}-28` }));
  }
  if (draw.chance(0.4)) add("device_serial", "single_line_text_field", `${SYNTHETIC_MARK}-${draw.pick(["CGM", "CPAP", "BPM", "HEAR"])}-${draw.digits(8)}`);
  if (draw.chance(0.3)) add("care_note", "multi_line_text_field", `${SYNTHETIC_MARK}\n${draw.pick(NOTES)}.\nFollow up in ${draw.between(2, 12)} weeks.`);
  return fields;
}

function intakeForm(draw: Draw, firstName: string, canary: string | null): string {
  return JSON.stringify({
    mark: SYNTHETIC_MARK,
    patient: { preferredName: firstName, born: `${draw.between(1936, 2006)}-${String(draw.between(1, 12)).padStart(2, "0")}-${String(draw.between(1, 28)).padStart(2, "0")}`, sexAtBirth: draw.pick(["F", "M", "X"]), heightCm: draw.between(145, 200), weightKg: draw.between(45, 140) },
    conditions: [draw.pick(CONDITIONS), ...(draw.chance(0.35) ? [draw.pick(CONDITIONS)] : [])],
    medicines: [draw.pick(MEDICINES)],
    insurance: { payer: draw.pick(INSURERS), group: draw.digits(6), relation: draw.pick(["self", "spouse", "child"]) },
    answers: { smoker: draw.chance(0.15), pregnant: draw.chance(0.04), lastVisit: `${draw.between(1, 24)} months ago`, pain: draw.below(11) },
    signed: { name: `${firstName} ${SYNTHETIC_MARK}`, consent: true },
    ...(canary === null ? {} : { remarks: canary }),
  });
}
