/**
 * The queries of Nexmark, as apps on the embedded broker in one process.
 *
 * Each run is a process of its own on an empty directory (`nexmark/worker.ts`): broker (durability `os`) and app share its
 * CPU seconds. Topics have 4 partitions and hold all events before the app starts; exactly-once, commits every 100 ms,
 * record caches at Kafka's default. Measured from the app running until the commit of the last input and repartition
 * record. Results are then read and have to be those of `examples/nexmark/reference.ts`. A query reads only the topics that
 * it asks for: `events/s` counts all events, `read/s` those that it read. Medians over the rounds.
 * Flags: --events N (100000), --rounds N (3), --query NAME[,NAME…].
 */
import * as NodeChild from "node:child_process"
import * as NodePath from "node:path"
import { option } from "../compat/lib/harness.ts"
import { queries } from "../examples/nexmark/queries.ts"
import { median, printTable, report } from "./lib/report.ts"
import type { Measured } from "./nexmark/worker.ts"

const events = Number(option("events") ?? 100_000)
const rounds = Number(option("rounds") ?? 3)
const names = queries.map(({ name }) => name).filter((name) => option("query")?.split(",").includes(name) ?? true)
if (names.length === 0) {
  console.error(`there is no query ${option("query")}; there are ${queries.map(({ name }) => name).join(", ")}`)
  process.exit(2)
}

const run = (name: string): Measured => {
  const worker = NodePath.join(import.meta.dirname, "nexmark", "worker.ts")
  const { status, stderr, stdout } = NodeChild.spawnSync(
    process.execPath,
    [worker, name, String(events)],
    { encoding: "utf8", timeout: 600_000, killSignal: "SIGKILL" }
  )
  if (status !== 0) throw new Error(`${name} failed: ${stdout}${stderr}`)
  const measured = JSON.parse(stdout.trim().split("\n").at(-1)!) as Measured
  console.error(`${name}: ${measured.seconds.toFixed(2)} s, ${measured.cpuSeconds.toFixed(2)} s of CPU`)
  return measured
}

const results = new Map(names.map((name): [string, Array<Measured>] => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const [name, measured] of results) measured.push(run(name))
}
for (const [query, measured] of results) {
  const seconds = median(measured.map((one) => one.seconds))
  report({
    query,
    "events/s": Math.round(events / seconds),
    "read/s": Math.round(measured[0]!.inputRecords / seconds),
    seconds,
    "CPU s": median(measured.map((one) => one.cpuSeconds)),
    "output records": median(measured.map((one) => one.outputRecords)),
    rounds
  })
}
printTable()
process.exit(0)
