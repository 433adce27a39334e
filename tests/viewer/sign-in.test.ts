import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Lie } from "#tests/support/servers/lying-provider.ts";
import { SHOP, Visitor, world, type World } from "./support.ts";

let at: World;
beforeAll(async () => { at = await world(); });
afterAll(async () => { await at.close(); });
beforeEach(() => {
  at.provider.lie = "none";
  at.full = false;
  at.events.length = 0;
  at.logs.length = 0;
});

const hasSession = (visitor: Visitor): boolean => [...visitor.cookies.keys()].some((name) => name.endsWith("session"));

describe("signing in", () => {
  test("goes to the provider with PKCE, state and nonce, and comes back with a session that a script cannot read", async () => {
    const visitor = new Visitor(at);
    const sent = await visitor.get(`/s/${SHOP}/sign-in`);
    const asked = new URL(String(sent.headers["location"])).searchParams;
    expect([asked.get("response_type"), asked.get("code_challenge_method"), asked.get("prompt"), asked.get("redirect_uri")]).toEqual(["code", "S256", "login", `${at.url}/callback`]);
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked.get(name)?.length).toBeGreaterThanOrEqual(43);
    const back = new URL(at.provider.authorize(String(sent.headers["location"]), "rita"));
    const answer = await visitor.get(`${back.pathname}${back.search}`);
    expect(answer.status).toBe(200);
    const cookie = (answer.headers["set-cookie"] as string[]).find((line) => line.includes("session="));
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax$/);
    expect(cookie).toContain("Path=/");
    expect((await visitor.get("/desk")).status).toBe(200);
    expect(at.events).toEqual([expect.objectContaining({ action: "viewer.signed_in", subject: expect.objectContaining({ shop: SHOP, roster: 1 }) })]);
  });

  const LIES: readonly Lie[] = ["wrong-nonce", "no-nonce", "wrong-audience", "other-audience-too", "expired", "not-yet", "other-issuer", "alg-none", "hmac-with-public-key", "unknown-key", "no-subject", "error-from-token-endpoint"];
  test.each(LIES)("refuses an ID token that lies (%s), and repeats nothing of it", async (lie) => {
    const visitor = new Visitor(at);
    const back = await visitor.atProvider();
    at.provider.lie = lie;
    const answer = await visitor.get(back);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("That sign-in does not belong to this browser");
    expect(answer.text + at.logs.join("")).not.toMatch(/canary-of-the-provider|rita|another-client/);
    expect(hasSession(visitor)).toBe(false);
    expect(at.events).toEqual([]);
  });

  test("refuses a forged state before it asks the provider anything", async () => {
    const visitor = new Visitor(at);
    const back = await visitor.atProvider();
    const before = at.provider.redeemed;
    const answer = await visitor.get(back.replace(/state=[^&]+/, "state=forged"));
    expect([answer.status, at.provider.redeemed, hasSession(visitor)]).toEqual([400, before, false]);
  });

  test("takes a code once: the same way back again is refused, and so is a second login's with the first one's cookie", async () => {
    const visitor = new Visitor(at);
    const back = await visitor.atProvider();
    const cookies = new Map(visitor.cookies);
    expect((await visitor.get(back)).status).toBe(200);
    expect((await visitor.get(back)).status).toBe(400);
    for (const [name, value] of cookies) visitor.cookies.set(name, value);
    expect((await visitor.get(back)).status).toBe(400);
  });

  test("refuses a way back that was begun in another browser, so that nobody is signed in as somebody else", async () => {
    const [victim, thief] = [new Visitor(at), new Visitor(at)];
    const back = await thief.atProvider();
    await victim.atProvider();
    expect((await victim.get(back)).status).toBe(400);
    expect((await new Visitor(at).get(back)).status).toBe(400);
    expect(hasSession(victim)).toBe(false);
  });

  test("tells a refusal of the provider from a fault, without repeating its words", async () => {
    const visitor = new Visitor(at);
    const state = new URL(`http://x${await visitor.atProvider()}`).searchParams.get("state") ?? "";
    const answer = await visitor.get(`/callback?error=access_denied&error_description=%3Cscript%3Ecanary&state=${state}`);
    expect([answer.status, answer.text.includes("did not sign you in"), answer.text.includes("canary")]).toEqual([400, true, false]);
  });

  test("gives up a login that took longer than ten minutes", async () => {
    const visitor = new Visitor(at);
    const back = await visitor.atProvider();
    at.time.advance(10 * 60_000);
    expect((await visitor.get(back)).status).toBe(400);
  });

  test("shows somebody who is not named their code, leaves word, records it, and opens nothing", async () => {
    const visitor = new Visitor(at);
    const answer = await visitor.signIn("mallory");
    expect([answer.status, hasSession(visitor)]).toEqual([403, false]);
    const code = /class="code"[^>]*>([A-Za-z0-9_-]{43})</.exec(answer.text)?.[1] ?? "";
    expect(at.asked).toContain(code);
    expect(at.events).toEqual([expect.objectContaining({ actor: `responder:${code}`, action: "request.refused", outcome: "refused", subject: expect.objectContaining({ code: "access.not_a_responder" }) })]);
    expect((await visitor.get("/desk")).status).toBe(303);
  });

  test("lets nobody in whose signing in cannot be recorded", async () => {
    const visitor = new Visitor(at);
    const back = await visitor.atProvider();
    at.full = true;
    const answer = await visitor.get(back);
    expect([answer.status, hasSession(visitor)]).toEqual([500, false]);
  });

  test("goes on without the provider once somebody is in, and signs in again when it is back", async () => {
    const visitor = new Visitor(at);
    await visitor.signIn();
    const { port } = at.provider;
    await at.provider.stop();
    expect((await visitor.post("stay", {})).body["kind"]).toBe("done");
    const other = new Visitor(at);
    // What was discovered is kept: the browser is sent on, and the provider itself is what does not answer.
    expect((await other.get(`/s/${SHOP}/sign-in`)).status).toBe(303);
    const back = await other.atProvider();
    expect((await other.get(back)).status).toBe(503);
    await at.provider.listen(port);
    expect((await new Visitor(at).signIn()).status).toBe(200);
  });
});

