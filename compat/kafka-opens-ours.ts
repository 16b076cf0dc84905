/**
 * `compat kafka-opens-ours`: Apache Kafka starts on the directory that our broker has left, once after an orderly stop and
 * once after `kill -9`, and serves the same: records of every codec, transactions that were committed, aborted and left
 * open, offsets, groups, topics and their settings; and goes on writing. Flags: --port N (28392).
 */
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import { ChunkCursor } from "@millrace/client/consumer/RecordChunk"
import * as Producer from "@millrace/client/producer/Producer"
import * as Transaction from "@millrace/client/transaction/Transaction"
import * as Kafka from "@millrace/core/Kafka"
import { NodePlatform } from "@millrace/core/node"
import type { Network } from "@millrace/core/platform/Network"
import type { Compression } from "@millrace/core/records/Compression"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { check, finish, option, same, singleBroker, startBroker, waitFor } from "./lib/harness.ts"
import { startKafkaOn } from "./lib/kafka.ts"

const port = Number(option("port") ?? 28_392)
const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const
const partitionsOf = { plain: 3, trimmed: 1, transactions: 2, input: 1, empty: 2 } as const
type TopicName = keyof typeof partitionsOf
const names = Object.keys(partitionsOf) as ReadonlyArray<TopicName>
const few = ["offsets.topic.num.partitions=4", "transaction.state.log.num.partitions=4"]

type Needs = Kafka.Kafka | Network | Compression | Scope.Scope

const runOn = (bootstrap: string) => {
  const environment = Layer.mergeAll(Kafka.layer({ bootstrapServers: bootstrap }), NodePlatform.layer)
  return <A, E>(effect: Effect.Effect<A, E, Needs>): Promise<A> =>
    Effect.runPromise(Effect.provide(Effect.scoped(effect), environment))
}

const topic = (name: TopicName) => Topic.make(name, { key: Serde.string, value: Serde.string })
const valuesOf = (mark: string, count: number, size = 20) =>
  Array.from({ length: count }, (_, i) => `${mark}-${i}`.padEnd(size, "."))

const write = (name: TopicName, values: ReadonlyArray<string>, options: Producer.Options = {}) =>
  Effect.gen(function*() {
    const producer = yield* Producer.make(options)
    const headers = [{ key: "from", value: new TextEncoder().encode("ours") }]
    yield* producer.sendAll(topic(name), values.map((value) => ({ key: value.split(".")[0]!, value, headers })))
  })

/** Some topics with settings of their own, and records of all kinds in them; ends with a transaction that stays open. */
const fill = Effect.gen(function*() {
  const admin = yield* Admin.make
  yield* admin.createTopics(names.map((name) => ({ name, partitions: partitionsOf[name] })))
  yield* admin.incrementalAlterConfigs([
    { type: "topic", name: "trimmed", changes: [{ name: "segment.bytes", operation: "set", value: "1048576" }] },
    { type: "topic", name: "plain", changes: [{ name: "retention.ms", operation: "set", value: "86400000" }] }
  ])
  for (const compression of codecs) yield* write("plain", valuesOf(compression, 500), { compression })
  yield* write("trimmed", valuesOf("trimmed", 4_000, 1_000))
  yield* admin.deleteRecords([{ topic: "trimmed", partition: 0, offset: 2_500 }])
  yield* write("input", valuesOf("input", 100))
  yield* admin.alterConsumerGroupOffsets("admin", [{ topic: "plain", partition: 1, offset: 5, metadata: "ü" }])
  const consumer = yield* Consumer.make({ groupId: "classic", autoOffsetReset: "earliest" })
  yield* consumer.subscribe(["input"])
  while ((yield* consumer.poll(500)).length === 0);
  yield* consumer.commit([{ topic: "input", partition: 0, offset: 42 }])
  yield* transact
})

const transact = Effect.gen(function*() {
  const one = (mark: string, fails: boolean) =>
    Transaction.run(Effect.gen(function*() {
      yield* Transaction.take(topic("input"))
      yield* Transaction.sendAll(topic("transactions"), valuesOf(mark, 50).map((value) => ({ key: value, value })))
      if (fails) return yield* Effect.fail("no")
    }))
  yield* one("aborted", true).pipe(
    Effect.ignore,
    Effect.andThen(one("committed", false)),
    Effect.provide(Transaction.layer({ transactionalId: "settled", consumer: { autoOffsetReset: "earliest" } }))
  )
})

/** A transaction that writes, and then is never heard of again. */
const leaveOpen = (written: () => void) =>
  Effect.provide(
    Transaction.run(Effect.gen(function*() {
      yield* Transaction.sendAll(topic("transactions"), valuesOf("open", 20).map((value) => ({ key: value, value })))
      yield* Effect.sleep("1 second")
      written()
      return yield* Effect.never
    })),
    Transaction.layer({ transactionalId: "open", transactionTimeout: "14 minutes" })
  )

