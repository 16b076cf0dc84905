/**
 * Produce and consume of our client beside kafkajs, @platformatic/kafka and confluent-kafka-javascript, on the same broker.
 *
 * Fair by construction: each client in a process of its own, the same records in the same chunks, acks all, batches of
 * 64 KB, linger 5 ms, 4 partitions; a round runs every client once, one after the other, and the medians over the rounds
 * are told. Producing is measured from the first send until the last acknowledgement, connected before; consuming from
 * the first record until the last, of one topic that all read.
 * Flags: --bootstrap H:P (a broker of ours, policy `os`), --rounds N (5), --records-100 N (1000000), --records-1k N
 * (250000), --only NAME[,NAME…].
 */
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { fresh, option, singleBroker, startBroker } from "../compat/lib/harness.ts"
import { loadPeer } from "../compat/lib/peers.ts"
import { type Load, partitions } from "./clients/contender.ts"
import { median, printTable, report } from "./lib/report.ts"

const writesOnly = "confluent callbacks"
const contenders = option("only")?.split(",")
  ?? ["millrace", "kafkajs", "platformatic", "confluent", writesOnly]
const rounds = Number(option("rounds") ?? 5)
const sizes = [
  { bytes: 100, records: Number(option("records-100") ?? 1_000_000) },
  { bytes: 1024, records: Number(option("records-1k") ?? 250_000) }
]
const runAtMostMs = 120_000

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
}

const run = (contender: string, role: "produce" | "consume", load: Load): Measured => {
  const worker = NodePath.join(import.meta.dirname, "clients", "worker.ts")
  const { status, stderr, stdout } = NodeChild.spawnSync(
    process.execPath,
    [worker, contender, role, JSON.stringify(load)],
    { encoding: "utf8", timeout: runAtMostMs, killSignal: "SIGKILL" }
  )
  const last = stdout.trim().split("\n").at(-1)
  if (status !== 0 || last === undefined) {
    throw new Error(`${contender} could not ${role}: ${(stdout + stderr).slice(-2000)}`)
  }
  return JSON.parse(last) as Measured
}

interface Admin {
  connect(): Promise<void>
  disconnect(): Promise<void>
  createTopics(request: { topics: Array<{ topic: string; numPartitions: number }> }): Promise<boolean>
  deleteTopics(request: { topics: Array<string> }): Promise<void>
}
interface Kafkajs {
  readonly Kafka: new(options: object) => { admin(): Admin }
}

const results = new Map<string, Array<Measured>>()

const measure = (contender: string, role: "produce" | "consume", load: Load): void => {
  const key = `${role}\t${load.bytes}\t${contender}`
  try {
    const measured = run(contender, role, load)
    results.set(key, [...results.get(key) ?? [], measured])
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : String(cause))
  }
}

const measureAll = async (bootstrap: string): Promise<void> => {
  const { Kafka } = (await loadPeer<{ default: Kafkajs }>("kafkajs")).default
  const admin = new Kafka({ clientId: "bench", brokers: [bootstrap], logLevel: 0 }).admin()
  await admin.connect()
  const newTopic = async (): Promise<string> => {
    const topic = fresh("bench-client")
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
    return topic
  }
  for (const { bytes, records } of sizes) {
    const read: Load = { bootstrap, topic: await newTopic(), records, bytes }
    run("kafkajs", "produce", read)
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) {
        const written = await newTopic()
        measure(contender, "produce", { ...read, topic: written })
        if (contender !== writesOnly) measure(contender, "consume", read)
        await admin.deleteTopics({ topics: [written] })
      }
    }
    await admin.deleteTopics({ topics: [read.topic] })
  }
  await admin.disconnect()
}

const given = option("bootstrap")
if (given !== undefined) await measureAll(given)
else {
  const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-bench-"))
  const broker = await startBroker(directory, 0, singleBroker, ["--durability", "os"])
  try {
    await measureAll(broker.bootstrap)
  } finally {
    await broker.kill("SIGTERM")
    NodeFs.rmSync(directory, { recursive: true, force: true })
  }
}

for (const [key, measured] of results) {
  const [role, size, contender] = key.split("\t")
  const bytes = Number(size)
  const records = sizes.find((one) => one.bytes === bytes)!.records
  const seconds = median(measured.map((one) => one.seconds))
  report({
    role: role!,
    "record bytes": bytes,
    client: contender!,
    "records/s": Math.round(records / seconds),
    "MB/s": records * bytes / 1e6 / seconds,
    "client CPU s/GB": median(measured.map((one) => one.cpuSeconds)) / (records * bytes / 1e9),
    rounds: measured.length
  })
}
printTable()
process.exit(0)
