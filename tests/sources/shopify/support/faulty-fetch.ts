/** A network between the source and the sandbox that does what it is told: for faults the shop itself would not produce on request. */

export interface Asked {
  /** "bulk": about a bulk operation or a count. "pages": a page of a connection. "download": a result. */
  readonly about: "bulk" | "pages" | "download";
  /** The text of the query, or the address. */
  readonly text: string;
  /** How often something of this sort was asked before. */
  readonly before: number;
}

export type Reaction = "pass" | "broken" | "cut" | { readonly status: number; readonly body?: unknown };

export function faultyFetch(react: (asked: Asked) => Reaction): typeof fetch {
  const seen = new Map<string, number>();
  return async (input, init) => {
    const request = new Request(input, init);
    const text = request.method === "GET" ? request.url : ((JSON.parse(await request.clone().text()) as { query: string; variables: unknown }).query + JSON.stringify(init?.body ?? ""));
    const about = request.method === "GET" ? "download" : /bulkOperation|Count\b/i.test(text) ? "bulk" : "pages";
    const before = seen.get(about) ?? 0;
    seen.set(about, before + 1);
    const reaction = react({ about, text, before });
    if (reaction === "pass") return fetch(request);
    if (reaction === "broken") throw new TypeError("fetch failed");
    if (reaction === "cut") {
      const answer = await fetch(request);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const half = bytes.subarray(0, Math.floor(bytes.length / 2));
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(half);
          controller.error(new TypeError("terminated"));
        },
      });
      return new Response(body, { status: answer.status, headers: answer.headers });
    }
    return Response.json(reaction.body ?? {}, { status: reaction.status });
  };
}

/** An answer of the API that refuses. */
export const refused = (code: string, message = code): Reaction => ({ status: 200, body: { errors: [{ message, extensions: { code } }] } });
