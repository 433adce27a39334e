/** Fields of the shop, the app's installation and webhook subscriptions. */
import { gid } from "../../data/gid.ts";
import { EPOCH } from "../../data/shape.ts";
import type { AppRecord } from "../../apps.ts";
import type { Subscription } from "../../webhooks/webhooks.ts";
import { iso } from "../context.ts";
import type { Fields, ShopFacts } from "../context.ts";
import { metafieldList, metafieldNamed } from "./metafields.ts";

export const shopFields: Fields<unknown> = {
  id: (_source, _args, { data }) => gid("Shop", data.shopId),
  name: (_source, _args, { facts }) => facts.name,
  email: () => "owner@example.com",
  contactEmail: () => "owner@example.com",
  shopOwnerName: () => "Synthetic Owner",
  myshopifyDomain: (_source, _args, { facts }) => facts.domain,
  primaryDomain: (_source, _args, { facts, data }) => ({ id: gid("Shop", data.shopId).replace("Shop", "Domain"), host: facts.domain, url: `https://${facts.domain}`, sslEnabled: true }),
  url: (_source, _args, { facts }) => `https://${facts.domain}`,
  plan: () => ({ publicDisplayName: "Shopify Plus", shopifyPlus: true, partnerDevelopment: true, displayName: "Shopify Plus" }),
  createdAt: () => iso(EPOCH),
  updatedAt: () => iso(EPOCH),
  currencyCode: () => "USD",
  enabledPresentmentCurrencies: () => ["USD"],
  ianaTimezone: () => "America/New_York",
  timezoneAbbreviation: () => "EST",
  timezoneOffset: () => "-0500",
  timezoneOffsetMinutes: () => -300,
  unitSystem: () => "METRIC_SYSTEM",
  weightUnit: () => "KILOGRAMS",
  setupRequired: () => false,
  taxesIncluded: () => false,
  taxShipping: () => false,
  checkoutApiSupported: () => true,
  customerAccounts: () => "OPTIONAL",
  shipsToCountries: () => ["US"],
  metafields: (_source, args, { data }) => metafieldList(data.shopMetafields, "SHOP", data.shopId, args),
  metafield: (_source, args, { data }) => metafieldNamed(data.shopMetafields, "SHOP", data.shopId, args),
};

const scope = (handle: string): object => ({ handle, description: handle.replaceAll("_", " ") });

/** Null: this app. Others by what they are. */
interface OfApp {
  readonly other?: AppRecord;
}
const home = (facts: ShopFacts, handle: string): string => `${facts.url}/store/${facts.domain.replace(".myshopify.com", "")}/apps/${handle}`;

export const installationFields: Fields<OfApp> = {
  id: ({ other }, _args, { data }) => gid("AppInstallation", other === undefined ? data.shopId + 1 : other.id + 1),
  accessScopes: ({ other }, _args, { facts }) => (other?.scopes ?? facts.grants.granted).map(scope),
  activeSubscriptions: () => [],
  app: ({ other }) => ({ __typename: "App", other }),
  launchUrl: ({ other }, _args, { facts }) => home(facts, other?.handle ?? facts.appHandle),
};

export const appFields: Fields<OfApp> = {
  id: ({ other }, _args, { data }) => gid("App", other === undefined ? data.shopId + 2 : other.id),
  apiKey: ({ other }, _args, { facts }) => (other === undefined ? facts.apiKey : String(other.id)),
  title: ({ other }, _args, { facts }) => other?.title ?? facts.appName,
  handle: ({ other }, _args, { facts }) => other?.handle ?? facts.appHandle,
  developerName: ({ other }) => (other === undefined ? "Holdfast" : `${other.title} (synthetic)`),
  embedded: () => true,
  requestedAccessScopes: ({ other }, _args, { facts }) => (other?.scopes ?? facts.grants.granted).map(scope),
  availableAccessScopes: ({ other }, _args, { facts }) => (other?.scopes ?? facts.grants.granted).map(scope),
  optionalAccessScopes: ({ other }, _args, { facts }) => (other === undefined ? facts.grants.optional : []).map(scope),
  features: () => [],
  failedRequirements: () => [],
  screenshots: () => [],
  webhookApiVersion: () => "2026-10",
};

export const subscriptionFields: Fields<Subscription> = {
  id: (subscription) => gid("WebhookSubscription", subscription.id),
  legacyResourceId: (subscription) => String(subscription.id),
  topic: (subscription) => subscription.topic.replace(/[/.]/, "_").toUpperCase(),
  uri: (subscription) => subscription.address,
  callbackUrl: (subscription) => subscription.address,
  format: () => "JSON",
  createdAt: (subscription) => iso(subscription.createdAt),
  updatedAt: (subscription) => iso(subscription.createdAt),
  includeFields: (subscription) => subscription.includeFields,
  metafieldNamespaces: () => [],
  metafields: () => [],
  filter: (subscription) => subscription.filter,
  apiVersion: () => ({ handle: "2026-10", displayName: "2026-10", supported: true }),
};
