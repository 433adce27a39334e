/** A share as a file for machines (JSON) and as a sheet for paper; either is read, and both hold the same bytes. */
import { z } from "zod";
import { fromLines, toLines } from "./lines.ts";
import { damagedShare, decodeShare, encodeShare, type Share } from "./share.ts";

const TYPE = "holdfast-share";
const LAST_WORDS = "The last two characters of a line";
const ShareFile = z.looseObject({ type: z.literal(TYPE), share: z.string().regex(/^[A-Za-z0-9_-]+$/) });

/** The members besides `share` are for people and for finding the right file; what counts is in `share`. */
export function shareFile(share: Share): object {
  const { number, threshold, total, set, keyId } = share;
  return { type: TYPE, format: 1, keyId, set, number, threshold, total, share: encodeShare(share).toString("base64url") };
}

export function shareSheet(share: Share): string {
  const { number, threshold, total, set, keyId } = share;
  return [
    "HOLDFAST RECOVERY SHARE",
    "",
    `Share ${number} of ${total}. Any ${threshold} of them give the identity back; fewer tell nothing of it.`,
    `Key ${keyId}`,
    `Set ${set}`,
    "",
    "Keep this sheet where nobody else reads it, away from the other shares. To use it, type the lines below into a file,",
    "one line each; capitals or small letters, spaces as you like, and there is neither an O nor an I nor an L in them.",
    `${LAST_WORDS} tell whether it was typed right. Then: holdfast keys join SHARE SHARE ... --out DIR`,
    "",
    ...toLines(encodeShare(share)),
    "",
  ].join("\n");
}

/** `text`: a share file's or a sheet's, or its lines alone. Throws KeyError keys.share_damaged, which names `name` and the wrong line. */
export function parseShare(text: string, name: string): Share {
  if (text.trimStart().startsWith("{")) {
    let parsed;
    try {
      parsed = ShareFile.safeParse(JSON.parse(text));
    } catch {
      // No cause: a JSON error repeats the text it could not parse.
      throw damagedShare(name, "it is no JSON");
    }
    if (!parsed.success) throw damagedShare(name, "it is no share");
    return decodeShare(Buffer.from(parsed.data.share, "base64url"), name);
  }
  const lines = codeLines(text);
  if (lines.length === 0) throw damagedShare(name, "there are no lines of a share in it");
  const typed = fromLines(lines);
  if ("wrongLine" in typed) throw damagedShare(name, `line ${typed.wrongLine} is not as it was printed`);
  return decodeShare(typed.bytes, name);
}

/** A whole sheet has words before its lines; lines that were typed alone have none. */
function codeLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.slice(lines.findLastIndex((line) => line.startsWith(LAST_WORDS)) + 1).filter((line) => line !== "");
}
