/** A real OpenID Connect provider on loopback (oidc-provider), with a login page that takes any name, and people who are in groups. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

export interface OidcServer {
  readonly issuer: string;
  /** Whom it signed in, in order. */
  readonly signedIn: string[];
  close(): Promise<void>;
  /** Stops answering, and answers again. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export interface OidcOptions {
  readonly redirectUris: readonly string[];
  readonly clientId?: string;
  /** A confidential client's; absent: a public one. */
  readonly secret?: string;
  /** Groups by account. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

export async function startOidc({ redirectUris, clientId = "holdfast-viewer", secret, groups = {} }: OidcOptions): Promise<OidcServer> {
  const port = await freePort();
  const issuer = `http://localhost:${String(port)}`;
  const pair = await generateKeyPair("RS256", { extractable: true });
  const signedIn: string[] = [];
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: redirectUris.map((uri) => `${new URL(uri).origin}/`),
        response_types: ["code"],
        grant_types: ["authorization_code"],
        ...(secret === undefined ? { token_endpoint_auth_method: "none" as const } : { client_secret: secret, token_endpoint_auth_method: "client_secret_post" as const }),
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(pair.privateKey)), use: "sig", alg: "RS256", kid: "synthetic" }] },
    cookies: { keys: ["synthetic cookie key"] },
    claims: { openid: ["sub"], profile: ["name", "groups"] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: `${id.charAt(0).toUpperCase()}${id.slice(1)} SYNTHETIC`, groups: [...(groups[id] ?? [])] }) }),
    // Everything that is asked for is granted: consent is another page, and not what is tried here.
    loadExistingGrant: async (context) => {
      const { client, session, provider: of } = context.oidc as unknown as { client: { clientId: string }; session: { accountId: string }; provider: Provider };
      const grant = new of.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    const login = /^\/login\/([^/?]+)$/.exec(context.path);
    if (login === null) return next();
    if (context.method === "GET") {
      context.type = "html";
      context.body = `<!doctype html><html lang="en"><title>Synthetic sign-in</title><main><h1>Synthetic sign-in</h1><form method="post"><label>Account <input name="account" required></label> <button>Sign in</button></form></main></html>`;
      return;
    }
    const account = new URLSearchParams(await bodyOf(context.req)).get("account") ?? "";
    signedIn.push(account);
    await provider.interactionFinished(context.req, context.res, { login: { accountId: account } }, { mergeWithLastSubmission: false });
    context.respond = false;
  });
  const listen = (): Promise<Server> =>
    new Promise((resolve) => {
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      const server = createServer(provider.callback()).listen(port, "localhost", () => { resolve(server); });
    });
  let server: Server | null = await listen();
  const stop = async (): Promise<void> => {
    const running = server;
    server = null;
    running?.closeAllConnections();
    await new Promise((resolve) => (running === null ? resolve(null) : running.close(resolve)));
  };
  return { issuer, signedIn, close: stop, pause: stop, resume: async () => { server = await listen(); } };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "localhost", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => { resolve(port); });
    });
  });
}

function bodyOf(request: import("node:http").IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    request.on("data", (chunk: Buffer) => { text += chunk.toString("utf8"); });
    request.on("end", () => { resolve(text); });
    request.on("error", reject);
  });
}
