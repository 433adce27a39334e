/**
 * A strict verifier of AWS Signature Version 4, written from its description (docs.aws.amazon.com/IAM, "Create a signed AWS API request"), sharing
 * nothing with the SDK that signs. Answers null for a good signature, else the error AWS gives.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Expected {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
  /** Headers that must be among the signed ones. */
  readonly signedHeaders: readonly string[];
  readonly now: Date;
}

const AUTHORIZATION = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const FIVE_MINUTES = 5 * 60_000;

export function signatureFault(request: SignedRequest, expected: Expected): "MissingAuthenticationTokenException" | "IncompleteSignature" | "UnrecognizedClientException" | "InvalidSignatureException" | null {
  const authorization = request.headers["authorization"];
  if (authorization === undefined) return "MissingAuthenticationTokenException";
  const match = AUTHORIZATION.exec(authorization);
  const date = request.headers["x-amz-date"];
  if (match === null || typeof date !== "string" || !/^\d{8}T\d{6}Z$/.test(date)) return "IncompleteSignature";
  const [, accessKeyId, day, region, service, signed, signature] = match as unknown as [string, string, string, string, string, string, string];
  if (accessKeyId !== expected.accessKeyId) return "UnrecognizedClientException";
  const names = signed.split(";");
  if (names.join() !== [...names].sort().join() || !expected.signedHeaders.every((name) => names.includes(name))) return "IncompleteSignature";
  if (day !== date.slice(0, 8) || region !== expected.region || service !== expected.service) return "InvalidSignatureException";
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Math.abs(at - expected.now.getTime()) > FIVE_MINUTES) return "InvalidSignatureException";

  const [path, query = ""] = request.path.split("?");
  const header = (name: string): string => String(request.headers[name] ?? "").trim().replace(/ +/g, " ");
  const canonical = [request.method, path, query.split("&").sort().join("&"), ...names.map((name) => `${name}:${header(name)}`), "", signed, sha256(request.body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(Buffer.from(canonical))].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${expected.secretAccessKey}`));
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex")) ? null : "InvalidSignatureException";
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}
