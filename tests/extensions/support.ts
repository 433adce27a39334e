/** The app's extensions, as they lie in the checkout. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

export const ROOT = join(__dirname, "../..");
export const FOLDER = join(ROOT, "extensions");

/** As Shopify's pages list them for each type (…/flow/triggers/reference, …/flow/actions/reference); `shopify app build` takes any, `app deploy` does not. */
const TRIGGER_TYPES = ["boolean", "email", "single_line_text_field", "url", "number_decimal"] as const;
const ACTION_TYPES = [...TRIGGER_TYPES, "multi_line_text_field", "number_integer"] as const;

/** At most 30 in older versions of the command line, 50 now. */
const Handle = z.string().regex(/^[a-z][a-z-]{2,29}$/);
const Description = z.string().min(20).max(255);
const trigger = z.strictObject({
  extension: z.strictObject({ type: z.literal("flow_trigger"), name: z.string().regex(/^[A-Z][a-z ]+$/), handle: Handle, description: Description }),
  fields: z.array(z.strictObject({ key: z.string().regex(/^[A-Za-z ]+$/), type: z.enum(TRIGGER_TYPES), description: Description.or(z.string().min(5).max(255)) })),
});
const action = z.strictObject({
  extension: z.strictObject({ type: z.literal("flow_action"), name: z.string().regex(/^[A-Z][a-z ]+$/), handle: Handle, description: Description, runtime_url: z.string().regex(/^\/[a-z/-]+$/), schema: z.literal("./schema.graphql"), return_type_ref: z.string().regex(/^[A-Z][A-Za-z]+$/) }),
  fields: z.array(z.strictObject({ key: z.string().regex(/^[a-z ]+$/), name: z.string(), type: z.enum(ACTION_TYPES), required: z.boolean(), description: z.string().min(5).max(255) })),
});
const template = z.strictObject({
  extension: z.strictObject({
    type: z.literal("flow_template"), name: z.literal("t:name"), handle: z.string().regex(/^[a-z][a-z-]{2,49}$/), description: z.literal("t:description"),
    template: z.strictObject({ categories: z.array(z.string()).min(1).max(2), module: z.literal("./template.flow"), require_app: z.literal(true), discoverable: z.boolean(), allow_one_click_activate: z.literal(false), enabled: z.boolean() }),
  }),
  fields: z.array(z.never()),
});
const lifecycle = z.strictObject({ extension: z.strictObject({ type: z.literal("flow_trigger_lifecycle_callback"), name: z.string(), handle: Handle, url: z.url({ protocol: /^https$/ }) }), fields: z.array(z.never()) });
const Declared = z.union([trigger, action, template, lifecycle]);

export type Declared = z.infer<typeof Declared>;
export type DeclaredAs<T extends Declared["extension"]["type"]> = Extract<Declared, { extension: { type: T } }>;

/** Throws for what Shopify would refuse at deployment. */
export function read(text: string): Declared {
  const file = z.strictObject({ extensions: z.array(z.unknown()).length(1), settings: z.strictObject({ fields: z.array(z.unknown()) }).optional() }).parse(parse(text));
  return Declared.parse({ extension: file.extensions[0], fields: file.settings?.fields ?? [] });
}

export const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();

export function toml(folder: string): string {
  return readFileSync(join(FOLDER, folder, "shopify.extension.toml"), "utf8");
}

export function ofType<T extends Declared["extension"]["type"]>(type: T): { folder: string; declared: DeclaredAs<T> }[] {
  return folders.map((folder) => ({ folder, declared: read(toml(folder)) })).filter(({ declared }) => declared.extension.type === type) as { folder: string; declared: DeclaredAs<T> }[];
}
