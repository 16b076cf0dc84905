/**
 * How fast the checker is, on generated histories in which nothing is wrong: it has to look at everything.
 *
 * Flags: --operations N (1000000), --rounds N (5). Told is the median over the rounds, after one to
 * warm up, in seconds of a core (the collector of garbage counts, though it works beside).
 */
import * as Checker from "@millrace/testkit/simulation/checker/Checker"
import * as Generate from "../packages/testkit/test/simulation/checker/generate.ts"
import { option } from "../compat/lib/harness.ts"
import { median, printTable, report } from "./lib/report.ts"

const operations = Number(option("operations") ?? 1_000_000)
const rounds = Number(option("rounds") ?? 5)

for (const size of [operations / 10, operations]) {
  const history = Generate.history(1, size)
  const records = [...history.final.values()].flatMap((partitions) => [...partitions.values()]).reduce(
    (sum, { length }) => sum + length,
    0
  )
  const times: Array<number> = []
  for (let round = 0; round <= rounds; round++) {
    const before = process.cpuUsage()
    const anomalies = Checker.check(history, Generate.options)
    const { system, user } = process.cpuUsage(before)
    if (anomalies.length > 0) throw new Error(`the history is wrong: ${anomalies[0]!.detail}`)
    if (round > 0) times.push((user + system) / 1_000_000)
  }
  report({ operations: size, records, "cpu seconds": median(times) })
}
printTable()
