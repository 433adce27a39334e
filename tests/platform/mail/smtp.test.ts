import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { smtpSender } from "#app/platform/mail/smtp.ts";
import { Secret } from "#app/platform/secrets/secret.ts";
import { localCertificate } from "./certificate.ts";

let certificate = { key: "", cert: "" };
beforeAll(() => {
  certificate = localCertificate();
});
let server: SMTPServer | undefined;
afterEach(async () => {
  await new Promise<void>((done) => (server === undefined ? done() : server.close(() => { done(); })));
  server = undefined;
});

interface Got {
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly to: readonly string[];
  readonly text: string;
}

/** A mail server on this machine, as strict as told. */
async function start(options: SMTPServerOptions = {}): Promise<{ readonly port: number; readonly got: Got[] }> {
  const got: Got[] = [];
  const made = new SMTPServer({
    ...certificate,
    logger: false,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) => { done(username === "holdfast" && password === "pass word" ? null : new Error("535 no"), { user: username }); },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        got.push({ secure: session.secure, user: session.user as unknown as string | undefined, to: session.envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(parts).toString() });
        done();
      });
    },
    ...options,
  });
  made.on("error", () => undefined);
  server = made;
  const port = await new Promise<number>((resolve) => {
    const listening = made.listen(0, "127.0.0.1", () => { resolve((listening.address() as { port: number }).port); });
  });
  return { port, got };
}

const MESSAGE = { subject: "[Holdfast] Test: ärger", text: "Store: a.myshopify.com\n\n.A line with a dot.", slack: { text: "", blocks: [] } };
const sender = (port: number, o: { readonly url?: string; readonly ca?: string } = {}) =>
  smtpSender({ url: new Secret(o.url ?? `smtp://holdfast:pass%20word@localhost:${port}`), from: "Holdfast <alerts@holdfast.example>", timeoutMs: 2_000, ca: o.ca ?? certificate.cert });

describe("e-mail", () => {
  it("goes by STARTTLS with the user's password, to all recipients, as it was written", async () => {
    const { port, got } = await start();
    expect(await sender(port)(["a@clinic.example", "b@clinic.example"], MESSAGE)).toEqual({ kind: "sent" });
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({ secure: true, user: "holdfast", to: ["a@clinic.example", "b@clinic.example"] });
    expect(got[0]?.text).toMatch(/^From: Holdfast <alerts@holdfast\.example>/m);
    expect(got[0]?.text).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(got[0]?.text).toContain("A line with a dot.");
  });

  it("never gives a password to a server that offers no TLS, and never to one whose certificate is not good", async () => {
    let asked = 0;
    const { port } = await start({ disabledCommands: ["STARTTLS"], allowInsecureAuth: true, onAuth: (_auth, _session, done) => { asked++; done(null, { user: "x" }); } });
    expect(await sender(port)(["a@clinic.example"], MESSAGE)).toMatchObject({ kind: "failed", retry: "later" });
    await new Promise<void>((done) => server?.close(() => { done(); }));
    const other = await start({ onAuth: (_auth, _session, done) => { asked++; done(null, { user: "x" }); } });
    expect(await sender(other.port, { ca: localCertificate().cert })(["a@clinic.example"], MESSAGE)).toMatchObject({ kind: "failed", retry: "later" });
    expect(asked).toBe(0);
  });

  it("takes another password for an outcome that an operator can mend", async () => {
    const { port, got } = await start();
    expect(await sender(port, { url: `smtp://holdfast:wrong@localhost:${port}` })(["a@clinic.example"], MESSAGE)).toEqual({ kind: "failed", code: "delivery.refused", retry: "never" });
    expect(got).toEqual([]);
  });

  it("is sent when one of the recipients is refused, and is refused when all are", async () => {
    const { port, got } = await start({ onRcptTo: ({ address }, _session, done) => { done(address.startsWith("gone") ? Object.assign(new Error("no such user"), { responseCode: 550 }) : null); } });
    expect(await sender(port)(["gone@clinic.example", "b@clinic.example"], MESSAGE)).toEqual({ kind: "sent" });
    expect(got[0]?.to).toEqual(["b@clinic.example"]);
    expect(await sender(port)(["gone@clinic.example"], MESSAGE)).toEqual({ kind: "failed", code: "delivery.refused", retry: "never" });
  });

  it("is tried again when the server is busy or away", async () => {
    const { port } = await start({ onMailFrom: (_address, _session, done) => { done(Object.assign(new Error("later"), { responseCode: 451 })); } });
    expect(await sender(port)(["a@clinic.example"], MESSAGE)).toEqual({ kind: "failed", code: "delivery.busy", retry: "later" });
    await new Promise<void>((done) => server?.close(() => { done(); }));
    server = undefined;
    expect(await sender(port)(["a@clinic.example"], MESSAGE)).toEqual({ kind: "failed", code: "delivery.unreachable", retry: "later" });
  });
});
