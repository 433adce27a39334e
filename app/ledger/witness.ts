/**
 * Asks a witness to cosign a checkpoint: https://c2sp.org/tlog-witness, add-checkpoint over HTTP. The witness sees origin, size, root and
 * hashes of the tree: nothing of what any entry says.
 */
import { cosignaturesOf, witnessKeyId, type Cosignature, type WitnessKey } from "./cosignature.ts";
import type { Hash } from "./merkle.ts";
import { splitNote, type Checkpoint } from "./note.ts";

export interface Witness {
  /** The submission prefix, http: or https:. */
  readonly url: string;
  readonly key: WitnessKey;
}

/** The part of `fetch` that is used. */
export type Post = (url: string, init: { readonly method: "POST"; readonly headers: Record<string, string>; readonly body: string; readonly signal: AbortSignal; readonly redirect: "error" }) => Promise<Response>;

export type WitnessAnswer =
  /** `note`: the checkpoint with the witness's line at its end. */
  | { readonly kind: "cosigned"; readonly note: string; readonly cosignature: Cosignature }
  /** The witness has cosigned a longer history: what we hold has been rolled back. */
  | { readonly kind: "rolled-back"; readonly seen: number }
  /** The witness has seen another history of this log than ours. */
  | { readonly kind: "forked" }
  /** It does not know this log, or not this key: its operator has to be asked. */
  | { readonly kind: "unknown-log" }
  /** No usable answer: no connection, a time-out, a server's error, a signature that is not the witness's. */
  | { readonly kind: "unavailable"; readonly detail: string };

const TIMEOUT_MS = 15_000;
/** A cosignature is some 150 bytes. */
const MAX_ANSWER = 64 * 1024;

/** `consistency` makes the proof from what the witness has seen to this checkpoint. */
export async function askWitness(o: {
  readonly checkpoint: Checkpoint;
  readonly witness: Witness;
  /** The size that the witness cosigned last, as far as we know; 0 asks it. */
  readonly seen: number;
  readonly consistency: (from: number, to: number) => Promise<readonly Hash[]>;
  readonly post?: Post;
}): Promise<WitnessAnswer> {
  const { checkpoint, witness } = o;
  const post: Post = o.post ?? fetch;
  let old = Math.min(o.seen, checkpoint.size);
  // A second try with the size that the first one was told; a third when another client of ours was faster.
  for (let attempt = 0; attempt < 3; attempt++) {
    const proof = old === 0 ? [] : await o.consistency(old, checkpoint.size);
    const body = [`old ${old}`, ...proof.map((hash) => Buffer.from(hash).toString("base64")), "", checkpoint.note].join("\n");
    const answer = await send(post, `${witness.url.replace(/\/+$/, "")}/add-checkpoint`, body);
    if ("detail" in answer) return { kind: "unavailable", detail: answer.detail };
    switch (answer.status) {
      case 200:
        return cosigned(checkpoint, witness, answer.text);
      case 404:
      case 403:
        return { kind: "unknown-log" };
      case 422:
        return { kind: "forked" };
      case 409: {
        const seen = answer.type === "text/x.tlog.size" && /^(0|[1-9]\d{0,15})\n$/.test(answer.text) ? Number(answer.text) : null;
        if (seen === null) return { kind: "unavailable", detail: "a conflict without a size" };
        if (seen > checkpoint.size) return { kind: "rolled-back", seen };
        // It has the very size we named, so it is the root that differs.
        if (seen === old) return { kind: "forked" };
        old = seen;
        continue;
      }
      default:
        return { kind: "unavailable", detail: `HTTP ${answer.status}` };
    }
  }
  return { kind: "unavailable", detail: "other requests were faster" };
}

async function send(post: Post, url: string, body: string): Promise<{ readonly status: number; readonly type: string; readonly text: string } | { readonly detail: string }> {
  try {
    const response = await post(url, {
      method: "POST",
      headers: { "content-type": "text/plain; charset=utf-8" },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "error",
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (bytes.length > MAX_ANSWER) return { detail: "an answer of absurd length" };
    return { status: response.status, type: (response.headers.get("content-type") ?? "").split(";")[0]!.trim(), text: bytes.toString("utf8") };
  } catch (error) {
    return { detail: error instanceof Error && error.name === "TimeoutError" ? "no answer in time" : "no connection" };
  }
}

/** Takes over the one line that is this witness's and right; everything else in the answer is ignored. */
function cosigned(checkpoint: Checkpoint, { key }: Witness, answer: string): WitnessAnswer {
  const id = witnessKeyId(key);
  const signatures = splitNote(`${checkpoint.note}${answer}`)?.signatures ?? [];
  for (const { name, bytes, line } of signatures.toReversed()) {
    if (name !== key.name || !id.equals(bytes.subarray(0, 4)) || checkpoint.note.includes(`\n${line}\n`)) continue;
    const note = `${checkpoint.note}${line}\n`;
    const found = cosignaturesOf(note, [key])?.at(-1);
    if (found !== undefined) return { kind: "cosigned", note, cosignature: found };
  }
  return { kind: "unavailable", detail: "an answer without a right signature of the witness" };
}
