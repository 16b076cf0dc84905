/**
 * The records area of `vectors`: batches, sets of batches, legacy messages, and what is wrong with batches.
 *
 * A directory holds gzip'd JSON lines, `batches`, `sets`, `legacy` and `invalid`; a file that is missing counts for
 * nothing. What was read is written again: without a codec the bytes must be the same (batches built by hand, `hand/…`
 * and control batches with a note, excepted: no builder writes those), with one the records.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { Report } from "../vectors.ts"
import { checkBatch } from "./records/batches.ts"
import { checkInvalid } from "./records/invalid.ts"
import { checkLegacy, checkSet } from "./records/sets.ts"

const linesOf = (file: string): ReadonlyArray<string> =>
  existsSync(file) ? gunzipSync(readFileSync(file)).toString("utf8").split("\n").filter((line) => line !== "") : []

/** What is wrong with a line, if anything; a throw is wrong, too. */
const outcome = <A>(check: (line: A) => string | undefined, line: A): string | undefined => {
  try {
    return check(line)
  } catch (error) {
    return `throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
  }
}

const runFile = <A extends { readonly name: string }>(
  directory: string,
  file: string,
  check: (line: A) => string | undefined
): Report => {
  const failures: Array<string> = []
  const lines = linesOf(join(directory, `${file}.jsonl.gz`))
  for (const text of lines) {
    const line = JSON.parse(text) as A
    const wrong = outcome(check, line)
    if (wrong !== undefined) failures.push(`${file} ${line.name}: ${wrong}`)
  }
  return { passed: lines.length - failures.length, failed: failures.length, failures }
}

/** Holds `directory` against core. */
export const run = (directory: string): Report => {
  const reports = [
    runFile(directory, "batches", checkBatch),
    runFile(directory, "sets", checkSet),
    runFile(directory, "legacy", checkLegacy),
    runFile(directory, "invalid", checkInvalid)
  ]
  return {
    passed: reports.reduce((sum, report) => sum + report.passed, 0),
    failed: reports.reduce((sum, report) => sum + report.failed, 0),
    failures: reports.flatMap((report) => report.failures)
  }
}
