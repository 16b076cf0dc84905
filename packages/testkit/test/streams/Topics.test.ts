/**
 * Apps whose topics come and go while they run, on a simulated broker in virtual time: sources by pattern, sinks with a topic
 * chosen per record, dead letters.
 */
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import { ProducerError } from "@millrace/client/producer/ProducerError"
import * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import * as Murmur2 from "@millrace/core/hash/Murmur2"
import { World } from "@millrace/testkit/simulation/World"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const text = { key: Serde.string, value: Serde.string }
const topic = (name: string) => Topic.make(name, text)

const options = {
  applicationId: "app",
  commitInterval: "50 millis",
  linger: 0,
  metadataMaxAge: "200 millis",
  stateDirectory: "state"
} as const

const create = (partitions: number, ...names: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.flatMap(Admin.make, (admin) => admin.createTopics(names.map((name) => ({ name, partitions }))))
  )

const send = (name: string, key: string, value: string, timestamp = 0) =>
  Effect.scoped(
    Effect.flatMap(Producer.make({ linger: 0 }), (producer) => producer.send(topic(name), { key, value, timestamp }))
  )

const first = <K, V>(from: Topic.Topic<K, V>) =>
  Consumer.stream(from, { autoOffsetReset: "earliest", groupId: `reader-of-${from.name}` }).pipe(
    Stream.take(1),
    Stream.runCollect,
    Effect.map(([record]) => record!)
  )

/** Runs a program on a broker of its own; what it gives. */
const simulate = <A, E>(
  program: Effect.Effect<
    A,
    E,
    Parameters<World["addClient"]>[1] extends Effect.Effect<unknown, unknown, infer R> ? R : never
  >
): A => {
  const world = new World({ seed: 5, stepsMax: 2_000_000, timeMaxMs: 120_000 })
  const results: Array<A> = []
  world.addBroker().start()
  world.addClient("test", Effect.map(program, (result) => void results.push(result))).start()
  assert.strictEqual(world.universe.run(() => results.length > 0 || world.anomalies.length > 0), "done")
  assert.deepStrictEqual(world.anomalies, [])
  return results[0]!
}

const routed = Topology.make(
  KStream.fromPattern(/in-.*/, text).pipe(
    KStream.mapValues((value) => {
      if (value === "bad") throw new RangeError("this one is bad")
      return value.toUpperCase()
    }, Serde.string),
    KStream.toDynamic(({ key, source }) => `out-${key}-${source.topic}`, text)
  )
)

