/** Fields of the shop, the app's installation and webhook subscriptions. */
import { gid } from "../../data/gid.ts";
import { EPOCH } from "../../data/shape.ts";
import type { Subscription } from "../../webhooks/webhooks.ts";
import { iso } from "../context.ts";
import type { Fields } from "../context.ts";
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

export const installationFields: Fields<unknown> = {
  id: (_source, _args, { data }) => gid("AppInstallation", data.shopId + 1),
  accessScopes: (_source, _args, { facts }) => facts.scopes.map(scope),
  activeSubscriptions: () => [],
  app: () => ({ __typename: "App" }),
  launchUrl: (_source, _args, { facts }) => `${facts.url}/store/${facts.domain.replace(".myshopify.com", "")}/apps/${facts.appHandle}`,
};

export const appFields: Fields<unknown> = {
  id: (_source, _args, { data }) => gid("App", data.shopId + 2),
  apiKey: (_source, _args, { facts }) => facts.apiKey,
  title: (_source, _args, { facts }) => facts.appName,
  handle: (_source, _args, { facts }) => facts.appHandle,
  embedded: () => true,
  requestedAccessScopes: (_source, _args, { facts }) => facts.scopes.map(scope),
  availableAccessScopes: (_source, _args, { facts }) => facts.scopes.map(scope),
  optionalAccessScopes: () => [],
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
