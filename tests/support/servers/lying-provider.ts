/** An identity provider that says whatever a test wants it to: codes that are good once and only with their PKCE verifier, and ID tokens that were tampered with. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey as JoseKey, type JWK } from "jose";

export type Lie =
  | "none" | "wrong-nonce" | "no-nonce" | "wrong-audience" | "other-audience-too" | "expired" | "not-yet" | "other-issuer" | "alg-none" | "hmac-with-public-key" | "unknown-key" | "no-subject" | "error-from-token-endpoint";

export class LyingProvider {
  readonly clientId = "holdfast-viewer";
  lie: Lie = "none";
  /** Requests to the token endpoint. */
  redeemed = 0;
  #server: Server | null = null;
  #key!: JoseKey;
  #other!: JoseKey;
  #public!: JWK;
  #codes = new Map<string, { readonly nonce: string; readonly challenge: string; readonly account: string; readonly groups: readonly string[] }>();
  issuer = "";

  async start(): Promise<void> {
    const [own, other] = await Promise.all([generateKeyPair("RS256", { extractable: true }), generateKeyPair("RS256", { extractable: true })]);
    this.#key = own.privateKey;
    this.#other = other.privateKey;
    this.#public = { ...(await exportJWK(own.publicKey)), kid: "one", use: "sig", alg: "RS256" };
    await this.listen(0);
  }

  async listen(port: number): Promise<void> {
    this.#server = createServer((request, response) => { void this.#answer(request, response); });
    await new Promise((resolve) => this.#server?.listen(port, "127.0.0.1", () => { resolve(null); }));
    this.issuer = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  get port(): number {
    return Number(new URL(this.issuer).port);
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server === null ? resolve(null) : this.#server.close(resolve)));
    this.#server = null;
  }

  /** Signs somebody in to what the browser was sent here with; answers where it is sent back to. */
  authorize(url: string, account: string, groups: readonly string[] = []): string {
    const asked = new URL(url).searchParams;
    const code = randomBytes(16).toString("base64url");
    this.#codes.set(code, { nonce: asked.get("nonce") ?? "", challenge: asked.get("code_challenge") ?? "", account, groups });
    const back = new URL(asked.get("redirect_uri") ?? "");
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state") ?? "");
    return back.href;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (value: unknown, status = 200): void => { response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value)); };
    const path = (request.url ?? "").split("?")[0];
    if (path === "/.well-known/openid-configuration") {
      json({ issuer: this.issuer, authorization_endpoint: `${this.issuer}/auth`, token_endpoint: `${this.issuer}/token`, jwks_uri: `${this.issuer}/jwks`, end_session_endpoint: `${this.issuer}/end`, response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"], code_challenge_methods_supported: ["S256"] });
    } else if (path === "/jwks") {
      json({ keys: [this.#public] });
    } else if (path === "/token") {
      this.redeemed++;
      const asked = new URLSearchParams(await text(request));
      const code = asked.get("code") ?? "";
      const kept = this.#codes.get(code);
      this.#codes.delete(code);
      const challenge = createHash("sha256").update(asked.get("code_verifier") ?? "").digest("base64url");
      if (kept === undefined || kept.challenge !== challenge || this.lie === "error-from-token-endpoint") json({ error: "invalid_grant", error_description: "canary-of-the-provider" }, 400);
      else json({ access_token: "synthetic", token_type: "Bearer", expires_in: 60, id_token: await this.#token(kept) });
    } else json({}, 404);
  }

  async #token({ nonce, account, groups }: { nonce: string; account: string; groups: readonly string[] }): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.lie === "other-issuer" ? "https://elsewhere.example" : this.issuer,
      ...(this.lie === "no-subject" ? {} : { sub: account }),
      aud: this.lie === "wrong-audience" ? "another-client" : this.lie === "other-audience-too" ? [this.clientId, "another-client"] : this.clientId,
      exp: this.lie === "expired" ? now - 3600 : now + 300,
      iat: this.lie === "expired" ? now - 7200 : now,
      ...(this.lie === "not-yet" ? { nbf: now + 3600 } : {}),
      ...(this.lie === "no-nonce" ? {} : { nonce: this.lie === "wrong-nonce" ? "another" : nonce }),
      name: `${account} SYNTHETIC`,
      groups,
    };
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    if (this.lie === "alg-none") return `${part({ alg: "none" })}.${part(claims)}.`;
    if (this.lie === "hmac-with-public-key") {
      const body = `${part({ alg: "HS256", kid: "one" })}.${part(claims)}`;
      return `${body}.${createHmac("sha256", String(this.#public.n)).update(body).digest("base64url")}`;
    }
    return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(this.lie === "unknown-key" ? this.#other : this.#key);
  }
}

function text(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let all = "";
    request.on("data", (chunk: Buffer) => { all += chunk.toString("utf8"); });
    request.on("end", () => { resolve(all); });
  });
}
