import { describe, expect, test } from "@jest/globals";
import { createLog } from "#app/platform/log.ts";
import { RequestError } from "#app/platform/request-error.ts";

function written(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog({ level: "info", destination: { write: (line) => void lines.push(line) } }));
  return lines.join("");
}

describe("the log", () => {
  test("is one JSON line an event, with time and level", () => {
    const line = written((log) => log.info("snapshot.committed", { shop: "a.myshopify.com", records: 5, complete: true, parent: null }));
    expect(JSON.parse(line)).toEqual({ level: "info", time: expect.stringMatching(/^\d{4}-.*Z$/), event: "snapshot.committed", shop: "a.myshopify.com", records: 5, complete: true, parent: null });
    expect(line.trim().split("\n")).toHaveLength(1);
  });

  test.each(["accessToken", "apiSecret", "password", "Authorization", "cookie", "customerEmail", "phone", "address1"])("never holds a field named %s", (name) => {
    expect(written((log) => log.info("x", { [name]: "canary" }))).not.toContain("canary");
  });

  test("drops query strings and credentials of addresses", () => {
    const line = written((log) => log.info("x", { a: "https://host/path?id_token=canary#canary", b: "/app?shop=canary", c: "postgresql://user:canary@host/db", d: "before https://h/p?canary after" }));
    expect(line).not.toContain("canary");
    expect(JSON.parse(line)).toMatchObject({ a: "https://host/path", b: "/app", c: "postgresql://host/db", d: "before https://h/p after" });
  });

  test("writes a failure as class, code and frames; a message only when it is one of ours", () => {
    const foreign = new TypeError("cannot read canary of Maria", { cause: new Error("canary too") });
    const line = written((log) => log.failure("request.failed", foreign, { path: "/app" }));
    expect(line).not.toContain("canary");
    expect(JSON.parse(line)).toMatchObject({ level: "error", error: { name: "TypeError", at: expect.arrayContaining([expect.stringContaining("log.test.ts")]), cause: { name: "Error" } } });
    const own = written((log) => log.failure("request.failed", new RequestError("request.conflict", "another run is under way")));
    expect(JSON.parse(own)).toMatchObject({ error: { code: "request.conflict", message: "another run is under way" } });
  });

  test("takes what is no error", () => {
    expect(JSON.parse(written((log) => log.failure("x", "canary")))).toMatchObject({ error: { name: "string" } });
  });
});
