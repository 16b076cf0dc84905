/**
 * `vectors AREA [DIR]`: holds an area of Millrace against golden vectors, by default the project's own.
 *
 * Each area is a module `scripts/vectors/AREA.ts` that exports `run(directory)`. The last line is `N passed, M failed`;
 * the exit code is 1 if any failed.
 */
import { existsSync } from "node:fs"
import { resolve } from "node:path"

/** What an area reports. */
export interface Report {
  readonly passed: number
  readonly failed: number
  /** What failed, one line each; may be cut short. */
  readonly failures: ReadonlyArray<string>
}

const failuresShown = 50

const main = async (area: string | undefined, directory: string | undefined): Promise<number> => {
  const module = area === undefined ? "" : resolve(import.meta.dirname, "vectors", `${area}.ts`)
  if (area === undefined || !/^[a-z-]+$/.test(area) || !existsSync(module)) {
    process.stderr.write("usage: vectors wire|records|streams|logdir [DIR]\n")
    return 2
  }
  const from = resolve(
    process.env.INIT_CWD ?? process.cwd(),
    directory ?? resolve(import.meta.dirname, "..", "vectors", area)
  )
  if (!existsSync(from)) {
    process.stderr.write(`no such directory: ${from}\n`)
    return 2
  }
  const { run } = await import(module) as { run: (directory: string) => Report | Promise<Report> }
  const report = await run(from)
  for (const failure of report.failures.slice(0, failuresShown)) process.stdout.write(`✗ ${failure}\n`)
  if (report.failures.length > failuresShown) {
    process.stdout.write(`… and ${report.failures.length - failuresShown} more\n`)
  }
  process.stdout.write(`${report.passed} passed, ${report.failed} failed\n`)
  return report.failed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv[2], process.argv[3])
