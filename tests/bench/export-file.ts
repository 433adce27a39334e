/**
 * Writes a bulk-export file of a synthetic health-commerce shop, any size, from a seed: customers, their metafields, orders, line items.
 * Day 2 is day 1 with a stated fraction of its records changed in place, so that what an ideal backup would add is known exactly.
 */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";

/** Mulberry32: 32-bit seeded generator, good enough to vary test data, and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FIRST = "Ada Ben Chi Dara Eve Finn Gia Hana Ivo Jun Kai Lea Mia Noa Ola Pia Quin Rosa Sam Tia Uma Vik Wen Xia Yara Zoe".split(" ");
const LAST = "Adler Brandt Castro Diaz Engel Fischer Gomez Hansen Ito Jensen Kovacs Lopez Moreau Novak Okafor Petrov Quist Rossi Silva Tanaka Urban Vogel Weber Xu Young Zeman".split(" ");
const WORDS =
  "patient reports mild relief after dose morning evening refill review allergy none known device fitted strap size insurance prior authorization pending approved pharmacist called voicemail follow up weeks blood pressure steady glucose meter strips sensor nausea headache sleep improved skin patch rotate site ask prescriber generic substitution allowed".split(" ");

type Rng = () => number;
const pick = <T>(r: Rng, list: readonly T[]): T => list[Math.floor(r() * list.length)] as T;
const digits = (r: Rng, n: number): string => Array.from({ length: n }, () => Math.floor(r() * 10)).join("");
const words = (r: Rng, n: number): string => Array.from({ length: n }, () => pick(r, WORDS)).join(" ");
const serial = (r: Rng): string => Array.from({ length: 4 }, () => Math.floor(r() * 65536).toString(16).padStart(4, "0")).join("-").toUpperCase();
const day = (r: Rng): string => new Date(1_672_531_200_000 + Math.floor(r() * 1.1e11)).toISOString().slice(0, 19) + "Z";

function metafield(r: Rng, id: number, owner: string, revision: number): string {
  const base = { id: `gid://shopify/Metafield/${String(id)}`, namespace: "synthetic_care", createdAt: day(r), updatedAt: revision > 0 ? "2026-11-20T08:00:00Z" : day(r) };
  const shape = Math.floor(r() * 4);
  const value =
    shape === 0
      ? { key: "intake_form", type: "json", value: JSON.stringify({ synthetic: true, answers: Array.from({ length: 14 }, (_, i) => ({ question: `q${String(i + 1)}`, answer: words(r, 6 + Math.floor(r() * 12)), score: Math.floor(r() * 10) })), signed: day(r), revision }) }
      : shape === 1
        ? { key: "prescription", type: "json", value: JSON.stringify({ synthetic: true, rx: digits(r, 9), ndc: `${digits(r, 5)}-${digits(r, 4)}-${digits(r, 2)}`, sig: words(r, 24), pharmacy: `${pick(r, LAST)} Pharmacy ${digits(r, 4)}`, history: Array.from({ length: 5 }, () => day(r)), refills: Math.floor(r() * 6), prescriber: digits(r, 10), revision }) }
        : shape === 2
          ? { key: "device_serial", type: "single_line_text_field", value: `SYNTHETIC ${serial(r)} ${serial(r)} r${String(revision)}` }
          : { key: "pharmacist_note", type: "multi_line_text_field", value: `SYNTHETIC ${words(r, 90 + Math.floor(r() * 120))} r${String(revision)}` };
  return JSON.stringify({ ...base, ...value, __parentId: owner });
}

function customer(r: Rng, n: number, revision: number): string {
  const first = pick(r, FIRST);
  const last = pick(r, LAST);
  return JSON.stringify({
    id: `gid://shopify/Customer/${String(7_000_000_000_000 + n)}`,
    firstName: first,
    lastName: `${last} (synthetic)`,
    email: `${first}.${last}.${String(n)}@example.com`.toLowerCase(),
    phone: `+1555555${digits(r, 4)}`,
    note: `SYNTHETIC ${words(r, 40 + Math.floor(r() * 60))} r${String(revision)}`,
    tags: ["synthetic", `plan-${digits(r, 2)}`, pick(r, WORDS)],
    taxExempt: r() < 0.1,
    createdAt: day(r),
    updatedAt: revision > 0 ? "2026-11-20T08:00:00Z" : day(r),
    defaultAddress: { address1: `${digits(r, 3)} ${pick(r, LAST)} Street`, city: `${pick(r, LAST)}ville`, zip: digits(r, 5), provinceCode: pick(r, ["CA", "NY", "TX", "WA", "OH"]), countryCodeV2: "US" },
  });
}

function order(r: Rng, id: string, n: number, customerId: string, revision: number): string {
  return JSON.stringify({
    id,
    name: `#S${String(n)}`,
    customer: { id: customerId },
    note: `SYNTHETIC ${words(r, 40)} r${String(revision)}`,
    customAttributes: [{ key: "insurance_member", value: `SYN${digits(r, 9)}` }, { key: "delivery", value: words(r, 5) }],
    totalPriceSet: { shopMoney: { amount: (r() * 400).toFixed(2), currencyCode: "USD" } },
    createdAt: day(r),
    processedAt: day(r),
    displayFinancialStatus: pick(r, ["PAID", "PENDING", "REFUNDED"]),
    shippingAddress: { name: `${pick(r, FIRST)} ${pick(r, LAST)}`, address1: `${digits(r, 3)} ${pick(r, LAST)} Road`, zip: digits(r, 5) },
  });
}

function lineItem(r: Rng, id: number, parent: string, revision: number): string {
  return JSON.stringify({
    id: `gid://shopify/LineItem/${String(id)}`,
    title: `SYNTHETIC ${pick(r, ["Glucose sensor", "CPAP mask", "Insulin pen needle", "Compression sleeve", "Nebulizer cup"])} ${digits(r, 3)}`,
    quantity: 1 + Math.floor(r() * 3),
    sku: serial(r),
    customAttributes: [{ key: "serial", value: serial(r) }, { key: "fitted", value: words(r, 3) }, { key: "revision", value: String(revision) }],
    __parentId: parent,
  });
}

/** Records of customer `n`, in the order of a bulk export with grouped objects. `revision(k)` is 0 or, for a changed record, 1. */
function family(seed: number, n: number, revision: (k: number) => number): string[] {
  const lines: string[] = [];
  let k = 0;
  const make = (build: (r: Rng, revision: number) => string): void => {
    const rev = revision(k);
    lines.push(build(seededRandom((seed ^ Math.imul(n + 1, 2654435761)) + k * 40503), rev));
    k += 1;
  };
  const shape = seededRandom(seed + n * 7919);
  const id = `gid://shopify/Customer/${String(7_000_000_000_000 + n)}`;
  make((r, rev) => customer(r, n, rev));
  const fields = 1 + Math.floor(shape() * 4);
  for (let f = 0; f < fields; f += 1) make((r, rev) => metafield(r, 30_000_000_000_000 + n * 16 + f, id, rev));
  const orders = Math.floor(shape() * 2.2);
  for (let o = 0; o < orders; o += 1) {
    const orderId = `gid://shopify/Order/${String(5_000_000_000_000 + n * 4 + o)}`;
    make((r, rev) => order(r, orderId, n * 4 + o, id, rev));
    const items = 1 + Math.floor(shape() * 3);
    for (let i = 0; i < items; i += 1) make((r, rev) => lineItem(r, 14_000_000_000_000 + (n * 4 + o) * 8 + i, orderId, rev));
  }
  return lines;
}

