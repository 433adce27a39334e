/** A key service opens the records while it answers; whoever holds an identity goes on without it, in the same session. */
import { afterEach, expect, test } from "@jest/globals";
import { CANARY, Visitor, world, type World } from "./support.ts";

let at: World;
afterEach(async () => { await at.close(); });
const CUSTOMER = "gid://shopify/Customer/7001";
const purpose = { purpose: "treatment", case: "INC-7" };

async function shownName(visitor: Visitor): Promise<unknown> {
  const { html } = await visitor.step("open", { id: CUSTOMER });
  return (await visitor.step("reveal", { ...Visitor.fieldIn(String(html), "First name"), why: "treat" }))["value"];
}

test("while it answers no key is asked of the browser, and the page offers an identity all the same", async () => {
  at = await world({ keyService: "there" });
  const visitor = new Visitor(at);
  await visitor.signIn();
  const { text } = await visitor.get("/desk");
  expect(text).toContain("Use an identity file instead");
  expect(text).toMatch(/<div id="identity-rows" class="stack" hidden>/);
  expect(/<input id="identity"[^>]*>/.exec(text)?.[0]).not.toContain("required");
  expect((await visitor.post("begin", purpose)).body["kind"]).toBe("done");
  expect(await shownName(visitor)).toBe(CANARY);
  // Keys that nobody asked for are not taken.
  expect((await visitor.post("keys", { keys: {} })).status).toBe(409);
});

test("when it stops answering the page says so, and an identity shows the record in the same session", async () => {
  at = await world({ keyService: "there" });
  const visitor = new Visitor(at);
  await visitor.signIn();
  at.service = "throws";
  const failed = await visitor.post("begin", purpose);
  expect([failed.status, failed.body["code"]]).toEqual([409, "viewer.key_service_away"]);
  expect(failed.body["next"]).toContain("identity file");
  const first = await visitor.post("begin", { ...purpose, identity: true });
  expect(first.body["kind"]).toBe("needs");
  expect((await visitor.step("begin", { ...purpose, identity: true }))["kind"]).toBe("done");
  expect(await shownName(visitor)).toBe(CANARY);
  expect(at.events.map(({ action }) => action)).toEqual(["viewer.signed_in", "record.viewed", "record.revealed"]);
});

test("when it was away from the start an identity is asked for, and that it is away is said", async () => {
  at = await world({ keyService: "away" });
  const visitor = new Visitor(at);
  await visitor.signIn();
  const { text } = await visitor.get("/desk");
  expect(text).toContain("The key service does not answer. Go on with an identity file.");
  expect(text).not.toContain("Use an identity file instead");
  expect(/<input id="identity"[^>]*>/.exec(text)?.[0]).toContain("required");
  await visitor.step("begin", purpose);
  expect(await shownName(visitor)).toBe(CANARY);
});

test("who is no longer named is answered 403, and it is recorded", async () => {
  at = await world();
  const visitor = new Visitor(at);
  await visitor.begin();
  at.roles = () => [];
  at.time.advance(31_000);
  const refused = await visitor.post("find", { by: "id", value: "7001" });
  expect([refused.status, refused.body["code"]]).toEqual([403, "access.not_a_responder"]);
  expect(at.events.at(-1)).toMatchObject({ action: "request.refused", subject: { asked: "record.find", code: "access.not_a_responder" } });
});