/** What a partition shows at this isolation, record by record. */
const recordsOf = (name: TopicName, partition: number, isolationLevel: "read_uncommitted" | "read_committed") =>
  Effect.scoped(Effect.gen(function*() {
    const consumer = yield* Consumer.make({ autoOffsetReset: "earliest", isolationLevel })
    const here = { topic: name, partition }
    yield* consumer.assign([here])
    const [end] = yield* consumer.endOffsets([here])
    const found: Array<ReadonlyArray<unknown>> = []
    while ((consumer.position(here) ?? 0) < end!.offset) {
      for (const chunk of yield* consumer.poll(200)) {
        const cursor = new ChunkCursor(chunk)
        while (cursor.next()) {
          const { record } = cursor
          const headers = record.headers().map(({ key, value }) => [key, String(value)])
          found.push([record.offset, record.timestamp, record.keyString(), record.valueString(), headers])
        }
      }
    }
    return found
  })).pipe(Effect.timeout("30 seconds"))

const everyPartition = names.flatMap((name) =>
  Array.from({ length: partitionsOf[name] }, (_, partition) => ({ topic: name, partition }))
)

/** All that clients may see, by what it is. */
const seen = Effect.gen(function*() {
  const admin = yield* Admin.make
  const all: Record<string, unknown> = {}
  const offsets = (timestamp: number, isolationLevel: "read_uncommitted" | "read_committed") =>
    Effect.map(
      admin.listOffsets(everyPartition.map((one) => ({ ...one, timestamp })), { isolationLevel }),
      (listed) => listed.map(({ offset, partition, topic }) => `${topic}-${partition} ${offset}`).sort()
    )
  all["first offsets"] = yield* offsets(-2, "read_uncommitted")
  all["end offsets"] = yield* offsets(-1, "read_uncommitted")
  all["last stable offsets"] = yield* offsets(-1, "read_committed")
  for (const isolation of ["read_uncommitted", "read_committed"] as const) {
    for (const { partition, topic } of everyPartition) {
      all[`records of ${topic}-${partition}, ${isolation}`] = yield* recordsOf(topic, partition, isolation)
    }
  }
  for (const group of ["admin", "classic", "settled"]) {
    all[`offsets of ${group}`] = yield* admin.listConsumerGroupOffsets(group)
  }
  all["groups"] = [...(yield* admin.listGroups)].sort((one, other) => one.groupId < other.groupId ? -1 : 1)
  all["transactions"] = [...(yield* admin.listTransactions())].sort((one, other) =>
    one.transactionalId < other.transactionalId ? -1 : 1
  )
  all["producers"] = [...(yield* admin.describeProducers(everyPartition))]
    .map((one) => JSON.stringify(one)).sort()
  const topics = (yield* admin.listTopics).map(({ name, partitions }) => [name, partitions.length])
  all["topics"] = topics.map(String).sort()
  const configs = yield* admin.describeConfigs(names.map((name) => ({ type: "topic", name }) as const))
  all["settings"] = configs.map(({ entries, name }) => [
    name,
    entries.filter(({ source }) => source === "topic").map((entry) => `${entry.name}=${entry.value}`)
  ])
  return all
})

const takeOver = async (signal: "SIGTERM" | "SIGKILL", at: number): Promise<void> => {
  const how = signal === "SIGTERM" ? "an orderly stop" : "kill -9"
  const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-takeover-"))
  const data = NodePath.join(directory, "data")
  const broker = await startBroker(data, at, [...singleBroker, ...few])
  const run = runOn(broker.bootstrap)
  let expected: Record<string, unknown> = {}
  await check(`before ${how}: records, transactions, offsets, groups`, async () => {
    await run(fill)
    let isOpen = false
    // It ends with this program.
    run(leaveOpen(() => void (isOpen = true))).catch(() => undefined)
    await waitFor("the open transaction", () => isOpen ? true : undefined)
    expected = await run(seen)
  })
  await broker.kill(signal)
  const kafka = await startKafkaOn(NodePath.join(directory, "kafka"), data, at + 1, few)
  try {
    const runThere = runOn(kafka.bootstrap)
    let actual: Record<string, unknown> = {}
    await check(`after ${how}: Kafka starts and answers`, async () => {
      actual = await runThere(seen)
    })
    for (const [what, value] of Object.entries(expected)) {
      await check(`after ${how}: ${what}`, async () => same(actual[what], value, what))
    }
    await check(`after ${how}: Kafka goes on writing, and ends what is open`, () =>
      runThere(Effect.gen(function*() {
        yield* write("plain", valuesOf("later", 100))
        const fencing = Transaction.layer({ transactionalId: "open" })
        yield* Effect.provide(Transaction.run(Transaction.send(topic("transactions"), { value: "later" })), fencing)
        const visible = yield* Effect.forEach([0, 1], (index) => recordsOf("transactions", index, "read_committed"))
        same(visible.flat().length, 51, "committed records")
      })))
  } finally {
    await kafka.stop()
    NodeFs.rmSync(directory, { recursive: true, force: true })
  }
}

await takeOver("SIGTERM", port)
await takeOver("SIGKILL", port + 2)
finish()
