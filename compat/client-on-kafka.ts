/**
 * `compat client-on-kafka`: our client on a real Apache Kafka (with `--bootstrap HOST:PORT`, on a broker that is up).
 *
 * Producer and consumer with every codec, with Java as the witness both ways; groups of each assignor whose members come
 * and go, one of them Java's; static members; transactions, fencing and what the broker aborts; administration; and a
 * broker that is stopped and started again under an idempotent producer.
 */
import * as Admin from "@millrace/client/admin/Admin"
import { keyOf } from "@millrace/client/cluster/TopicPartition"
import type { Assignor } from "@millrace/client/consumer/assignor/Assignor"
import { range } from "@millrace/client/consumer/assignor/Range"
import { roundRobin } from "@millrace/client/consumer/assignor/RoundRobin"
import { cooperativeSticky, sticky } from "@millrace/client/consumer/assignor/Sticky"
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
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { check, finish, fresh, option, same, waitFor } from "./lib/harness.ts"
import { runTool, startTool } from "./lib/java.ts"
import { startKafka } from "./lib/kafka.ts"

const port = 29392
const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const
const tools = "org.apache.kafka.tools"

type Needs = Kafka.Kafka | Network | Compression | Scope.Scope

const text = (name: string) => Topic.make(name, { key: Serde.string, value: Serde.string })
const values = (count: number) => Array.from({ length: count }, (_, i) => `value-${i}`)

