/**
 * Privacy requests, kept in the vault itself, so that whoever has a merchant's identity can carry them out when the app is long uninstalled:
 * `requests/<id>.json`, and `requests/<id>.answer-<8 hex digits>.json` when it was answered. Both signed, written once. Whom a request is about is sealed
 * under a key of the index key, because a list of who wants to be forgotten is nobody's business who only reads the store.
 */
import { z } from "zod";
import { signJson, verifySigned } from "../crypto/signed.ts";
import { aadOf, deriveKey, open, positionNonce, seal } from "../crypto/seal.ts";
import { damaged, VaultError } from "../errors.ts";
import type { ObjectStore } from "../object-store.ts";
import type { Clock, Jwk, Random } from "../ports.ts";
import { putExact } from "../snapshot/put-exact.ts";
import type { VaultDescription } from "../types.ts";
import { claim } from "./sequence.ts";

const REQUEST = /^requests\/([A-Za-z0-9_-]{1,128})\.json$/;
const ANSWER = /^requests\/([A-Za-z0-9_-]{1,128})\.answer-[0-9a-f]{8}\.json$/;
const Id = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
const SALT_BYTES = 32;

const SignedShape = z.object({ format: z.literal(1), vaultId: z.string(), requestId: Id, sealed: z.string().max(10_000_000) });
const ContentShape = z.object({
  topic: z.string().max(100),
  customerId: z.string().max(4096).nullable(),
  orderIds: z.array(z.string().max(4096)).max(100_000),
  receivedAt: z.iso.datetime(),
  dueAt: z.iso.datetime(),
});
const AnswerShape = z.object({
  format: z.literal(1),
  vaultId: z.string(),
  requestId: Id,
  at: z.iso.datetime(),
  by: z.string().min(1).max(1000),
  /** What became of it: "compliance.erased", "compliance.held" … */
  code: z.string().max(100),
  /** The certificate's or the package's name, and SHA-256 hex of its bytes. */
  object: z.string().max(512).optional(),
  digest: z.string().regex(/^[0-9a-f]{64}$/).optional(),
  /** The legal hold that stands against it. */
  hold: z.string().regex(/^[0-9a-f]{16}$/).optional(),
});

export type VaultRequest = z.infer<typeof ContentShape> & { readonly requestId: string };
export type RequestAnswer = Omit<z.infer<typeof AnswerShape>, "format" | "vaultId">;

export interface RequestKeeper {
  readonly store: ObjectStore;
  readonly description: VaultDescription;
  readonly indexKey: Uint8Array;
  readonly signingKey: Jwk;
  readonly clock: Clock;
  readonly random: Random;
}

/** Idempotent by id: what is there already stays as it was received. */
export async function putRequest(o: RequestKeeper, { requestId, ...content }: VaultRequest): Promise<void> {
  const key = `requests/${Id.parse(requestId)}.json`;
  if ((await o.store.get(key, { offset: 0, length: 1 })) !== null) return;
  const salt = Buffer.from(o.random(SALT_BYTES));
  const text = Buffer.from(JSON.stringify(ContentShape.parse(content)), "utf8");
  const sealed = seal(deriveKey(o.indexKey, salt, "holdfast request v1"), positionNonce(0), aad(o.description, requestId), text);
  await claim(o.store, key, await signJson({ format: 1, vaultId: o.description.vaultId, requestId, sealed: Buffer.concat([salt, sealed]).toString("base64url") }, "holdfast-request", o.signingKey));
}

export async function answerRequest(o: Omit<RequestKeeper, "indexKey">, answer: Omit<RequestAnswer, "at">): Promise<void> {
  const key = `requests/${answer.requestId}.answer-${Buffer.from(o.random(4)).toString("hex")}.json`;
  const payload = AnswerShape.parse({ format: 1, vaultId: o.description.vaultId, ...answer, at: o.clock.now().toISOString() });
  await putExact(o.store, key, await signJson(payload, "holdfast-answer", o.signingKey));
}

export interface VaultRequests {
  /** In order of receipt. */
  readonly requests: readonly VaultRequest[];
  /** The newest of each request. */
  readonly answers: ReadonlyMap<string, RequestAnswer>;
  /** Objects under requests/ that are not what the vault's key signed. */
  readonly damaged: readonly string[];
}

/** Whether these bytes are what the vault's key signed for this name. Throws vault.damaged_object. */
export async function checkRequestObject(bytes: Uint8Array, key: string, description: VaultDescription): Promise<void> {
  const request = REQUEST.exec(key)?.[1];
  const answer = ANSWER.exec(key)?.[1];
  if (request !== undefined) checked(SignedShape, await verifySigned(bytes, "holdfast-request", description.signingPublicKey, key), request, key, description);
  else if (answer !== undefined) checked(AnswerShape, await verifySigned(bytes, "holdfast-answer", description.signingPublicKey, key), answer, key, description);
  else throw damaged(key, "its name is no request's");
}

/** `indexKey` null: whom they are about stays closed, and `requests` is empty. */
export async function readRequests(store: ObjectStore, description: VaultDescription, indexKey: Uint8Array | null): Promise<VaultRequests> {
  const requests: VaultRequest[] = [];
  const answers = new Map<string, RequestAnswer>();
  const wrong: string[] = [];
  for await (const { key } of store.list("requests/")) {
    const request = REQUEST.exec(key)?.[1];
    const answer = ANSWER.exec(key)?.[1];
    if (request === undefined && answer === undefined) continue;
    const bytes = await store.get(key);
    if (bytes === null) continue;
    try {
      if (request !== undefined) {
        const signed = checked(SignedShape, await verifySigned(bytes, "holdfast-request", description.signingPublicKey, key), request, key, description);
        if (indexKey !== null) requests.push({ requestId: request, ...opened(signed.sealed, indexKey, description, request, key) });
      } else if (answer !== undefined) {
        const { format: _, vaultId: __, ...found } = checked(AnswerShape, await verifySigned(bytes, "holdfast-answer", description.signingPublicKey, key), answer, key, description);
        const before = answers.get(answer);
        if (before === undefined || before.at <= found.at) answers.set(answer, found);
      }
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== "vault.damaged_object") throw error;
      wrong.push(key);
    }
  }
  return { requests: requests.sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1)), answers, damaged: wrong };
}

function opened(sealed: string, indexKey: Uint8Array, description: VaultDescription, requestId: string, key: string): z.infer<typeof ContentShape> {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length <= SALT_BYTES) throw damaged(key, "it is too short");
  const text = open(deriveKey(indexKey, bytes.subarray(0, SALT_BYTES), "holdfast request v1"), positionNonce(0), aad(description, requestId), bytes.subarray(SALT_BYTES), key);
  const parsed = ContentShape.safeParse(JSON.parse(text.toString("utf8")));
  if (!parsed.success) throw damaged(key, "it lacks what a request has", parsed.error);
  return parsed.data;
}

function aad(description: VaultDescription, requestId: string): Buffer {
  return aadOf("holdfast request v1", Buffer.from(description.vaultId, "hex"), Buffer.from(requestId, "latin1"));
}

function checked<T extends { readonly vaultId: string; readonly requestId: string }>(shape: z.ZodType<T>, payload: unknown, id: string, key: string, description: VaultDescription): T {
  const parsed = shape.safeParse(payload);
  if (!parsed.success) throw damaged(key, "it lacks what a request has", parsed.error);
  if (parsed.data.vaultId !== description.vaultId || parsed.data.requestId !== id) throw damaged(key, "it belongs to another place");
  return parsed.data;
}
