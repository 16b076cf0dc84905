/**
 * Mistakes are compile errors where they were made, and the compiler says what is wrong. The file of mistakes is compiled
 * as it is by `check`; here it is compiled without its `@ts-expect-error`s, and each text behind one is looked for in what
 * the compiler says about the next line.
 */
import { assert, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

const packageRoot = resolve(import.meta.dirname, "..", "..")
const typetests = join(packageRoot, "typetest")
const scratch = join(packageRoot, "node_modules", ".cache", "typetest")

interface Expected {
  readonly line: number
  readonly text: string
}

const compilerOptions = {
  noEmit: true,
  allowImportingTsExtensions: true,
  module: "NodeNext",
  target: "ES2024",
  lib: ["ES2024", "ESNext.Disposable"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  types: ["node"]
}

/** What the compiler says of the mistakes, by line. */
const complaints = (): { readonly expected: ReadonlyArray<Expected>; readonly found: ReadonlyMap<number, string> } => {
  const expected: Array<Expected> = []
  const lines = readFileSync(join(typetests, "mistakes.ts"), "utf8").split("\n").map((line, index) => {
    const match = /^(\s*)\/\/ @ts-expect-error (.+)$/.exec(line)
    if (match === null) return line
    expected.push({ line: index + 2, text: match[2] ?? "" })
    return `${match[1]}//`
  })
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  for (const name of ["apps.ts", "fixtures.ts"]) writeFileSync(join(scratch, name), readFileSync(join(typetests, name)))
  writeFileSync(join(scratch, "mistakes.ts"), lines.join("\n"))
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["mistakes.ts"] }))
  const tsc = resolve(packageRoot, "..", "..", "node_modules", ".bin", "tsc")
  const { stdout } = spawnSync(tsc, ["-p", scratch, "--pretty", "false"], { cwd: scratch, encoding: "utf8" })
  const found = new Map<number, string>()
  let line = 0
  for (const text of stdout.split("\n")) {
    const match = /^mistakes\.ts\((\d+),\d+\): error (.*)$/.exec(text)
    if (match !== null) line = Number(match[1])
    else if (/^\S/.test(text)) line = 0
    if (line > 0) found.set(line, `${found.get(line) ?? ""}\n${text}`)
  }
  return { expected, found }
}

it("refuses each mistake at its line, and says what is wrong", { timeout: 60_000 }, () => {
  const { expected, found } = complaints()
  assert.isAbove(expected.length, 20)
  const wrong = expected.flatMap(({ line, text }) => {
    const said = found.get(line)
    if (said === undefined) return [`line ${line}: nothing is said, where it should be: ${text}`]
    return said.includes(text) ? [] : [`line ${line}: should say: ${text}; says: ${said}`]
  })
  assert.deepStrictEqual(wrong, [])
  const elsewhere = [...found.keys()].filter((line) => !expected.some((each) => each.line === line))
  assert.deepStrictEqual(elsewhere, [])
})