const checks = async (bootstrap: string): Promise<void> => {
  const environment = Layer.mergeAll(Kafka.layer({ bootstrapServers: bootstrap }), NodePlatform.layer)
  const run = <A, E>(effect: Effect.Effect<A, E, Needs>): Promise<A> =>
    Effect.runPromise(Effect.provide(Effect.scoped(effect), environment))
  const server = ["--bootstrap-server", bootstrap]

  const newTopic = async (partitions: number) => {
    const topic = text(fresh("topic"))
    await run(Effect.flatMap(Admin.make, (admin) => admin.createTopics([{ name: topic.name, partitions }])))
    return topic
  }
  const write = (topic: Topic.Topic<string, string>, written: ReadonlyArray<string>, options: Producer.Options = {}) =>
    Effect.gen(function*() {
      const producer = yield* Producer.make(options)
      yield* producer.sendAll(topic, written.map((value) => ({ key: value, value })))
    })
  const read = (topic: Topic.Topic<string, string>, count: number, options: Consumer.StreamOptions = {}) =>
    Consumer.stream(topic, {
      partitions: [0],
      autoOffsetReset: "earliest",
      isolationLevel: "read_committed",
      ...options
    })
      .pipe(Stream.take(count), Stream.map((record) => record.value), Stream.runCollect, Effect.timeout("30 seconds"))

  /** Three members, then two, then three: the partitions held at rest must cover the topic without overlap. */
  const comeAndGo = (topic: Topic.Topic<string, string>, assignor: Assignor) =>
    Effect.gen(function*() {
      const groupId = fresh("group")
      const seen = new Map<string, number>()
      const held = new Map<number, () => ReadonlyArray<string>>()
      const member = (id: number) =>
        Effect.scoped(Effect.gen(function*() {
          const consumer = yield* Consumer.make({ groupId, assignors: [assignor], autoOffsetReset: "earliest" })
          yield* consumer.subscribe([topic.name])
          held.set(id, () => consumer.assignment().map((one) => keyOf(one.topic, one.partition)))
          yield* Effect.addFinalizer(() => Effect.sync(() => held.delete(id)))
          return yield* Effect.forever(Effect.flatMap(consumer.poll(200), (chunks) =>
            Effect.gen(function*() {
              for (const chunk of chunks) {
                const cursor = new ChunkCursor(chunk)
                while (cursor.next()) {
                  const value = cursor.record.valueString()!
                  seen.set(value, (seen.get(value) ?? 0) + 1)
                }
              }
              const offsets = chunks.map(({ nextOffset: offset, partition, topic }) => ({ topic, partition, offset }))
              yield* Effect.ignore(consumer.commit(offsets))
            })))
        }))
      const atRest = (members: number) =>
        Effect.promise(() =>
          waitFor(`${members} members at rest`, () => {
            const all = [...held.values()].map((one) => one())
            const keys = all.flat()
            const isFair = all.length === members && all.every((one) => one.length === 6 / members)
            return isFair && new Set(keys).size === 6 && keys.length === 6 ? true : undefined
          }, 40_000)
        )
      const first = yield* Effect.forkScoped(member(1))
      const second = yield* Effect.forkScoped(member(2))
      yield* atRest(2)
      yield* write(topic, values(1_000))
      const third = yield* Effect.forkScoped(member(3))
      yield* atRest(3)
      yield* Fiber.interrupt(first)
      yield* atRest(2)
      yield* write(topic, values(2_000).slice(1_000))
      yield* Effect.promise(() => waitFor("all records", () => seen.size === 2_000 ? true : undefined))
      yield* Fiber.interrupt(second)
      yield* Fiber.interrupt(third)
    })

  const administer = (topic: Topic.Topic<string, string>) =>
    Effect.gen(function*() {
      const admin = yield* Admin.make
      const { name } = topic
      yield* write(topic, values(10))
      yield* admin.createPartitions([{ name, count: 3 }])
      const described = Effect.map(admin.describeTopics([name]), ([one]) => one!.partitions.length)
      while ((yield* described) !== 3) yield* Effect.sleep("100 millis")
      yield* admin.incrementalAlterConfigs([{
        type: "topic",
        name,
        changes: [{ name: "retention.ms", operation: "set", value: "60000" }]
      }])
      const [config] = yield* admin.describeConfigs([{ type: "topic", name }])
      const retention = config!.entries.find((entry) => entry.name === "retention.ms")
      same([retention?.value, retention?.source], ["60000", "topic"], "config")
      const groupId = fresh("group")
      yield* admin.alterConsumerGroupOffsets(groupId, [{ topic: name, partition: 0, offset: 3, metadata: "note" }])
      const [offset] = yield* admin.listConsumerGroupOffsets(groupId)
      same([offset?.offset, offset?.metadata], [3, "note"], "offset")
      yield* admin.deleteConsumerGroupOffsets(groupId, [{ topic: name, partition: 0 }])
      same(yield* admin.listConsumerGroupOffsets(groupId), [], "deleted offset")
      const [ends] = yield* admin.listOffsets([{ topic: name, partition: 0, timestamp: -1 }])
      const [deleted] = yield* admin.deleteRecords([{ topic: name, partition: 0, offset: ends!.offset }])
      same(deleted?.lowWatermark, ends!.offset, "low watermark")
      same((yield* admin.describeProducers([{ topic: name, partition: 0 }])).length, 1, "producers")
      same((yield* admin.listTransactions()).length > 0, true, "transactions")
      same((yield* admin.describeCluster).nodes.length > 0, true, "nodes")
      yield* admin.deleteTopics([name])
      const again = yield* Effect.flip(admin.createTopics([{ name: "no spaces" }]))
      same(again._tag, "AdminError", "refusal")
    })

  for (const compression of codecs) {
    await check(`${compression}: what we write, we and Java read`, async () => {
      const topic = await newTopic(1)
      await run(write(topic, values(500), { compression }))
      same(await run(read(topic, 500)), values(500), "ours")
      const output = await runTool(`${tools}.consumer.ConsoleConsumer`, [
        ...server,
        "--topic",
        topic.name,
        "--from-beginning",
        "--max-messages",
        "500",
        "--timeout-ms",
        "20000"
      ])
      same(output.split("\n").filter((line) => line.startsWith("value-")), values(500), "Java's")
    })
    await check(`${compression}: what Java writes, we read`, async () => {
      const topic = await newTopic(1)
      const words = [...server, "--topic", topic.name, "--compression-codec", compression]
      await runTool(`${tools}.ConsoleProducer`, words, values(500).map((value) => `${value}\n`).join(""))
      same(await run(read(topic, 500)), values(500), "values")
    })
  }

  for (const assignor of [range, roundRobin, sticky, cooperativeSticky]) {
    await check(`${assignor.name}: members come and go, each record is read, nobody shares a partition`, async () => {
      await run(comeAndGo(await newTopic(6), assignor))
    })
  }

  await check("a group that Java's members share", async () => {
    const topic = await newTopic(4)
    const groupId = fresh("group")
    const words = [...server, "--topic", topic.name, "--group", groupId, "--from-beginning"]
    const java = startTool(`${tools}.consumer.ConsoleConsumer`, words)
    try {
      await run(Effect.gen(function*() {
        const consumer = yield* Consumer.make({ groupId, autoOffsetReset: "earliest" })
        yield* consumer.subscribe([topic.name])
        const shared = Effect.forever(Effect.flatMap(consumer.poll(200), () => {
          const mine = consumer.assignment().length
          return mine === 2 ? Effect.fail("shared") : Effect.void
        }))
        same(yield* Effect.flip(Effect.timeout(shared, "40 seconds")), "shared", "two partitions each")
        yield* write(topic, values(200))
        let count = 0
        while (count === 0) count += (yield* consumer.poll(1_000)).length
        yield* Effect.promise(() =>
          waitFor("Java's records", () => java.output().includes("value-") ? true : undefined)
        )
      }))
    } finally {
      java.process.kill("SIGKILL")
      await java.ended
    }
  })

  await check("a static member that comes back causes no rebalance", async () => {
    const topic = await newTopic(2)
    const groupId = fresh("group")
    const generation = (polls: number) =>
      Effect.scoped(Effect.gen(function*() {
        const consumer = yield* Consumer.make({ groupId, groupInstanceId: "one", autoOffsetReset: "earliest" })
        yield* consumer.subscribe([topic.name])
        for (let i = 0; i < polls || consumer.assignment().length === 0; i++) yield* consumer.poll(100)
        return consumer.groupMetadata().generationId
      }))
    const generations = await run(Effect.all([generation(10), generation(10)]))
    same(generations[1], generations[0], "generation")
  })

  await check("transactions: committed together with their input, or not at all", async () => {
    const [input, output] = [await newTopic(2), await newTopic(1)]
    await run(write(input, values(300)))
    const settle = (fails: boolean) =>
      Transaction.run(Effect.gen(function*() {
        const batch = yield* Transaction.take(input)
        yield* Transaction.sendAll(output, batch.records.map(({ value }) => ({ key: value, value })))
        yield* Effect.sleep("50 millis")
        if (fails) return yield* Effect.fail("no" as const)
        return batch.records.length
      }))
    await run(
      Effect.gen(function*() {
        let settled = 0
        let attempt = 0
        while (settled < 300) {
          const exit = yield* Effect.exit(settle(attempt++ % 2 === 0))
          if (Exit.isSuccess(exit)) settled += exit.value
        }
      }).pipe(
        Effect.provide(
          Transaction.layer({ transactionalId: fresh("settle"), consumer: { maxPartitionFetchBytes: 1_000 } })
        )
      )
    )
    same([...await run(read(output, 300))].sort(), values(300).sort(), "settled once each")
  })

  await check("transactions: a newer producer fences the older one", async () => {
    const topic = await newTopic(1)
    const transactionalId = fresh("fenced")
    const layer = Transaction.layer({ transactionalId })
    const failure = await run(Effect.gen(function*() {
      const older = yield* Layer.build(layer)
      yield* Effect.provide(Transaction.run(Transaction.send(topic, { value: "older" })), older)
      const newer = yield* Layer.build(Layer.fresh(layer))
      yield* Effect.provide(Transaction.run(Transaction.send(topic, { value: "newer" })), newer)
      return yield* Effect.flip(Effect.provide(Transaction.run(Transaction.send(topic, { value: "late" })), older))
    }))
    same([failure._tag, "remedy" in failure ? failure.remedy : ""], ["ProducerFenced", "stop"], "failure")
    same(await run(read(topic, 2)), ["older", "newer"], "values")
  })

  await check("transactions: the broker aborts what is open for too long", async () => {
    const topic = await newTopic(1)
    const layer = Transaction.layer({ transactionalId: fresh("slow"), transactionTimeout: "1 second" })
    const failure = await run(Effect.provide(
      Effect.gen(function*() {
        const slow = Effect.andThen(Transaction.send(topic, { value: "slow" }), Effect.sleep("16 seconds"))
        const failure = yield* Effect.flip(Transaction.run(slow))
        yield* Transaction.run(Transaction.send(topic, { value: "again" }))
        return failure
      }),
      layer
    ))
    same([failure._tag, "remedy" in failure ? failure.remedy : ""], ["TransactionAborted", "retry"], "failure")
    same(await run(read(topic, 1)), ["again"], "values")
  })

  await check("administration: topics, configs, offsets, groups, records, producers, transactions", async () => {
    await run(administer(await newTopic(2)))
  })
}

const given = option("bootstrap")
if (given !== undefined) await checks(given)
else {
  const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-kafka-"))
  const settings = ["transaction.abort.timed.out.transaction.cleanup.interval.ms=1000"]
  const kafka = await startKafka(directory, port, settings)
  try {
    await checks(kafka.bootstrap)
  } finally {
    await kafka.stop()
    NodeFs.rmSync(directory, { recursive: true, force: true })
  }
}
finish()
