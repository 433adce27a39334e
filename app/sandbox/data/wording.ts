/** Words that synthetic records are made of: names and places from faker's locale data, health-commerce terms written here. */
import { faker } from "@faker-js/faker/locale/en";

const data = faker.rawDefinitions;

function words(list: readonly string[] | null | undefined): readonly string[] {
  return list != null && list.length > 0 ? list : ["Sample"];
}

export const FIRST_NAMES = words(data.person?.first_name?.generic);
export const LAST_NAMES = words(data.person?.last_name?.generic);
export const CITIES = words(data.location?.city_name);
export const STREETS = words(data.location?.street_name);
export const STATES: readonly { readonly name: string; readonly code: string }[] = words(data.location?.state).map((name, i) => ({ name, code: data.location?.state_abbr?.[i] ?? "NY" }));

/** title, variant, sku stem, price in cents, whether a prescription goes with it */
export const PRODUCTS: readonly (readonly [string, string, string, number, boolean])[] = [
  ["Continuous glucose monitor", "14-day sensor, 2 pack", "CGM-14", 14900, true],
  ["CPAP machine", "AutoSet with humidifier", "CPAP-A", 89900, true],
  ["CPAP mask", "Nasal, medium", "MASK-NM", 9900, true],
  ["Daily contact lenses", "90 pack", "LENS-90", 7450, true],
  ["Compression stockings", "20-30 mmHg, L", "COMP-L", 3495, false],
  ["Blood pressure monitor", "Upper arm, bluetooth", "BPM-UA", 6900, false],
  ["Prescription skincare", "Tretinoin 0.05 %, 30 g", "DERM-05", 4200, true],
  ["Hearing aid", "Behind the ear, pair", "HEAR-BTE", 129900, true],
  ["Insulin pen needles", "4 mm, 100 count", "PEN-4", 2899, true],
  ["Nicotine patches", "21 mg, 14 count", "NIC-21", 3999, false],
  ["Fertility test kit", "AMH and FSH", "FERT-2", 15900, false],
  ["Sleep study kit", "One night, mail back", "SLEEP-1", 18900, true],
  ["Prenatal vitamins", "Three months", "PREN-3", 5400, false],
  ["Knee brace", "Hinged, M", "KNEE-M", 5999, false],
];
export const CONDITIONS = ["type 2 diabetes", "obstructive sleep apnea", "hypertension", "acne vulgaris", "asthma", "migraine with aura", "hypothyroidism", "plantar fasciitis", "gestational diabetes", "anxiety disorder", "psoriasis", "chronic back pain"];
export const MEDICINES = ["metformin 500 mg", "lisinopril 10 mg", "levothyroxine 75 mcg", "sertraline 50 mg", "albuterol inhaler", "sumatriptan 50 mg", "atorvastatin 20 mg", "insulin glargine", "tretinoin 0.05 %", "none"];
export const ALLERGIES = ["penicillin", "latex", "sulfa drugs", "nickel", "adhesive tape", "peanuts", "shellfish", "ibuprofen", "pollen", "aspirin"];
export const INSURERS = ["Cedar Mutual Health", "Northlight Plan", "Harbor Care", "Bluestem Benefit", "Union Valley HMO", "Palisade Choice"];
export const NOTES = [
  "called about a rash under the sensor adhesive, advised to move the site",
  "prefers Spanish by phone, daughter may speak for her",
  "prior authorization sent to the insurer, answer expected this week",
  "asked to keep the order out of the shared family inbox",
  "second trimester, confirm with the physician before the next shipment",
  "mask leaks at night, swap for size large under warranty",
  "recall letter sent for this device, serial checked",
  "refill every 90 days, do not ship early",
];
export const SHOP_WORDS = ["cedar", "harbor", "juniper", "linden", "meadow", "willow", "aspen", "clover", "heron", "maple"];
