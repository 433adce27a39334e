/**
 * Webhook subscriptions that cannot stand in shopify.app.toml, because they need a filter that only the shop knows: one for each type of metaobject
 * (`type:` is required and takes no wildcard: Shopify's changelog of its JavaScript libraries). Made, listed and removed through the Admin API; they are the
 * app's own, and nobody else's are listed.
 */
import { z } from "zod";
import { SourceError } from "../port.ts";
import { ShopifyClient, type ShopifyClientOptions } from "./client.ts";
import { typesNow } from "./streams/metaobject-stream.ts";

/** As webhooks spell it in their header, and the filter it has. */
export interface TypedTopic {
  readonly topic: string;
  readonly filter: string;
}

export interface TypedSubscription extends TypedTopic {
  readonly id: string;
  readonly address: string;
}

export const SUBSCRIPTIONS_QUERY = `#graphql
  query TypedSubscriptions($topics: [WebhookSubscriptionTopic!], $after: String) {
    webhookSubscriptions(first: 100, after: $after, topics: $topics) { nodes { id topic uri filter } pageInfo { hasNextPage endCursor } }
  }
`;
export const SUBSCRIBE = `#graphql
  mutation SubscribeTyped($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {
    webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) { webhookSubscription { id } userErrors { field } }
  }
`;
export const UNSUBSCRIBE = `#graphql
  mutation UnsubscribeTyped($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field } } }
`;

const Page = z.object({
  webhookSubscriptions: z.object({
    nodes: z.array(z.object({ id: z.string(), topic: z.string(), uri: z.string(), filter: z.string().nullable() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});
const Errors = z.array(z.object({ field: z.array(z.string()).nullable() }));
const Made = z.object({ webhookSubscriptionCreate: z.object({ webhookSubscription: z.object({ id: z.string() }).nullable(), userErrors: Errors }) });
const Removed = z.object({ webhookSubscriptionDelete: z.object({ deletedWebhookSubscriptionId: z.string().nullable(), userErrors: Errors }) });

export class ShopifySubscriptions {
  readonly #client: ShopifyClient;

  constructor(options: ShopifyClientOptions) {
    this.#client = new ShopifyClient(options);
  }

  /** Types of metaobjects, with how many entries each has. */
  types(signal: AbortSignal): Promise<readonly { readonly type: string; readonly count: number }[]> {
    return typesNow(this.#client, signal);
  }

  /** Those of the app in this shop that were made for these topics. */
  async list(topics: readonly string[], signal: AbortSignal): Promise<readonly TypedSubscription[]> {
    const names = new Map(topics.map((topic) => [enumOf(topic), topic]));
    const all: TypedSubscription[] = [];
    let after: string | null = null;
    for (;;) {
      const { webhookSubscriptions: page }: z.infer<typeof Page> = await this.#client.query(SUBSCRIPTIONS_QUERY, { topics: [...names.keys()], after }, Page, signal);
      for (const { id, topic, uri, filter } of page.nodes) all.push({ id, topic: names.get(topic) ?? topic, address: uri, filter: filter ?? "" });
      if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) return all;
      after = page.pageInfo.endCursor;
    }
  }

  /** `fields`: members of the payload that are sent. Throws SourceError source.failed when the shop will not have it. */
  async create({ topic, filter }: TypedTopic, address: string, fields: readonly string[], signal: AbortSignal): Promise<void> {
    const { webhookSubscriptionCreate: answer } = await this.#client.query(SUBSCRIBE, { topic: enumOf(topic), subscription: { uri: address, filter, includeFields: fields, format: "JSON" } }, Made, signal);
    if (answer.webhookSubscription === null) throw new SourceError("source.failed", `the shop does not take a subscription to ${topic} (${String(answer.userErrors[0]?.field?.join(".") ?? "no reason")})`);
  }

  /** One that is gone already is as good. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    await this.#client.query(UNSUBSCRIBE, { id }, Removed, signal);
  }
}

function enumOf(topic: string): string {
  return topic.replaceAll(/[/.]/g, "_").toUpperCase();
}
