/**
 * Produce and fetch of the broker beside Apache Kafka, with Java's perf tools as the load.
 *
 * Fair by construction: same tools, same settings, same machine, one after the other within each round; a round runs
 * every contender, and the medians over the rounds are told. Both without fsync (`os`, Kafka's default), and both
 * acknowledging only what is on the disk (`group-commit` beside `flush.messages=1`).
 * Every broker is started afresh for each round, and warmed up before it is measured. Each round is told as it goes, on
 * the standard error.
 * Flags: --rounds N (3), --only PART-OF-NAME, --records-100 N (2000000), --records-1k N (500000).
 */
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { fresh, option, startBroker } from "../compat/lib/harness.ts"
import { runTool } from "../compat/lib/java.ts"
import { startKafka } from "../compat/lib/kafka.ts"
import { cpuSeconds, median, printTable, report } from "./lib/report.ts"

interface Running {
  readonly bootstrap: string
  readonly pid: number
  readonly stop: () => Promise<void>
}

interface Contender {
  readonly name: string
  readonly start: (directory: string) => Promise<Running>
  /** Topic settings, and how much of the records this contender gets: synced runs are slower by far. */
  readonly topic: ReadonlyArray<string>
  readonly share: number
}

const ourBroker = (durability: string) => async (directory: string): Promise<Running> => {
  const broker = await startBroker(directory, 0, [], ["--durability", durability])
  return { ...broker, stop: () => broker.kill("SIGTERM") }
}

const contenders: ReadonlyArray<Contender> = [
  { name: "millrace os", start: ourBroker("os"), topic: [], share: 1 },
  { name: "kafka", start: (directory) => startKafka(directory, 19592), topic: [], share: 1 },
  { name: "millrace group-commit", start: ourBroker("group-commit"), topic: [], share: 0.25 },
  {
    name: "kafka flush.messages=1",
    start: (directory) => startKafka(directory, 19592),
    topic: ["--config", "flush.messages=1"],
    share: 0.25
  }
]

const sizes = [
  { bytes: 100, records: Number(option("records-100") ?? 2_000_000) },
  { bytes: 1024, records: Number(option("records-1k") ?? 500_000) }
]
const rounds = Number(option("rounds") ?? 3)
const only = option("only")

/** How much of the records goes through each broker, of each size, before it is measured: compilers need their time. */
const warmUpShare = 0.5
const tools = "org.apache.kafka.tools"

interface Measured {
  readonly produceMBs: number
  readonly produceP99Ms: number
  readonly fetchMBs: number
  readonly cpuPerGB: number
}

const measure = async (running: Running, contender: Contender, bytes: number, records: number): Promise<Measured> => {
  const server = ["--bootstrap-server", running.bootstrap]
  const topic = fresh("perf")
  await runTool(`${tools}.TopicCommand`, [
    ...server,
    "--create",
    "--topic",
    topic,
    "--partitions",
    "4",
    ...contender.topic
  ])
  const before = cpuSeconds(running.pid)
  const produced = await runTool(`${tools}.ProducerPerformance`, [
    "--topic",
    topic,
    "--num-records",
    `${records}`,
    "--record-size",
    `${bytes}`,
    "--throughput",
    "-1",
    "--producer-props",
    `bootstrap.servers=${running.bootstrap}`,
    "acks=all",
    "linger.ms=5",
    "batch.size=65536"
  ])
  const fetched = await runTool(`${tools}.ConsumerPerformance`, [
    ...server,
    "--topic",
    topic,
    "--num-records",
    `${records}`,
    "--timeout",
    "60000"
  ])
  const cpu = cpuSeconds(running.pid) - before
  const last = produced.trim().split("\n").at(-1)!
  const columns = fetched.trim().split("\n").at(-1)!.split(",")
  const movedGB = 2 * bytes * records / 1e9
  return {
    produceMBs: Number(/\(([\d.]+) MB\/sec\)/.exec(last)?.[1]),
    produceP99Ms: Number(/([\d.]+) ms 99th/.exec(last)?.[1]),
    fetchMBs: Number(columns[8] ?? columns[3]),
    cpuPerGB: cpu / movedGB
  }
}

const results = new Map<string, Array<Measured>>()

for (let round = 1; round <= rounds; round++) {
  for (const contender of contenders.filter(({ name }) => only === undefined || name.includes(only))) {
    const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-bench-"))
    const running = await contender.start(directory)
    for (const { bytes, records } of sizes) {
      const share = Math.round(records * contender.share)
      await measure(running, contender, bytes, Math.round(share * warmUpShare))
      const measured = await measure(running, contender, bytes, share)
      console.error(JSON.stringify({ round, contender: contender.name, bytes, ...measured }))
      const key = `${contender.name}\t${bytes}`
      results.set(key, [...results.get(key) ?? [], measured])
    }
    await running.stop()
    NodeFs.rmSync(directory, { recursive: true, force: true })
  }
}

for (const [key, measured] of results) {
  const [contender, bytes] = key.split("\t")
  report({
    contender: contender!,
    "record bytes": Number(bytes),
    "produce MB/s": median(measured.map((one) => one.produceMBs)),
    "produce p99 ms": median(measured.map((one) => one.produceP99Ms)),
    "fetch MB/s": median(measured.map((one) => one.fetchMBs)),
    "CPU s/GB": median(measured.map((one) => one.cpuPerGB))
  })
}
printTable()
process.exit(0)
