/**
 * What the compiler says of a package's `typetest/mistakes.ts`. The file is compiled as it is by `check`; here it is compiled
 * without its `@ts-expect-error`s, and each text behind one is looked for in what is said about the next line.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

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

const mistakes = "mistakes.ts"

/** Without the comments that expect errors, which are given back with the lines that they expect them at. */
const unexpecting = (source: string): { readonly text: string; readonly expected: ReadonlyArray<Expected> } => {
  const expected: Array<Expected> = []
  const lines = source.split("\n").map((line, index) => {
    const match = /^(\s*)\/\/ @ts-expect-error (.+)$/.exec(line)
    if (match === null) return line
    expected.push({ line: index + 2, text: match[2] ?? "" })
    return `${match[1]}//`
  })
  return { text: lines.join("\n"), expected }
}

/** What is said, by line. */
const said = (output: string): ReadonlyMap<number, string> => {
  const found = new Map<number, string>()
  let line = 0
  for (const text of output.split("\n")) {
    const match = /^mistakes\.ts\((\d+),\d+\): error (.*)$/.exec(text)
    if (match !== null) line = Number(match[1])
    else if (/^\S/.test(text)) line = 0
    if (line > 0) found.set(line, `${found.get(line) ?? ""}\n${text}`)
  }
  return found
}

/**
 * Compiles the mistakes of a package. `count`: how many there are. `wrong`: where nothing is said, or something else than
 * expected, or where something is said of what is no mistake.
 */
export const complaints = (packageRoot: string): { readonly count: number; readonly wrong: ReadonlyArray<string> } => {
  const typetests = join(packageRoot, "typetest")
  const scratch = join(packageRoot, "node_modules", ".cache", "typetest")
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  for (const name of readdirSync(typetests)) writeFileSync(join(scratch, name), readFileSync(join(typetests, name)))
  const { expected, text } = unexpecting(readFileSync(join(typetests, mistakes), "utf8"))
  writeFileSync(join(scratch, mistakes), text)
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [mistakes] }))
  const tsc = resolve(packageRoot, "..", "..", "node_modules", ".bin", "tsc")
  const { stdout } = spawnSync(tsc, ["-p", scratch, "--pretty", "false"], { cwd: scratch, encoding: "utf8" })
  const found = said(stdout)
  const missed = expected.flatMap(({ line, text }) => {
    const heard = found.get(line)
    if (heard === undefined) return [`line ${line}: nothing is said, where it should be: ${text}`]
    return heard.includes(text) ? [] : [`line ${line}: should say: ${text}; says: ${heard}`]
  })
  const elsewhere = [...found].flatMap(([line, heard]) =>
    expected.some((each) => each.line === line) ? [] : [`line ${line}: should compile; says: ${heard}`]
  )
  return { count: expected.length, wrong: [...missed, ...elsewhere] }
}
