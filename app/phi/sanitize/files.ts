/** A picture of somebody, a scanned form: the bytes of a file go, and a few that show nothing take their place. */
import { createHash } from "node:crypto";
import { SYNTHETIC_MARK } from "../synthetic.ts";
import type { PhiRecord } from "./record.ts";

/** One transparent pixel. */
const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

const BLANKS: ReadonlySet<string> = new Set(["image/png", "application/pdf", "text/plain"].map((type) => blankContent(type).toString("base64")));

/** The bytes that stand for a file of this sort. The same for all of a sort: they say nothing of what was there. */
export function blankContent(mimeType: string): Buffer {
  if (mimeType.startsWith("image/")) return PIXEL;
  if (mimeType === "application/pdf") return Buffer.from(`%PDF-1.4\n% ${SYNTHETIC_MARK} blank\n%%EOF\n`, "latin1");
  return Buffer.from(`${SYNTHETIC_MARK} blank\n`, "latin1");
}

/** Whether a piece of a file holds nothing but the bytes of a blank one. */
export function isBlank(base64: unknown): boolean {
  return BLANKS.has(String(base64));
}

/** What a file's content is kept as: one piece, and the record that names it. `content`: the original's record of its content, its ids mapped. */
export function blankRecords(content: PhiRecord, mimeType: string): PhiRecord[] {
  const bytes = blankContent(mimeType);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const piece = `gid://holdfast/FilePiece/${digest}`;
  return [
    { kind: "FilePiece", id: piece, parentId: content.parentId, fields: { id: piece, base64: bytes.toString("base64"), __parentId: content.parentId } },
    { ...content, fields: { id: content.id, size: bytes.length, sha256: digest, pieces: [digest], __parentId: content.parentId } },
  ];
}
