import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { inTrace, parseTraceparent, traceNow, traceparent, traceparentNow } from "#app/platform/log/trace.ts";

const GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("a trace", () => {
  it("goes on where another process began it, with a part of its own", () => {
    inTrace(GIVEN, () => {
      expect(traceNow()).toEqual({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: expect.stringMatching(/^[0-9a-f]{16}$/), parentId: "00f067aa0ba902b7", sampled: true });
      expect(traceNow()!.spanId).not.toBe("00f067aa0ba902b7");
      expect(traceparentNow()).toBe(traceparent(traceNow()!));
    });
    expect(traceNow()).toBeNull();
    expect(traceparentNow()).toBeNull();
  });

  it("lasts through awaits and timers, and is nobody else's", async () => {
    const seen = await Promise.all(
      ["a", "b"].map((digit) =>
        inTrace(`00-${digit.repeat(32)}-${digit.repeat(16)}-00`, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return traceNow();
        }),
      ),
    );
    expect(seen.map((trace) => [trace?.traceId, trace?.sampled])).toEqual([["a".repeat(32), false], ["b".repeat(32), false]]);
  });

  it.each([
    ["nothing", null], ["text", "hello"], ["an all-zero trace", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`], ["an all-zero part", `00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`],
    ["version ff", GIVEN.replace("00-", "ff-")], ["capitals", GIVEN.toUpperCase()], ["more than version 00 may say", `${GIVEN}-more`], ["another line", `${GIVEN}\nX-Header: 1`],
  ])("begins anew on %s", (_, given) => {
    expect(parseTraceparent(given)).toBeNull();
    inTrace(given, () => expect(traceNow()).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), parentId: null }));
  });

  it("takes what a later version adds at the end", () => {
    expect(parseTraceparent(GIVEN.replace("00-", "cc-") + "-what-the-future-brings")).toMatchObject({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736" });
  });

  it("never sends on anything but hex, whatever came in", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}.{0,9}$/)), (text) => {
        inTrace(text, () => expect(traceparentNow()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/));
      }),
    );
  });
});
