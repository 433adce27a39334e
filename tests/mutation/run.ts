/**
 * Takes the vault's defences away one at a time, in a copy, and runs the tests that must notice. Ends with 1 when one was not missed.
 *   node tests/mutation/run.ts [FILTER] [--quick] [--after N]    FILTER: part of a file's path; --quick: only the quickest tests, to find out what to look at;
 *   --after N: leaves out the first N, which an interrupted run has told of
 * The slow tier runs it (tests/mutation/mutation.test.ts).
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ACCEPTED } from "./accepted.ts";
import { guardsOf, sources, type Mutant } from "./mutants.ts";
import { DEFENCES } from "./table.ts";

const ROOT = join(import.meta.dirname, "../..");
const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean", default: false }, after: { type: "string", default: "0" } } });
const filter = positionals[0] ?? "";
const { quick } = values;
/** A mutant may make the tests endless: this many times what they take without it, and never less than five minutes, is taken for that. */
const ENDLESS = 8;
const LEAST_MS = 300_000;

/** The quickest tests of a room first: most mutants fall to them. What survives meets those next to it, then the rest. */
const QUICK: Readonly<Record<string, readonly string[]>> = {
  "app/vault/crypto": ["tests/vault/defences/signed.test.ts", "tests/vault/crypto"],
  "app/vault/format": ["tests/vault/format", "tests/vault/defences/bytes.test.ts"],
  "app/vault/pack": ["tests/vault/defences/pack.test.ts", "tests/vault/defences/frame.test.ts"],
  "app/vault/tree": ["tests/vault/defences/tree.test.ts"],
  "app/vault/repair": ["tests/vault/defences/bytes.test.ts"],
  "app/vault/search": ["tests/vault/defences/search.test.ts", "tests/vectors/search.test.ts"],
  "app/vault/snapshot": ["tests/vault/defences/signed.test.ts"],
  "app/vault/verify": ["tests/vault/defences/signed.test.ts"],
};
const NEAR: Readonly<Record<string, readonly string[]>> = {
  "app/vault/crypto": ["tests/vault/defences"],
  "app/vault/format": ["tests/vault/defences"],
  "app/vault/pack": ["tests/vault/pack", "tests/vault/tree/root.test.ts"],
  "app/vault/tree": ["tests/vault/tree"],
  "app/vault/repair": ["tests/vault/repair"],
  "app/vault/search": ["tests/vault/search"],
  "app/vault/snapshot": ["tests/vault/snapshot"],
  "app/vault/verify": ["tests/faults/matrix.test.ts", "tests/vault/verify"],
};
const FAR = ["tests/vault", "tests/faults", "tests/museum", "tests/vectors"];

function handWritten(): Mutant[] {
  return DEFENCES.map(({ file, find, replace }) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return { file, line: text.slice(0, text.indexOf(find)).split("\n").length, text: find, source: text.replace(find, () => replace) };
  });
}

const copy = mkdtempSync(join(tmpdir(), "holdfast-mutation-"));
for (const name of ["app", "tests", "docs", "package.json", "jest.config.mjs", "tsconfig.json"]) if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));

/** By set of tests: what it takes when nothing is taken away, milliseconds. */
const usual = new Map<string, number>();

/** Whether the tests pass, which for a mutant is bad news. The first time a set is run, it must be with nothing taken away. */
function pass(tests: readonly string[]): boolean {
  const there = tests.filter((test) => existsSync(join(copy, test)));
  const key = there.join(" ");
  const before = usual.get(key);
  const began = performance.now();
  const timeout = before === undefined ? undefined : Math.round(Math.max(LEAST_MS, ENDLESS * before));
  const { status } = spawnSync(process.execPath, [join(copy, "node_modules/jest/bin/jest.js"), "--bail", "--silent", "-w", "1", "--forceExit", ...there], { cwd: copy, stdio: "ignore", ...(timeout === undefined ? {} : { timeout }), killSignal: "SIGKILL", env: { ...process.env, SLOW: "" } });
  if (before === undefined) usual.set(key, performance.now() - began);
  return status === 0;
}

/** The sets a mutant of this room meets, in their order. */
function setsOf(room: string): readonly (readonly string[])[] {
  const near = quick ? [] : [NEAR[room] ?? FAR, FAR];
  return [QUICK[room] ?? FAR, ...near].filter((tests, n, all) => all.findIndex((one) => one.join() === tests.join()) === n);
}

let killed = 0;
const survivors: Mutant[] = [];
try {
  const found = [...sources(ROOT).flatMap((file) => guardsOf(ROOT, file)), ...handWritten()].filter(({ file }) => file.includes(filter));
  const mutants = found.slice(Number(values.after)).filter((mutant) => !ACCEPTED.some(({ file, text }) => file === mutant.file && text === mutant.text));
  const roomOf = ({ file }: Mutant): string => file.split("/").slice(0, 3).join("/");
  for (const tests of new Set([...new Set(mutants.map(roomOf))].flatMap(setsOf))) {
    if (!usual.has(tests.join(" ")) && !pass(tests)) throw new Error(`tests fail before anything is taken away: ${tests.join(" ")}`);
  }
  for (const mutant of mutants) {
    const place = join(copy, mutant.file);
    const original = readFileSync(place, "utf8");
    writeFileSync(place, mutant.source);
    const survived = setsOf(roomOf(mutant)).every(pass);
    writeFileSync(place, original);
    if (survived) survivors.push(mutant);
    else killed++;
    console.log(`${survived ? "SURVIVED" : "killed  "} ${mutant.file}:${mutant.line}  ${mutant.text.split("\n")[0]}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${killed} killed, ${survivors.length} survived, ${ACCEPTED.length} accepted`);
process.exitCode = survivors.length === 0 && killed > 0 ? 0 : 1;
