/**
 * Our broker, killed (`kill -9`) ten times while producers write: no acknowledged record is lost, none is reordered within
 * its partition, none is there twice, each is where its acknowledgement said.
 *
 * The writers are our own idempotent producer and Kafka's VerifiableProducer, both with acks all; what is there in the end
 * is read by a foreign client. Flags: --kills N (10), --port N (28192).
 */
import * as Producer from "@millrace/client/producer/Producer"
import { Kafka } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { type Broker, check, finish, fresh, option, same, singleBroker, startBroker, waitFor } from "./lib/harness.ts"
import { startTool } from "./lib/java.ts"
import { type Acknowledged, faultsOf, readAll, withAdmin } from "./lib/ledger.ts"

const kills = Number(option("kills") ?? 10)
const port = Number(option("port") ?? 28_192)
const partitions = 4
/** Between two kills, at least and at most: some hit a broker that has hardly started, some a busy one. */
const livesMs = [300, 3000] as const

const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-kill-broker-"))
const start = (): Promise<Broker> => startBroker(directory, port, singleBroker)
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

let broker = await start()

/** Kills the broker again and again while records are acknowledged in between. */
const killRepeatedly = async (acknowledgedCount: () => number): Promise<void> => {
  for (let kill = 0; kill < kills; kill++) {
    const before = acknowledgedCount()
    await waitFor("records to be acknowledged", () => acknowledgedCount() > before ? true : undefined, 60_000)
    await sleep(livesMs[0] + Math.random() * (livesMs[1] - livesMs[0]))
    await broker.kill("SIGKILL")
    broker = await start()
  }
}

const newTopic = (): Promise<string> =>
  withAdmin(broker.bootstrap, async (admin) => {
    const topic = fresh("kill")
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
    return topic
  })

const verify = async (topic: string, acknowledged: ReadonlyArray<Acknowledged>): Promise<void> => {
  const read = await readAll(broker.bootstrap, topic, (records) => records.length >= acknowledged.length)
  console.log(`      ${acknowledged.length} acknowledged, ${read.length} there`)
  const faults = faultsOf(acknowledged, read)
  if (faults.length > 0) throw new Error(`${faults.length} faults:\n        ${faults.slice(0, 10).join("\n        ")}`)
}

/** Every 5 ms as many records into each partition; waits for room while the broker is away. */
const recordsPerTick = 10

const write = Effect.fnUntraced(
  function*(topic: string, acknowledged: Array<Acknowledged>, failed: Array<string>, stopped: Deferred.Deferred<void>) {
    const { core } = yield* Producer.make({ acks: "all", linger: "5 millis" })
    yield* core.prepare([topic])
    for (let value = 0; !Deferred.isDoneUnsafe(stopped);) {
      for (let count = 0; count < recordsPerTick; count++, value++) {
        for (let partition = 0; partition < partitions; partition++) {
          const number = value
          core.appendUnsafe(topic, partition, -1, null, String(number), [], {
            onWritten: (_topic, partition, offset) => acknowledged.push({ partition, offset, value: number }),
            onFailed: (error) => failed.push(`${partition}/${number}: ${error.message}`)
          })
        }
      }
      yield* Effect.sleep("5 millis")
      yield* core.room
    }
    yield* core.flush
  },
  Effect.scoped
)

await check(`our producer: ${kills} kills lose, reorder and repeat nothing`, async () => {
  const topic = await newTopic()
  const acknowledged: Array<Acknowledged> = []
  const failed: Array<string> = []
  const stopped = Deferred.makeUnsafe<void>()
  const platform = Layer.merge(Kafka.layer({ bootstrapServers: broker.bootstrap }), NodePlatform.layer)
  const writer = Effect.runFork(Effect.provide(write(topic, acknowledged, failed, stopped), platform))
  try {
    await killRepeatedly(() => acknowledged.length)
  } finally {
    Deferred.doneUnsafe(stopped, Effect.void)
  }
  await Effect.runPromise(Fiber.join(writer).pipe(Effect.timeout("60 seconds")))
  same(failed.slice(0, 3), [], "records that failed")
  await verify(topic, acknowledged)
})

interface Verified extends Acknowledged {
  readonly name: string
  readonly message?: string
}

/** What is told of the record that SIGTERM found being sent. */
const interrupted = "Producer closed while send in progress"

await check(`Kafka's VerifiableProducer: ${kills} kills lose, reorder and repeat nothing`, async () => {
  const topic = await newTopic()
  const properties = NodePath.join(directory, "producer.properties")
  NodeFs.writeFileSync(properties, "enable.idempotence=true\nretries=2147483647\nlinger.ms=5\n")
  const tool = startTool("org.apache.kafka.tools.VerifiableProducer", [
    "--bootstrap-server",
    broker.bootstrap,
    "--topic",
    topic,
    "--throughput",
    "4000",
    "--acks",
    "-1",
    "--command-config",
    properties
  ])
  const count = (): number => tool.output().length
  try {
    await killRepeatedly(count)
  } finally {
    tool.process.kill("SIGTERM")
  }
  await tool.ended
  const events = tool.output().split("\n").filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line) as Verified
  )
  const failed = events.filter(({ message, name }) => name === "producer_send_error" && message !== interrupted)
  same(failed.slice(0, 3), [], "records that failed")
  const acknowledged = events.filter(({ name }) => name === "producer_send_success")
  await verify(topic, acknowledged.map(({ offset, partition, value }) => ({ offset, partition, value: Number(value) })))
})

await broker.kill("SIGTERM")
NodeFs.rmSync(directory, { recursive: true, force: true })
finish()