describe("what a stranger tries", () => {
  test.each(["/s/../../etc/passwd", "/s/%2e%2e%2fsecret", "/assets/..%2f..%2fpackage.json", "/assets/../server.ts", "//evil.example/s", "/desk/../../x", "/s/other-synthetic.myshopify.com", "/s/a%0d%0aSet-Cookie:x=1", "/s/%00", "/constructor", "/desk/__proto__"])("finds nothing at %s", async (path) => {
    const answer = await new Visitor(at).get(path);
    expect([303, 400, 403, 404].includes(answer.status)).toBe(true);
    expect(answer.headers["set-cookie"] ?? []).not.toContainEqual(expect.stringContaining("x=1"));
    expect(answer.text).not.toMatch(/root:|"dependencies"|process\.env/);
    if (answer.status === 303) expect(String(answer.headers["location"])).toMatch(/^\/signed-off\?why=[a-z_]+$/);
  });

  test("is not sent anywhere else from here", async () => {
    const visitor = new Visitor(at);
    for (const path of ["/signed-off?why=//evil.example", "/signed-off?why=https://evil.example", "/?to=//evil.example", "/callback?code=x&state=y&redirect_uri=https://evil.example"]) {
      const answer = await visitor.get(path);
      expect(`${String(answer.headers["location"] ?? "")}${answer.text}`).not.toContain("evil.example");
    }
  });

  test("reaches nothing under another name (DNS rebinding)", async () => {
    const answer = await new Visitor(at).ask("GET", "/", { headers: { host: "evil.example" } });
    expect(answer.status).toBe(421);
  });

  test("sees on every answer that nothing is kept, framed, sniffed, or run but our own script", async () => {
    const visitor = new Visitor(at);
    await visitor.signIn();
    for (const path of ["/", `/s/${SHOP}`, "/desk", "/assets/desk.js", "/assets/viewer.css", "/nowhere", "/signed-off"]) {
      const { headers } = await visitor.get(path);
      expect([path, headers["cache-control"]]).toEqual([path, "no-store"]);
      expect(headers["content-security-policy"]).toContain("script-src 'self'");
      expect(headers["content-security-policy"]).not.toMatch(/unsafe-inline|unsafe-eval/);
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect([headers["x-content-type-options"], headers["referrer-policy"], headers["x-powered-by"], headers["access-control-allow-origin"]]).toEqual(["nosniff", "same-origin", undefined, undefined]);
    }
  });

  test("cannot make a person's browser do a step: neither without our origin, nor without the session's token", async () => {
    const visitor = new Visitor(at);
    await visitor.signIn();
    const forged: readonly Record<string, string>[] = [
      { origin: "https://evil.example" }, { origin: "null" }, { origin: "" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { "x-holdfast-token": "" }, { "x-holdfast-token": "guessed" },
    ];
    for (const headers of forged) expect([JSON.stringify(headers), (await visitor.post("stay", {}, headers)).status]).toEqual([JSON.stringify(headers), 403]);
    expect((await visitor.post("stay", {})).status).toBe(200);
    // A form of another page can send text, not JSON, and no header of ours.
    expect((await visitor.ask("POST", "/desk/find", { headers: { origin: at.url, "content-type": "text/plain", "x-holdfast-token": visitor.token }, body: "{}" })).status).toBe(409);
    expect((await visitor.ask("POST", "/sign-off", { headers: { origin: "https://evil.example", "content-type": "application/x-www-form-urlencoded" }, body: "token=x" })).status).toBe(403);
    expect((await visitor.get("/desk")).status).toBe(200);
  });

  test("who stole a cookie ends the session by using it from another browser, and gets no further with another session's token", async () => {
    const [one, two] = [new Visitor(at), new Visitor(at)];
    await one.signIn();
    await two.signIn();
    const own = one.token;
    one.token = two.token;
    expect((await one.post("stay", {})).status).toBe(403);
    one.token = own;
    const thief = new Visitor(at, "another browser");
    for (const [name, value] of one.cookies) thief.cookies.set(name, value);
    thief.token = own;
    expect((await thief.post("stay", {})).status).toBe(401);
    expect((await one.post("stay", {})).status).toBe(401);
    expect(at.events.map(({ action, subject }) => [action, subject["code"]])).toContainEqual(["viewer.signed_out", "viewer.other_browser"]);
    expect((await two.post("stay", {})).status).toBe(200);
  });

  test("finds no use in two cookies of one name, or in one that is no value of ours", async () => {
    const visitor = new Visitor(at);
    await visitor.signIn();
    const [name = "", value = ""] = [...visitor.cookies].find(([key]) => key.endsWith("session")) ?? [];
    for (const cookie of [`${name}=planted; ${name}=${value}`, `${name}=${value}%00`, `${name}=`, `${name}=${value.toLowerCase()}`]) {
      expect((await visitor.ask("GET", "/desk", { headers: { cookie } })).status).toBe(303);
    }
  });
});

describe("a session", () => {
  test("ends after five minutes without use, after an hour whatever is done, and when the person signs off", async () => {
    const idle = new Visitor(at);
    await idle.signIn();
    at.time.advance(5 * 60_000 - 1);
    expect((await idle.post("stay", {})).status).toBe(200);
    at.time.advance(5 * 60_000);
    expect((await idle.post("stay", {})).body).toEqual({ kind: "ended", to: "/signed-off?why=idle" });

    const busy = new Visitor(at);
    await busy.signIn();
    for (let minutes = 0; minutes < 56; minutes += 4) {
      at.time.advance(4 * 60_000);
      expect((await busy.post("stay", {})).status).toBe(200);
    }
    at.time.advance(4 * 60_000);
    expect((await busy.post("stay", {})).body).toEqual({ kind: "ended", to: "/signed-off?why=too_long" });

    const off = new Visitor(at);
    await off.signIn();
    const cookies = new Map(off.cookies);
    const answer = await off.ask("POST", "/sign-off", { headers: { origin: at.url, "content-type": "application/x-www-form-urlencoded" }, body: `token=${off.token}` });
    expect(answer.text).toContain("You have signed off.");
    expect(answer.text).toContain(`${at.provider.issuer}/end?`);
    for (const [name, value] of cookies) off.cookies.set(name, value);
    expect((await off.post("stay", {})).status).toBe(401);
    // Sessions of the tests before ended meanwhile, too.
    expect([...new Set(at.events.filter(({ action }) => action === "viewer.signed_out").map(({ subject }) => subject["code"]))]).toEqual(["viewer.idle", "viewer.too_long", "viewer.signed_off"]);
  });
});
