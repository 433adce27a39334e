import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { isPrivateAddress } from "#app/platform/http/public-address.ts";
import { webhookSender } from "#app/platform/mail/webhook.ts";
import { localCertificate } from "./certificate.ts";

let certificate = { key: "", cert: "" };
beforeAll(() => {
  certificate = localCertificate();
});
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const MESSAGE = { subject: "s", text: "t", slack: { text: "Something <is> wrong", blocks: [{ type: "section", text: { type: "mrkdwn", text: "*Critical*" } }] } };

async function start(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ readonly url: string; readonly bodies: string[]; readonly asked: () => number }> {
  const bodies: string[] = [];
  let asked = 0;
  server = createServer(certificate, (request, response) => {
    asked++;
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      bodies.push(Buffer.concat(parts).toString());
      answer(request, response);
    });
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", () => { done(); }));
  return { url: `https://localhost:${(server.address() as { port: number }).port}/services/T/B/x`, bodies, asked: () => asked };
}

const local = () => webhookSender({ allowPrivate: true, ca: certificate.cert, timeoutMs: 1_000 });

describe("a webhook", () => {
  it("is given JSON as Slack takes it", async () => {
    const { url, bodies } = await start((request, response) => { response.writeHead(request.headers["content-type"]?.startsWith("application/json") === true ? 200 : 400).end("ok"); });
    expect(await local()(url, MESSAGE)).toEqual({ kind: "sent" });
    expect(JSON.parse(bodies[0]!)).toEqual({ text: MESSAGE.slack.text, blocks: MESSAGE.slack.blocks });
  });

  it.each([[400, "delivery.refused", "never"], [404, "delivery.refused", "never"], [410, "delivery.refused", "never"], [429, "delivery.busy", "later"], [500, "delivery.unreachable", "later"], [503, "delivery.unreachable", "later"]])("that answers %d is %s", async (status, code, retry) => {
    const { url } = await start((_request, response) => { response.writeHead(status).end(); });
    expect(await local()(url, MESSAGE)).toEqual({ kind: "failed", code, retry });
  });

  it("is not followed elsewhere", async () => {
    const { url, asked } = await start((_request, response) => { response.writeHead(302, { Location: url }).end(); });
    expect(await local()(url, MESSAGE)).toEqual({ kind: "failed", code: "delivery.refused", retry: "never" });
    expect(asked()).toBe(1);
  });

  it("is not waited for without end, nor read without end", async () => {
    const slow = await start(() => undefined);
    expect(await local()(slow.url, MESSAGE)).toEqual({ kind: "failed", code: "delivery.unreachable", retry: "later" });
    server?.closeAllConnections();
    server?.close();
    const endless = await start((_request, response) => {
      response.writeHead(200);
      const write = () => { while (response.write(Buffer.alloc(64 * 1024)) && !response.destroyed); };
      response.on("drain", write);
      write();
    });
    const ended = new Promise<void>((done) => server?.once("connection", (socket) => socket.once("close", () => { done(); })));
    expect(await local()(endless.url, MESSAGE)).toEqual({ kind: "sent" });
    await ended;
  });

  it("whose certificate nobody vouches for gets nothing", async () => {
    const { url, bodies } = await start((_request, response) => { response.end("ok"); });
    expect(await webhookSender({ allowPrivate: true, timeoutMs: 1_000 })(url, MESSAGE)).toEqual({ kind: "failed", code: "delivery.unreachable", retry: "later" });
    expect(bodies).toEqual([]);
  });

  it("inside this host's networks is never called, whatever way it is written", async () => {
    const { url, asked } = await start((_request, response) => { response.end("ok"); });
    const { port } = new URL(url);
    const bad = { kind: "failed", code: "delivery.bad_address", retry: "never" };
    for (const host of ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "127.1"]) expect([host, await webhookSender({ ca: certificate.cert, timeoutMs: 1_000 })(`https://${host}:${port}/x`, MESSAGE)]).toEqual([host, bad]);
    for (const text of ["http://hooks.slack.com/x", "https://user:pw@hooks.slack.com/x", "ftp://x", "no address"]) expect(await webhookSender()(text, MESSAGE)).toEqual(bad);
    expect(asked()).toBe(0);
  });

  it("whose name leads to a public address once and into this network the next time is looked at when it is called", async () => {
    const { url, asked } = await start((_request, response) => { response.end("ok"); });
    const { port } = new URL(url);
    const answers = [["93.184.215.14"], ["93.184.215.14", "127.0.0.1"], ["127.0.0.1"]];
    let n = 0;
    const lookup = ((_name: string, _options: object, callback: (error: null, all: { address: string; family: number }[]) => void) => { callback(null, answers[Math.min(n++, 2)]!.map((address) => ({ address, family: 4 }))); }) as never;
    const send = webhookSender({ ca: certificate.cert, timeoutMs: 300, lookup });
    n = 1;
    expect(await send(`https://rebind.example:${port}/x`, MESSAGE)).toMatchObject({ code: "delivery.bad_address" });
    expect(await send(`https://rebind.example:${port}/x`, MESSAGE)).toMatchObject({ code: "delivery.bad_address" });
    expect(asked()).toBe(0);
  });
});

describe("an address", () => {
  it.each(["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "fd00::1", "fe80::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "localhost", ""])("%s is not to be called", (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  it.each(["93.184.215.14", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"])("%s may be called", (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});
