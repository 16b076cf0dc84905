/**
 * `vectors AREA [DIR] [--on WHERE] [--only TEXT] [--every N]`: holds an area of Millrace against golden vectors, by default
 * the project's own. `--on` says where streams run (`driver`, `simulation`, `embedded` or HOST:PORT), `--only` takes the
 * specs with this text in their names, `--every` each nth of them.
 *
 * Each area is a module `scripts/vectors/AREA.ts` that exports `run(directory, selected)`. The last line is `N passed, M
 * failed`; the exit code is 1 if any failed.
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { type Arguments, readArguments } from "./arguments.ts"

/** What an area reports. */
export interface Report {
  readonly passed: number
  readonly failed: number
  /** What failed, one line each; may be cut short. */
  readonly failures: ReadonlyArray<string>
}

/** What was asked for on the command line, for areas that can choose. */
export interface Selected {
  readonly on?: string | undefined
  readonly only?: string | undefined
  readonly every?: number | undefined
}

const failuresShown = 50

const usage =
  "vectors wire|records|streams|streams-live|streams-oracle|logdir|assignors [DIR] [--on WHERE] [--only TEXT] "
  + "[--every N]"

/** Where an area has its vectors; the oracle answers to those of streams. */
const ownDirectoryOf = (area: string): string =>
  resolve(import.meta.dirname, "..", "vectors", area === "streams-oracle" ? "streams" : area)

const selectedOf = (given: Arguments): Selected => {
  const every = given.get("every")?.at(-1)
  return {
    on: given.get("on")?.at(-1),
    only: given.get("only")?.at(-1),
    every: every === undefined ? 1 : Number(every)
  }
}

const main = async (words: ReadonlyArray<string>): Promise<number> => {
  const at = words.findIndex((word) => word.startsWith("--"))
  const [area, directory] = at < 0 ? words : words.slice(0, at)
  const selected = selectedOf(readArguments(["on", "only", "every"], usage, at < 0 ? [] : words.slice(at)))
  const module = area === undefined ? "" : resolve(import.meta.dirname, "vectors", `${area}.ts`)
  if (area === undefined || !/^[a-z-]+$/.test(area) || !existsSync(module)) {
    process.stderr.write(`usage: ${usage}\n`)
    return 2
  }
  const from = resolve(process.env.INIT_CWD ?? process.cwd(), directory ?? ownDirectoryOf(area))
  if (!existsSync(from)) {
    process.stderr.write(`no such directory: ${from}\n`)
    return 2
  }
  const { run } = await import(module) as {
    run: (directory: string, selected: Selected) => Report | Promise<Report>
  }
  const report = await run(from, selected)
  for (const failure of report.failures.slice(0, failuresShown)) process.stdout.write(`✗ ${failure}\n`)
  if (report.failures.length > failuresShown) {
    process.stdout.write(`… and ${report.failures.length - failuresShown} more\n`)
  }
  process.stdout.write(`${report.passed} passed, ${report.failed} failed\n`)
  return report.failed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
