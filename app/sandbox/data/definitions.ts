/** The definitions a seeded shop has: what its metafields and metaobjects are. */
import { SYNTHETIC_MARK } from "#app/phi/index.ts";
import { INTAKE } from "./customers.ts";
import { ID_STEP } from "./gid.ts";
import { CARE_PLAN } from "./metaobjects.ts";
import { RX } from "./orders.ts";
import type { MetafieldDefinitionRecord, MetaobjectDefinitionRecord } from "./records.ts";
import { EPOCH } from "./shape.ts";

const METAFIELDS: readonly (readonly [owner: string, namespace: string, key: string, name: string, type: string])[] = [
  ["CUSTOMER", INTAKE, "intake_form", "Intake form", "json"],
  ["CUSTOMER", INTAKE, "insurance_member_id", "Insurance member id", "single_line_text_field"],
  ["CUSTOMER", INTAKE, "allergies", "Allergies", "list.single_line_text_field"],
  ["CUSTOMER", INTAKE, "prescription", "Prescription", "json"],
  ["CUSTOMER", INTAKE, "device_serial", "Device serial", "single_line_text_field"],
  ["CUSTOMER", INTAKE, "care_note", "Care note", "multi_line_text_field"],
  ["ORDER", RX, "fulfillment_check", "Pharmacist's check", "json"],
  ["ORDER", RX, "claim_number", "Claim number", "single_line_text_field"],
  ["SHOP", "health_policy", "privacy_contact", "Privacy contact", "single_line_text_field"],
];

export function metafieldDefinitions(firstId: number): MetafieldDefinitionRecord[] {
  return METAFIELDS.map(([ownerType, namespace, key, name, type], i) => ({
    id: firstId + i * ID_STEP,
    createdAt: EPOCH,
    updatedAt: EPOCH,
    ownerType,
    namespace,
    key,
    name,
    description: `${SYNTHETIC_MARK} sample: ${name.toLowerCase()}`,
    type,
    pinnedPosition: null,
    validations: [],
  }));
}

export function metaobjectDefinitions(firstId: number): MetaobjectDefinitionRecord[] {
  const field = (key: string, name: string, type: string, required = false): MetaobjectDefinitionRecord["fieldDefinitions"][number] => ({ key, name, description: null, type, required, validations: [] });
  return [
    {
      id: firstId,
      createdAt: EPOCH,
      updatedAt: EPOCH,
      type: CARE_PLAN,
      name: "Care plan",
      description: `${SYNTHETIC_MARK} sample: care plan`,
      displayNameKey: "title",
      fieldDefinitions: [field("title", "Title", "single_line_text_field", true), field("instructions", "Instructions", "multi_line_text_field"), field("clinician", "Clinician", "single_line_text_field"), field("schedule", "Schedule", "json")],
    },
  ];
}