export interface ExportFile {
  readonly bytes: number;
  readonly records: number;
  readonly changed: number;
}

/** Writes `path` until it holds at least `bytes`; with `changeFraction` that part of the records is changed, and `deltaPath` gets just those lines. */
export async function writeExportFile(options: { path: string; bytes: number; seed: number; changeFraction?: number; deltaPath?: string }): Promise<ExportFile> {
  const out = createWriteStream(options.path, { highWaterMark: 4 << 20 });
  const delta = options.deltaPath === undefined ? null : createWriteStream(options.deltaPath);
  const fraction = options.changeFraction ?? 0;
  const coin = seededRandom(options.seed + 99);
  // Whether to stop is decided on day 1's length, so that day 2 holds the same customers.
  let length = 0;
  let written = 0;
  let records = 0;
  let changed = 0;
  for (let n = 0; length < options.bytes; n += 1) {
    const flags: number[] = [];
    const lines = family(options.seed, n, (k) => (flags[k] = fraction > 0 && coin() < fraction ? 1 : 0));
    const original = flags.includes(1) ? family(options.seed, n, () => 0) : lines;
    length += original.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    const text = lines.join("\n") + "\n";
    written += Buffer.byteLength(text);
    records += lines.length;
    for (const [k, flag] of flags.entries()) {
      if (flag !== 1) continue;
      changed += 1;
      delta?.write(`${lines[k] ?? ""}\n`);
    }
    if (!out.write(text)) await once(out, "drain");
  }
  out.end();
  delta?.end();
  await Promise.all([finished(out), delta === null ? undefined : finished(delta)]);
  return { bytes: written, records, changed };
}
