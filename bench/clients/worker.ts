/**
 * One client in a process of its own, doing one thing once: `worker.ts CONTENDER produce|consume LOAD`. Prints what it
 * took, as JSON.
 */
import type { Contender, Load } from "./contender.ts"

const contenders: Readonly<Record<string, () => Promise<Partial<Contender>>>> = {
  "millrace": async () => (await import("./millrace.ts")).contender,
  "kafkajs": async () => (await import("./kafkajs.ts")).contender,
  "platformatic": async () => (await import("./platformatic.ts")).contender,
  "confluent": async () => (await import("./confluent.ts")).contender,
  "confluent callbacks": async () => (await import("./confluent.ts")).withCallbacks
}

const [name, role, text] = process.argv.slice(2)
const run = role === "produce" || role === "consume" ? (await contenders[name ?? ""]?.())?.[role] : undefined
if (run === undefined || text === undefined) {
  console.error(`usage: worker.ts ${Object.keys(contenders).join("|")} produce|consume LOAD`)
  process.exit(2)
}

let from = performance.now()
let cpuFrom = process.cpuUsage()
await run(JSON.parse(text) as Load, () => {
  from = performance.now()
  cpuFrom = process.cpuUsage()
})
const { system, user } = process.cpuUsage(cpuFrom)
console.log(JSON.stringify({ seconds: (performance.now() - from) / 1000, cpuSeconds: (system + user) / 1e6 }))
process.exit(0)
