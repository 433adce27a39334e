/**
 * Every guard of the vault as a mutant: an `if` that ends in a refusal (a throw, a `fail`, a finding) loses one operand of its condition at a time.
 * Found in the source itself, so a new guard is a new mutant without anybody writing it down.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export interface Mutant {
  /** From the project's root. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The operand that is taken away, or what a hand-written mutant replaces. */
  readonly text: string;
  /** The source with the mutation. */
  readonly source: string;
}

/** Rooms whose guards are defences against what lies in the store. */
export const ROOMS = ["app/vault/crypto", "app/vault/format", "app/vault/pack", "app/vault/tree"];
/** Files elsewhere that decode what is signed, check what is named, or compare what was opened with what was meant. */
export const FILES = [
  "app/vault/repair/parity.ts",
  "app/vault/search/lookup.ts",
  "app/vault/search/part.ts",
  "app/vault/snapshot/content-keys.ts",
  "app/vault/snapshot/description.ts",
  "app/vault/snapshot/manifest.ts",
  "app/vault/snapshot/pack-list.ts",
  "app/vault/snapshot/put-exact.ts",
  "app/vault/snapshot/reader.ts",
  "app/vault/snapshot/vault.ts",
  "app/vault/verify/check-index.ts",
  "app/vault/verify/check-parity.ts",
  "app/vault/verify/check-search.ts",
  "app/vault/verify/verify.ts",
];

export function sources(root: string): string[] {
  return [...ROOMS.flatMap((room) => globSync(`${room}/*.ts`, { cwd: root })), ...FILES].sort();
}

/** All guards of one file. */
export function guardsOf(root: string, file: string): Mutant[] {
  const text = readFileSync(join(root, file), "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const mutants: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node) && refuses(node.thenStatement)) {
      for (const operand of operands(node.expression)) {
        const [start, end] = [operand.getStart(tree), operand.getEnd()];
        mutants.push({ file, line: tree.getLineAndCharacterOfPosition(start).line + 1, text: text.slice(start, end), source: `${text.slice(0, start)}(false as boolean)${text.slice(end)}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return mutants;
}

function operands(expression: ts.Expression): ts.Expression[] {
  if (ts.isParenthesizedExpression(expression)) return operands(expression.expression);
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.BarBarToken) return [...operands(expression.left), ...operands(expression.right)];
  return [expression];
}

/** A throw, `x.fail(...)` or `audit.find(...)`, alone or as the only statement of a block. */
function refuses(statement: ts.Statement): boolean {
  if (ts.isBlock(statement)) return statement.statements.length === 1 && refuses(statement.statements[0] as ts.Statement);
  if (ts.isThrowStatement(statement)) return true;
  const expression = ts.isExpressionStatement(statement) || ts.isReturnStatement(statement) ? statement.expression : undefined;
  if (expression === undefined || !ts.isCallExpression(expression)) return false;
  const called = expression.expression;
  return ts.isPropertyAccessExpression(called) && (called.name.text === "fail" || (called.name.text === "find" && called.expression.getText() === "audit"));
}