describe("topics of apps", { timeout: 60_000 }, () => {
  it("appear while the app runs: it reads them, writes where each record says, and keeps dead letters", () => {
    const program = Effect.gen(function*() {
      yield* create(1, "in-a", "out-k-in-a", "dead")
      yield* StreamsApp.make(routed, {
        ...options,
        processingExceptionHandler: "continue",
        deadLetterQueueTopic: "dead"
      })
      yield* send("in-a", "k", "one")
      const early = yield* first(topic("out-k-in-a"))
      yield* send("in-a", "k", "bad")
      const dead = yield* first(topic("dead"))
      yield* create(2, "in-b", "out-k-in-b")
      yield* send("in-b", "k", "two")
      const late = yield* first(topic("out-k-in-b"))
      return { early: early.value, dead: [dead.value, dead.headers[0]?.key], late: late.value }
    })
    assert.deepStrictEqual(simulate(Effect.scoped(program)), {
      early: "ONE",
      dead: ["bad", "__streams.errors.exception"],
      late: "TWO"
    })
  })

  it("are read from records on that are young enough, as the app or the source says, and else from their end", () => {
    const copying = Topology.make(
      KStream.from(topic("by-app")).pipe(KStream.to(topic("out"))),
      KStream.from(topic("by-source"), { offsetReset: { byDuration: "1 minute" } }).pipe(KStream.to(topic("out"))),
      KStream.from(topic("all-old"), { offsetReset: { byDuration: 10 } }).pipe(KStream.to(topic("out")))
    )
    const program = Effect.gen(function*() {
      const names = ["by-app", "by-source", "all-old"]
      yield* create(1, "out", ...names)
      const nowMs = yield* Clock.currentTimeMillis
      for (const name of names) {
        for (const age of [7_200_000, 3_000_000, 30_000]) yield* send(name, name, `${age} old`, nowMs - age)
      }
      const app = yield* StreamsApp.make(copying, { ...options, autoOffsetReset: { byDuration: "1 hour" } })
      yield* Stream.runHead(Stream.filter(app.changes, (state) => state === "RUNNING"))
      yield* Effect.sleep("2 seconds")
      for (const name of names) yield* send(name, name, "new", nowMs)
      const read = yield* Consumer.stream(topic("out"), { autoOffsetReset: "earliest", groupId: "reader" }).pipe(
        Stream.take(6),
        Stream.runCollect
      )
      return names.map((name) => read.filter(({ key }) => key === name).map(({ value }) => value))
    })
    assert.deepStrictEqual(simulate(Effect.scoped(program)), [
      ["3000000 old", "30000 old", "new"],
      ["30000 old", "new"],
      ["new"]
    ])
  })

  it("whose records are gone are gone on with as their source says, and not as the app does", () => {
    const copying = (offsetReset: "latest" | "none") =>
      Topology.make(KStream.from(topic("in"), { offsetReset }).pipe(KStream.to(topic("out"))))
    const isRunning = (app: StreamsApp.StreamsApp["Service"]) =>
      Effect.raceFirst(app.await, Stream.runHead(Stream.filter(app.changes, (state) => state === "RUNNING")))
    const result = (offsetReset: "latest" | "none") => {
      const program = Effect.gen(function*() {
        yield* create(1, "in", "out")
        // the app is at the second record when the first three go
        yield* send("in", "k", "one")
        yield* Effect.scoped(Effect.gen(function*() {
          const app = yield* StreamsApp.make(
            Topology.make(KStream.from(topic("in")).pipe(KStream.to(topic("out")))),
            options
          )
          yield* isRunning(app)
          yield* first(topic("out"))
        }))
        for (const value of ["two", "three", "four"]) yield* send("in", "k", value)
        yield* Effect.scoped(
          Effect.flatMap(Admin.make, (admin) => admin.deleteRecords([{ topic: "in", partition: 0, offset: 3 }]))
        )
        const app = yield* StreamsApp.make(copying(offsetReset), options)
        if (offsetReset === "none") return [(yield* Effect.flip(app.await)).reason]
        yield* isRunning(app)
        yield* Effect.sleep("2 seconds")
        yield* send("in", "k", "five")
        const read = yield* Consumer.stream(topic("out"), { autoOffsetReset: "earliest", groupId: "reader" }).pipe(
          Stream.take(2),
          Stream.runCollect
        )
        return read.map(({ value }) => value)
      })
      return simulate(Effect.scoped(program))
    }
    assert.deepStrictEqual(result("latest"), ["one", "five"])
    assert.deepStrictEqual(result("none"), ["Consuming"])
  })

  it("chosen per record take windowed keys by their inner key, from the first record on", () => {
    const windowed = Serde.windowed(Serde.string, 10)
    const counts = { key: windowed, value: Serde.long }
    const topology = Topology.make(
      KStream.from(topic("in")).pipe(
        KStream.groupByKey,
        KGroupedStream.windowedBy(TimeWindows.tumbling("10 millis")),
        TimeWindowedKStream.count(),
        KTable.toStream,
        KStream.toDynamic(() => "counts", counts)
      )
    )
    const keys = ["a", "b", "c", "d"]
    const program = Effect.gen(function*() {
      yield* create(1, "in")
      yield* create(7, "counts")
      yield* StreamsApp.make(topology, { ...options, stateStoreCacheMaxBytes: 0 })
      yield* Effect.forEach(keys, (key) => send("in", key, "", 12))
      return yield* Consumer.stream(Topic.make("counts", counts), { autoOffsetReset: "earliest", groupId: "reader" })
        .pipe(
          Stream.take(keys.length),
          Stream.runCollect
        )
    })
    const found = simulate(Effect.scoped(program)).map(({ key, partition }) => [key?.key, key?.start, partition])
    assert.deepStrictEqual(
      found.sort(),
      keys.map((key) => [key, 10, Murmur2.partitionForKey(Buffer.from(key), 7)])
    )
  })

  it("chosen per record obey a partitioner of one's own from the first record on, and the production handler", () => {
    const topology = Topology.make(
      KStream.from(topic("in")).pipe(
        KStream.toDynamic(() => "out", {
          ...text,
          streamPartitioner: (_topic, _key, value, numPartitions) =>
            value === "all"
              ? Array.from({ length: numPartitions }, (_, at) => at)
              : value === "none"
              ? []
              : Number(value)
        })
      )
    )
    const seen: Array<unknown> = []
    const program = Effect.gen(function*() {
      yield* create(1, "in")
      yield* create(3, "out")
      yield* StreamsApp.make(topology, {
        ...options,
        productionExceptionHandler: ({ offset }, { value }) => {
          seen.push([offset, value])
          return "continue"
        }
      })
      yield* Effect.forEach(["7", "none", "all", "2", "8"], (value) => send("in", "k", value))
      return yield* Consumer.stream(topic("out"), { autoOffsetReset: "earliest", groupId: "reader" }).pipe(
        Stream.take(4),
        Stream.runCollect
      )
    })
    const found = simulate(Effect.scoped(program)).map(({ partition, value }) => `${value} in ${partition}`)
    assert.deepStrictEqual(found.sort(), ["2 in 2", "all in 0", "all in 1", "all in 2"])
    assert.deepStrictEqual(seen, [[0, "7"], [4, "8"]])
  })

  it("without the partition that was chosen stop the app at once, if no handler lets the record go", () => {
    const topology = Topology.make(
      KStream.from(topic("in")).pipe(KStream.toDynamic(() => "out", { ...text, streamPartitioner: () => 3 }))
    )
    for (const processingGuarantee of ["at_least_once", "exactly_once"] as const) {
      const program = Effect.gen(function*() {
        yield* create(1, "in")
        yield* create(3, "out")
        const app = yield* StreamsApp.make(topology, { ...options, processingGuarantee })
        yield* send("in", "k", "v")
        return yield* Effect.flip(app.await)
      })
      const { detail, reason } = simulate(Effect.scoped(program))
      assert.deepStrictEqual([reason, detail], [
        "Producing",
        "topic out has no partition 3, only 3; leave the partition to the partitioner, or add partitions"
      ], processingGuarantee)
    }
  })

  it("that take no such record: the production handler is asked, at least once, and dead letters are kept", () => {
    const repeating = Topology.make(
      KStream.from(topic("in")).pipe(
        KStream.mapValues((value) => value.repeat(100), Serde.string),
        KStream.to(topic("out"), { name: "write" })
      )
    )
    const run = (processingGuarantee: "at_least_once" | "exactly_once", continues: boolean) => {
      const asked: Array<unknown> = []
      const program = Effect.gen(function*() {
        yield* create(1, "in", "dead")
        const limited = { name: "out", partitions: 1, configs: { "max.message.bytes": "300" } }
        yield* Effect.scoped(Effect.flatMap(Admin.make, (admin) => admin.createTopics([limited])))
        const app = yield* StreamsApp.make(repeating, {
          ...options,
          processingGuarantee,
          deadLetterQueueTopic: "dead",
          productionExceptionHandler: ({ processorNodeId }, { key, topic }, error) => {
            const name = new TextDecoder().decode(key as Uint8Array)
            asked.push([processorNodeId, topic, name, error instanceof ProducerError ? error.reason : error])
            return continues ? "continue" : "fail"
          }
        })
        for (const value of ["a", "too long", "b"]) yield* send("in", value, value)
        if (processingGuarantee === "exactly_once" || !continues) return [(yield* Effect.flip(app.await)).reason, asked]
        const read = yield* Consumer.stream(topic("out"), { autoOffsetReset: "earliest", groupId: "reader" }).pipe(
          Stream.take(2),
          Stream.runCollect
        )
        const dead = yield* first(Topic.make("dead", { key: Serde.string, value: Serde.nullable(Serde.string) }))
        return [read.map(({ key }) => key), asked, dead.headers[0]?.key, yield* app.droppedRecords]
      })
      return simulate(Effect.scoped(program))
    }
    const refused = ["write", "out", "too long", "TooLarge"]
    assert.deepStrictEqual(run("at_least_once", true), [["a", "b"], [refused], "__streams.errors.exception", 1])
    assert.deepStrictEqual(run("at_least_once", false), ["Producing", [refused]])
    assert.deepStrictEqual(run("exactly_once", true), ["Transaction", []])
  })

  it("of its own have the settings that the app and each changelog ask for", () => {
    const topology = Topology.make(
      KStream.from(topic("in")).pipe(
        KStream.repartition({ name: "moved" }),
        KStream.groupByKey,
        KGroupedStream.count({ as: "counts", logging: { "segment.ms": "3600000" } })
      )
    )
    const program = Effect.gen(function*() {
      yield* create(1, "in")
      yield* StreamsApp.make(topology, { ...options, topicConfigs: { "segment.bytes": "2097152" } })
      const admin = yield* Admin.make
      const found = yield* admin.describeConfigs(
        ["app-moved-repartition", "app-counts-changelog"].map((name) => ({ type: "topic", name }))
      )
      return found.map(({ entries }) =>
        ["cleanup.policy", "segment.bytes", "segment.ms", "retention.ms"].map((name) =>
          entries.find((entry) => entry.name === name)?.value
        )
      )
    })
    assert.deepStrictEqual(simulate(Effect.scoped(program)), [
      ["delete", "2097152", "604800000", "-1"],
      ["compact", "2097152", "3600000", "604800000"]
    ])
  })

  it("that get more partitions are written to all of them, once their metadata has been looked up again", () => {
    const topology = Topology.make(
      KStream.from(topic("in")).pipe(
        KStream.to(topic("out"), { streamPartitioner: (_topic, _key, _value, numPartitions) => numPartitions - 1 })
      )
    )
    const program = Effect.gen(function*() {
      yield* create(1, "in", "out")
      yield* StreamsApp.make(topology, options)
      yield* send("in", "k", "before")
      yield* first(topic("out"))
      yield* Effect.scoped(
        Effect.flatMap(Admin.make, (admin) => admin.createPartitions([{ name: "out", count: 3 }]))
      )
      yield* Effect.sleep(1000)
      yield* send("in", "k", "after")
      return yield* Consumer.stream(topic("out"), { autoOffsetReset: "earliest", groupId: "reader" }).pipe(
        Stream.take(2),
        Stream.runCollect
      )
    })
    const found = simulate(Effect.scoped(program)).map(({ partition, value }) => `${value} in ${partition}`)
    assert.deepStrictEqual(found.sort(), ["after in 2", "before in 0"])
  })

  it("that outgrow the changelogs of their source stop the app with what to do", () => {
    const topology = Topology.make(
      KStream.fromPattern(/in-.*/, text).pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" }))
    )
    const program = Effect.gen(function*() {
      yield* create(1, "in-a")
      const app = yield* StreamsApp.make(topology, options)
      yield* create(3, "in-b")
      return yield* Effect.flip(app.await)
    })
    const { detail, reason } = simulate(Effect.scoped(program))
    assert.strictEqual(reason, "InternalTopics")
    assert.strictEqual(detail, "app-counts-changelog has 1 partitions, and the task of in-b-1 needs one more")
  })
})
