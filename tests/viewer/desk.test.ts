import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair } from "jose";
import { responderId } from "#app/viewer/index.ts";
import { recordRef } from "#app/workflows/view/index.ts";
import { identityFrom } from "#tests/support/vault-kit.ts";
import { CANARY, openSealed, SHOP, Visitor, world, type World } from "./support.ts";

let at: World;
let visitor: Visitor;
beforeEach(async () => {
  at = await world();
  visitor = new Visitor(at);
});
afterEach(async () => { await at.close(); });

const told = (action: string) => at.events.filter((event) => event.action === action);
const CUSTOMER = "gid://shopify/Customer/7001";
async function open(): Promise<string> {
  await visitor.begin();
  return String((await visitor.step("open", { id: CUSTOMER }))["html"]);
}

/** Somebody else who is named, signed in with a browser of their own. They bring no key. */
async function colleague(): Promise<Visitor> {
  const [rita, ben] = ["rita", "ben"].map((account) => responderId(at.provider.issuer, account));
  at.roles = (id) => (id === rita || id === ben ? ["responder"] : []);
  const other = new Visitor(at, "another browser");
  await other.signIn("ben");
  return other;
}

/** Asks, has the second person agree, and carries it out. */
async function agreed(step: "print" | "export", body: object, other?: Visitor): Promise<Record<string, unknown>> {
  const { sheet } = await visitor.step(step, body);
  const decided = await (other ?? (await colleague())).post("decide", { sheet, agree: true });
  expect([decided.status, decided.body["kind"]]).toEqual([200, "done"]);
  return visitor.step(step, { sheet });
}

