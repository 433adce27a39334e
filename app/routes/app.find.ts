/** /app/find, JSON only: what a browser makes search tokens with, and what tokens find. What is looked for never comes here. */
import { z } from "zod";
import { shopAction, shopLoader } from "#app/platform/routes.server.ts";
import { presentFindMaterial, presentFound } from "#app/ui/present/find.ts";
import type { FindAnswerModel, FindMaterialModel } from "#app/ui/models/find.ts";
import { find, prepareFind } from "#app/workflows/find/find.ts";

const Key = z.string().regex(/^[\w-]{43}$/);
const body = z.discriminatedUnion("by", [
  z.object({
    by: z.enum(["email", "phone", "name", "order", "customer"]),
    tokens: z.array(z.object({ pack: z.string().regex(/^[0-9a-f]{64}$/), blocksKey: Key, groups: z.array(z.array(Key).min(1).max(12)).max(8) })).max(20_000),
  }),
  z.object({ by: z.literal("id"), ids: z.array(z.string().min(1).max(512)).max(16) }),
]);

export const loader = shopLoader(async ({ app, shop, actor }): Promise<FindMaterialModel> => presentFindMaterial(await prepareFind(app.ports, { shop, actor })));

export const action = shopAction({ body }, async ({ app, shop, actor, body: asked }): Promise<FindAnswerModel> => {
  const bytes = (text: string): Uint8Array => Buffer.from(text, "base64url");
  const by = asked.by === "id" ? asked : { by: asked.by, tokens: asked.tokens.map(({ pack, blocksKey, groups }) => ({ pack, blocksKey: bytes(blocksKey), groups: groups.map((group) => group.map(bytes)) })) };
  return presentFound(await find(app.ports, { shop, actor, asked: by }));
});
