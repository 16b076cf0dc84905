/**
 * The simulation: what a simulated minute costs of one core, how long a universe takes to start, how much one seed costs,
 * and whether memory stays flat.
 *
 * - `minute`: a broker, two producers, a transactional one, three consumers and two exactly-once apps, all busy for a
 *   minute of virtual time; with stops of fibers as rare and as frequent as the runs have them; no faults.
 * - `start`: from nothing until the broker of a universe has answered its first client. Includes all of its recovery.
 * - `seeds`: runs of the platform's scenario as the seeds draw them, one after the other.
 *
 * CPU time of this process, all threads; memory is the heap after a garbage collection, at ten moments.
 * Flags: --minutes N (9), --warm-up N (8), of such minutes before them, --starts N (1000), --runs N (500).
 */
import * as NodeV8 from "node:v8"
import * as NodeVm from "node:vm"
import * as Admin from "@millrace/client/admin/Admin"
import * as PlatformScenario from "@millrace/testkit/simulation/platform/PlatformScenario"
import * as Size from "@millrace/testkit/simulation/platform/Size"
import { World } from "@millrace/testkit/simulation/World"
import * as Effect from "effect/Effect"
import { option } from "../compat/lib/harness.ts"
import { median, printTable, report } from "./lib/report.ts"

/** The compiler works beside the first ones. */
const warmUpMinutes = Number(option("warm-up") ?? 8)
const minutes = Number(option("minutes") ?? 9)
const starts = Number(option("starts") ?? 1000)
const runs = Number(option("runs") ?? 500)
const samples = 10

NodeV8.setFlagsFromString("--expose-gc")
const collect = NodeVm.runInNewContext("gc") as () => void

/** Seconds of CPU that a call takes. */
const cpuSecondsOf = <A>(call: () => A): readonly [seconds: number, result: A] => {
  const before = process.cpuUsage()
  const result = call()
  const { system, user } = process.cpuUsage(before)
  return [(system + user) / 1_000_000, result]
}

/** Does something so many times; gives the heap after a garbage collection, in MB, as it went on. */
const heapDuring = (times: number, each: (index: number) => void): string => {
  const heaps: Array<string> = []
  const interval = Math.max(1, Math.floor(times / samples))
  for (let index = 1; index <= times; index++) {
    each(index)
    if (index % interval > 0) continue
    collect()
    heaps.push((process.memoryUsage().heapUsed / 1024 / 1024).toFixed(1))
  }
  return heaps.join(" ")
}

const minute: Size.Size = { ...Size.scaled(Size.full, 60_000), travellers: 0, copiers: 0 }

const measureMinute = (): void => {
  const seconds: Array<number> = []
  const rates: Array<number> = []
  for (let seed = 0; seed < warmUpMinutes + minutes; seed++) {
    const [took, { anomalies, steps, virtualMs }] = cpuSecondsOf(() =>
      PlatformScenario.run({ seed, size: minute, faults: [] })
    )
    if (anomalies.length > 0) throw new Error(`seed ${seed}: ${anomalies[0]!.detail}`)
    if (seed < warmUpMinutes) continue
    seconds.push(took / (virtualMs / 60_000))
    rates.push(steps / took)
  }
  report({
    what: "minute",
    times: minutes,
    "CPU s": median(seconds),
    least: Math.min(...seconds),
    most: Math.max(...seconds),
    "steps per s": Math.round(median(rates)),
    target: "about 1 s"
  })
}

const startOne = (seed: number): void => {
  const world = new World({ seed, stepsMax: 1_000_000, timeMaxMs: 60_000 })
  let isAnswered = false
  world.addBroker().start()
  const client = Effect.gen(function*() {
    const admin = yield* Admin.make
    yield* admin.describeCluster
    isAnswered = true
  })
  world.addClient("client", Effect.scoped(client)).start()
  if (world.universe.run(() => isAnswered) !== "done") throw new Error(`seed ${seed}: the broker did not answer`)
}

const measureStarts = (): void => {
  for (let seed = 0; seed < 20; seed++) startOne(seed)
  const seconds: Array<number> = []
  const heap = heapDuring(starts, (seed) => seconds.push(cpuSecondsOf(() => startOne(seed))[0]))
  report({
    what: "start",
    times: starts,
    "CPU s": median(seconds),
    least: Math.min(...seconds),
    most: Math.max(...seconds),
    "heap MB": heap,
    target: "0.02 s, flat"
  })
}

const measureSeeds = (): void => {
  let findings = 0
  let steps = 0
  let seconds = 0
  let virtualMs = 0
  const heap = heapDuring(runs, (seed) => {
    const [took, one] = cpuSecondsOf(() => PlatformScenario.run({ seed }))
    seconds += took
    steps += one.steps
    virtualMs += one.virtualMs
    if (one.anomalies.length > 0) findings++
  })
  report({
    what: "seeds",
    times: runs,
    "CPU s": seconds / runs,
    "steps per s": Math.round(steps / seconds),
    "virtual s": virtualMs / runs / 1000,
    findings,
    "heap MB": heap,
    target: "0.2 s, flat"
  })
}

measureMinute()
measureStarts()
measureSeeds()
printTable()
process.exit(0)