describe("at the desk", () => {
  test("the browser is asked for exactly the keys that are needed, and unwraps them itself", async () => {
    await visitor.signIn();
    const first = await visitor.post("begin", { purpose: "treatment", case: "" });
    expect((first.body["keys"] as { keyId: string }[]).map(({ keyId }) => keyId)).toEqual([expect.stringMatching(/^index-[0-9a-f]{32}$/)]);
    expect(first.body["recipients"]).toEqual([at.vault.identity.recipient.keyId]);
    await visitor.step("begin", { purpose: "treatment", case: "" });
    expect((await visitor.post("find", { by: "id", value: "7001" })).body["kind"]).toBe("part");
  });

  test("a host that has the index key asks for the records' keys only", async () => {
    const own = await world({ hostKey: true });
    const other = new Visitor(own);
    await other.signIn();
    const { body } = await other.post("begin", { purpose: "treatment", case: "" });
    expect((body["keys"] as { keyId: string }[]).map(({ keyId }) => keyId)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    await own.close();
  });

  test("no step goes before its purpose, and a purpose is one of the list with a number and no name", async () => {
    await visitor.signIn();
    expect((await visitor.post("find", { by: "id", value: "7001" })).body["code"]).toBe("viewer.out_of_order");
    expect((await visitor.post("begin", { purpose: "curiosity", case: "" })).status).toBe(409);
    for (const name of ["Ada Synthetic", "ada@example.com", "1980-02-03", "Müller"]) expect([name, (await visitor.post("begin", { purpose: "treatment", case: name })).status]).toEqual([name, 409]);
    expect(at.events.map(({ action }) => action)).toEqual(["viewer.signed_in"]);
  });

  test.each([["id", "7001"], ["id", CUSTOMER], ["email", `${CANARY}@Example.com`], ["name", `${CANARY.toLowerCase()} synthetic`]])("finds a person by %s %s, masked, and records how and not what", async (by, value) => {
    await visitor.begin();
    const found = await visitor.step("find", { by, value });
    expect(found["html"]).toContain(`data-open="${CUSTOMER}"`);
    expect(found["html"]).toContain("Q••••••");
    expect(found["html"]).not.toContain(CANARY);
    expect(told("record.searched")).toEqual([expect.objectContaining({ subject: expect.objectContaining({ by, shown: 1, purpose: "treatment", case: "INC-7" }) })]);
    expect(JSON.stringify(at.events)).not.toContain("7001");
  });

  test("shows five of many, and never all", async () => {
    await visitor.begin();
    const { html } = await visitor.step("find", { by: "name", value: "Manyof" });
    expect(String(html).match(/data-open=/g)).toHaveLength(5);
    expect(html).toContain("There are more. Only 5 are shown");
    expect((await visitor.step("find", { by: "name", value: "*" }))["html"]).toContain("Nobody was found.");
  });

  test("shows one person with what belongs to them, every value masked", async () => {
    const html = await open();
    expect(html).toContain("health.allergies");
    expect(html).toContain("Order <span");
    expect(html).not.toContain(CANARY);
    expect(html).not.toContain("pollen");
    expect(told("record.viewed")).toEqual([expect.objectContaining({ subject: expect.objectContaining({ records: 3, record: recordRef(at.vault.hostKeys.indexKey, CUSTOMER) }) })]);
  });

  test("three fields of two records make exactly one chain of events that names who, when, which record and which field, and no value (C31)", async () => {
    const html = await open();
    const shown: unknown[] = [];
    for (const label of ["First name", "Note", "health.allergies"]) shown.push((await visitor.step("reveal", { ...Visitor.fieldIn(html, label), why: "treat" }))["value"]);
    expect(shown).toEqual([CANARY, `${CANARY} takes nothing`, `${CANARY} pollen`]);
    const record = recordRef(at.vault.hostKeys.indexKey, CUSTOMER);
    const part = recordRef(at.vault.hostKeys.indexKey, "gid://shopify/Metafield/1");
    const session = at.events[0]?.subject["session"];
    const of = { vault: at.vault.hostKeys.vaultId, shop: SHOP, session, purpose: "treatment", case: "INC-7", why: "treat", record };
    expect(told("record.revealed").map(({ subject }) => subject)).toEqual([{ ...of, field: "Customer.firstName" }, { ...of, field: "Customer.note" }, { ...of, part, field: "Metafield.value" }]);
    expect(new Set(at.events.map(({ actor }) => actor)).size).toBe(1);
    expect(JSON.stringify(at.events)).not.toContain(CANARY);
  });

  test("a reveal that cannot be recorded does not happen, nor does anything else", async () => {
    const html = await open();
    at.full = true;
    for (const [step, body] of [["reveal", { ...Visitor.fieldIn(html, "First name"), why: "treat" }], ["print", { why: "treat" }], ["open", { id: CUSTOMER }], ["find", { by: "id", value: "7001" }]] as const) {
      const answer = await visitor.post(step, body);
      expect([step, answer.status >= 400, JSON.stringify(answer.body).includes(CANARY)]).toEqual([step, true, false]);
    }
  });

  test("takes a reason for each field, and no field that the record does not have", async () => {
    const html = await open();
    const field = Visitor.fieldIn(html, "First name");
    expect((await visitor.post("reveal", { ...field, why: "" })).body["code"]).toBe("viewer.out_of_order");
    expect((await visitor.post("reveal", { record: 0, place: 999, why: "treat" })).status).toBe(409);
    expect((await visitor.post("reveal", { record: -1, place: 0, why: "treat" })).status).toBe(409);
    await visitor.step("close");
    expect((await visitor.post("reveal", { ...field, why: "treat" })).body["code"]).toBe("viewer.out_of_order");
    expect(told("record.revealed")).toEqual([]);
  });

  test("somebody who is taken off the team sees nothing more, and the refusal is recorded", async () => {
    const html = await open();
    at.roles = () => [];
    at.time.advance(31_000);
    expect((await visitor.step("reveal", { ...Visitor.fieldIn(html, "First name"), why: "treat" }))["code"]).toBe("access.not_a_responder");
    expect(told("request.refused")).toEqual([expect.objectContaining({ subject: expect.objectContaining({ asked: "record.reveal", code: "access.not_a_responder" }) })]);
  });

  test("prints what was shown and masks the rest, names each field, and says who, when and why on the sheet", async () => {
    const html = await open();
    await visitor.step("reveal", { ...Visitor.fieldIn(html, "First name"), why: "deliver" });
    const printed = await agreed("print", { why: "deliver" });
    expect(printed["html"]).toContain(`<td>${CANARY}</td>`);
    expect(printed["html"]).not.toContain("takes nothing");
    expect(printed["html"]).toMatch(/<thead>.*sheet [0-9a-f]{16} · printed .* UTC.*By rita SYNTHETIC.*Care of a patient · case INC-7/s);
    expect(told("record.printed").map(({ subject }) => subject)).toEqual([expect.objectContaining({ sheet: printed["sheet"], count: 1, fields: "Customer.firstName", why: "deliver", page: 1, pages: 1, approvedBy: `responder:${responderId(at.provider.issuer, "ben")}` })]);
  });

  test("exports to a named recipient what was shown, or all of it with every field named and drawn for", async () => {
    const pair = await generateKeyPair("ECDH-ES+A256KW", { extractable: true, crv: "P-256" });
    const jwk = (await exportJWK(pair.privateKey)) as { kty: string };
    const { recipient } = await identityFrom(jwk);
    const html = await open();
    expect((await visitor.step("export", { why: "answer", extent: "shown", recipient: recipient.jwk }))["what"]).toContain("No field was shown yet");
    await visitor.step("reveal", { ...Visitor.fieldIn(html, "First name"), why: "answer" });
    const ben = await colleague();
    const some = await agreed("export", { why: "answer", extent: "shown", recipient: recipient.jwk }, ben);
    const lines = (await openSealed(String(some["text"]), jwk)).trimEnd().split("\n").map((line) => JSON.parse(line) as { fields?: Record<string, string>; recipient?: string; by?: string });
    expect(lines[0]).toMatchObject({ recipient: recipient.keyId, purpose: "treatment", why: "answer" });
    expect(lines.slice(1).map(({ fields }) => fields)).toEqual([{ "Customer.firstName": CANARY }]);
    const all = await agreed("export", { why: "answer", extent: "all", recipient: recipient.jwk }, ben);
    expect(await openSealed(String(all["text"]), jwk)).toContain(`${CANARY} pollen`);
    expect(String(all["text"])).not.toContain(CANARY);
    const [first, second] = told("record.exported");
    expect(first?.subject).toMatchObject({ count: 1, fields: "Customer.firstName", recipient: recipient.keyId, approvedBy: `responder:${responderId(at.provider.issuer, "ben")}` });
    expect(String(second?.subject["fields"]).split(" ")).toHaveLength(Number(second?.subject["count"]));
    expect((await visitor.step("export", { why: "answer", extent: "shown", recipient: jwk }))["what"]).toBe("That file is no recipient.");
  });

  describe("a sheet that is to leave it (C51)", () => {
    let html: string;
    let ben: Visitor;
    beforeEach(async () => {
      html = await open();
      ben = await colleague();
      await visitor.step("reveal", { ...Visitor.fieldIn(html, "First name"), why: "deliver" });
    });
    const asks = async (): Promise<string> => String((await visitor.step("print", { why: "deliver" }))["sheet"]);
    const state = async (sheet: string): Promise<unknown> => (await visitor.post("asked", { sheet })).body["state"];

    test("waits for somebody else, who sees who asks, what for, which fields, and no value", async () => {
      const sheet = await asks();
      expect(told("record.printed")).toEqual([]);
      expect(await state(sheet)).toBe("waiting");
      expect((await visitor.step("print", { sheet }))["code"]).toBe("viewer.not_agreed");
      const { body } = await ben.post("pending", {});
      expect(body["sheets"]).toBe(sheet);
      expect(body["html"]).toMatch(/rita SYNTHETIC.*asks to print 1 field of customer 7001.*Care of a patient · case INC-7.*Customer\.firstName/s);
      expect(body["html"]).not.toContain(CANARY);
      expect((await visitor.post("pending", {})).body["sheets"]).toBe("");
    });

    test("cannot be agreed to by whoever asked, in this browser or in another, or by somebody who is not named; the refusals are recorded", async () => {
      const sheet = await asks();
      expect((await visitor.post("decide", { sheet, agree: true })).body["code"]).toBe("access.same_person");
      const elsewhere = new Visitor(at, "her phone");
      await elsewhere.signIn("rita");
      expect((await elsewhere.post("decide", { sheet, agree: true })).body["code"]).toBe("access.same_person");
      at.roles = (id) => (id === responderId(at.provider.issuer, "rita") ? ["responder"] : []);
      at.time.advance(31_000);
      expect((await ben.post("decide", { sheet, agree: true })).body["code"]).toBe("access.not_a_responder");
      expect(await state(sheet)).toBe("waiting");
      expect(told("request.refused").map(({ subject }) => [subject["asked"], subject["code"]])).toEqual([["record.agree", "access.same_person"], ["record.agree", "access.same_person"], ["record.agree", "access.not_a_responder"]]);
      expect((await visitor.step("print", { sheet }))["code"]).toBe("viewer.not_agreed");
    });

    test("may be agreed to by an approver, who opens nothing themselves", async () => {
      const [rita, eva] = ["rita", "eva"].map((account) => responderId(at.provider.issuer, account));
      at.roles = (id) => (id === rita ? ["responder"] : id === eva ? ["approver"] : []);
      const approver = new Visitor(at, "an approver's browser");
      await approver.begin("eva");
      expect((await approver.step("find", { by: "id", value: "7001" }))["code"]).toBe("access.not_a_responder");
      const sheet = await asks();
      expect((await approver.post("decide", { sheet, agree: true })).status).toBe(200);
      expect((await visitor.step("print", { sheet }))["html"]).toContain(CANARY);
    });

    test("is what was agreed to, once, whatever was shown since; the ledger has who asked and who agreed under one number", async () => {
      const sheet = await asks();
      await visitor.step("reveal", { ...Visitor.fieldIn(html, "Note"), why: "deliver" });
      await ben.post("decide", { sheet, agree: true });
      expect(await state(sheet)).toBe("agreed");
      const printed = await visitor.step("print", { sheet });
      expect(printed["html"]).toContain(`<td>${CANARY}</td>`);
      expect(printed["html"]).not.toContain("takes nothing");
      expect((await visitor.step("print", { sheet }))["code"]).toBe("viewer.not_agreed");
      const [rita, by] = ["rita", "ben"].map((account) => `responder:${responderId(at.provider.issuer, account)}`);
      expect(at.events.filter(({ subject }) => subject["sheet"] === sheet).map(({ action, actor }) => [action, actor])).toEqual([["record.export_asked", rita], ["record.export_agreed", by], ["record.printed", rita]]);
    });

    test("does not become another: an agreement to paper is none to a file, and another session has none", async () => {
      const sheet = await asks();
      await ben.post("decide", { sheet, agree: true });
      expect((await visitor.step("export", { sheet }))["kind"]).toBe("problem");
      const elsewhere = new Visitor(at, "her phone");
      await elsewhere.begin();
      await elsewhere.step("open", { id: CUSTOMER });
      expect((await elsewhere.step("print", { sheet }))["code"]).toBe("viewer.not_agreed");
      expect(told("record.exported")).toEqual([]);
    });

    test("can be refused, and is over when the record is closed or a quarter of an hour has passed", async () => {
      const first = await asks();
      await ben.post("decide", { sheet: first, agree: false });
      expect(await state(first)).toBe("refused");
      expect(told("record.export_refused")).toHaveLength(1);
      const next = await asks();
      await visitor.step("close");
      expect(await state(next)).toBe("over");
      expect((await ben.post("decide", { sheet: next, agree: true })).body["code"]).toBe("viewer.not_agreed");
      await visitor.step("open", { id: CUSTOMER });
      await visitor.step("reveal", { ...Visitor.fieldIn(html, "First name"), why: "deliver" });
      const last = await asks();
      for (let n = 0; n < 4; n++) {
        at.time.advance(4 * 60_000);
        await visitor.step("stay");
        await ben.step("stay");
      }
      expect((await ben.post("decide", { sheet: last, agree: true })).body["code"]).toBe("viewer.not_agreed");
    });

    test("is not agreed to when that cannot be recorded", async () => {
      const sheet = await asks();
      at.full = true;
      expect((await ben.post("decide", { sheet, agree: true })).status).toBeGreaterThanOrEqual(400);
      at.full = false;
      expect(await state(sheet)).toBe("waiting");
    });

    test("asking how it stands keeps nobody signed in", async () => {
      const sheet = await asks();
      for (let n = 0; n < 3; n++) {
        at.time.advance(2 * 60_000);
        await visitor.post("asked", { sheet });
        await visitor.post("pending", {});
      }
      expect((await visitor.post("pending", {})).status).toBe(401);
    });
  });

  test("whoever reads too much waits, then is suspended with an alert, and stays so in another session (C50)", async () => {
    const html = await open();
    const field = Visitor.fieldIn(html, "First name");
    const statuses: number[] = [];
    for (let n = 0; n < 200 && statuses.at(-1) !== 401; n++) statuses.push((await visitor.post("reveal", { ...field, why: "treat" })).status);
    const granted = statuses.filter((status) => status === 200).length;
    expect([granted, statuses.filter((status) => status === 429).length, statuses.at(-1)]).toEqual([115, 9, 401]);
    expect(told("record.revealed")).toHaveLength(granted);
    expect(at.suspended).toHaveLength(1);
    expect(told("viewer.suspended")).toEqual([expect.objectContaining({ subject: expect.objectContaining({ code: "viewer.read_budget", reads: 120 }) })]);
    const again = new Visitor(at);
    expect((await again.signIn()).status).toBe(403);
    at.time.advance(60 * 60_000);
    expect((await new Visitor(at).signIn()).status).toBe(200);
  });

  test("keys that do not fit open nothing and are told as such", async () => {
    await visitor.signIn();
    const { body } = await visitor.post("begin", { purpose: "treatment", case: "" });
    const [index] = body["keys"] as { keyId: string }[];
    expect((await visitor.post("keys", { keys: { [index!.keyId]: Buffer.alloc(32, 7).toString("base64url") } })).status).toBe(200);
    const found = await visitor.post("find", { by: "id", value: "7001" });
    expect([found.status, found.body["code"]]).toEqual([409, "viewer.damaged"]);
    expect(told("record.searched")).toEqual([]);
    for (const bad of [{ "../x": "A".repeat(43) }, { [index!.keyId]: "short" }, { [index!.keyId]: 7 }]) expect((await visitor.post("keys", { keys: bad })).status).toBe(409);
  });

  test("nothing of a person is in an address, a log line, an event or a cookie", async () => {
    const html = await open();
    await visitor.step("find", { by: "email", value: `${CANARY}@example.com` });
    await visitor.step("open", { id: CUSTOMER });
    await visitor.step("reveal", { ...Visitor.fieldIn(html, "Note"), why: "treat" });
    await agreed("print", { why: "treat" });
    const outputs = [visitor.addresses.join("\n"), at.logs.join("\n"), JSON.stringify(at.events), JSON.stringify([...visitor.cookies])].join("\n");
    expect(outputs).not.toContain(CANARY);
    expect(outputs).not.toMatch(/Customer\/7001|rita|pollen|example\.com/i);
    expect(at.logs.length).toBeGreaterThan(5);
  });
});
