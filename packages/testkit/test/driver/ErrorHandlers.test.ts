import {
  GlobalStore,
  KGroupedStream,
  KStream,
  KTable,
  ProcessorSupplier,
  Serde,
  StateStore,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { TaskError } from "@millrace/client/streams/engine/TaskError"
import { assert, describe, it } from "@effect/vitest"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const numbers = Topic.make("numbers", { key: Serde.string, value: Serde.long })
const out = Topic.make("out", { key: Serde.string, value: Serde.string })
const dead = Topic.make("dead", { key: Serde.string, value: Serde.string })

const failing = Topology.make(
  KStream.from(words).pipe(
    KStream.mapValues((word) => {
      if (word === "bad") throw new RangeError("not this one")
      return word
    }, Serde.string),
    KStream.to(out)
  )
)

const texts = (records: ReadonlyArray<TopologyTestDriver.OutputRecord<unknown, unknown>>) =>
  records.map(({ value }) => value)
const headersOf = ({ headers }: TopologyTestDriver.OutputRecord<unknown, unknown>) =>
  Object.fromEntries(headers.map(({ key, value }) => [key, value === null ? null : new TextDecoder().decode(value)]))

describe("handlers of errors", () => {
  it("fail by default, and say where", () => {
    const driver = TopologyTestDriver.make(failing)
    let failure: unknown
    try {
      driver.pipe(words, { key: "k", value: "bad" })
    } catch (cause) {
      failure = cause
    }
    assert.instanceOf(failure, TaskError)
    assert.deepStrictEqual([failure.reason, failure.node], ["UserCode", "KSTREAM-MAPVALUES-0000000001"])
  })

  it("let a record pass, count it, and keep it as a dead letter under Kafka's headers", () => {
    const driver = TopologyTestDriver.make(failing, {
      processingExceptionHandler: "continue",
      deadLetterQueueTopic: "dead"
    })
    for (const value of ["one", "bad", "two"]) driver.pipe(words, { key: "k", value, timestamp: 7 })
    assert.deepStrictEqual(texts(driver.read(out)), ["one", "two"])
    assert.strictEqual(driver.droppedRecords(), 1)
    const [letter] = driver.read(dead)
    assert.deepStrictEqual([letter!.key, letter!.value, letter!.timestamp], ["k", "bad", 7])
    const { "__streams.errors.stacktrace": stack, ...others } = headersOf(letter!)
    assert.match(stack!, /not this one/)
    assert.deepStrictEqual(others, {
      "__streams.errors.exception": "RangeError",
      "__streams.errors.message": "not this one",
      "__streams.errors.topic": "words",
      "__streams.errors.partition": "0",
      "__streams.errors.offset": "1"
    })
  })

  it("are told what the node was given, and may write dead letters of their own", () => {
    const seen: Array<unknown> = []
    const driver = TopologyTestDriver.make(failing, {
      processingExceptionHandler: ({ offset, processorNodeId, sourceRawKey }, record, error) => {
        seen.push([offset, processorNodeId, record, (error as Error).message])
        const letter = { topic: "dead", key: sourceRawKey, value: null, timestamp: 1, headers: [] }
        return { verdict: "continue", deadLetters: [letter] }
      }
    })
    driver.pipe(words, { key: "k", value: "bad" })
    assert.deepStrictEqual(seen, [[0, "KSTREAM-MAPVALUES-0000000001", { key: "k", value: "bad" }, "not this one"]])
    assert.deepStrictEqual(driver.read(dead).map(({ key, value }) => [key, value]), [["k", null]])
  })

  it("of bytes that do not fit go on after them", () => {
    const sums = Topology.make(
      KStream.from(numbers).pipe(
        KStream.groupByKey,
        KGroupedStream.reduce((a, b) => a + b, { as: "sums" }),
        KTable.toStream,
        KStream.to(numbers)
      )
    )
    const driver = TopologyTestDriver.make(sums, {
      deserializationExceptionHandler: "continue",
      deadLetterQueueTopic: "dead"
    })
    driver.pipeBytes("numbers", { key: Uint8Array.of(97), value: Uint8Array.of(1, 2) })
    assert.deepStrictEqual([...driver.keyValueStore("sums").range()], [])
    const [letter] = driver.takeProduced()
    assert.deepStrictEqual([letter?.topic, letter?.value], ["dead", Uint8Array.of(1, 2)])
    assert.strictEqual(
      headersOf(letter!)["__streams.errors.exception"],
      "org.apache.kafka.common.errors.SerializationException"
    )
  })

  it("of processing are asked about global stores if they are told to", () => {
    const known = StateStore.keyValue({ name: "known", key: Serde.string, value: Serde.string })
    const filling = ProcessorSupplier.make<string | null, string | null, never, never>()({
      stores: [known],
      init: (context) => ({ key, value }) => {
        if (value === "bad") throw new RangeError("not this one")
        context.getStateStore(known).put(key ?? "", value)
      }
    })
    const topology = Topology.make(GlobalStore.from(words, { store: known, processor: filling }))
    const deaf = TopologyTestDriver.make(topology, { processingExceptionHandler: "continue" })
    assert.throws(() => deaf.pipe(words, { key: "a", value: "bad" }), /not this one/)
    const driver = TopologyTestDriver.make(topology, {
      processingExceptionHandler: "continue",
      processingExceptionHandlerGlobalEnabled: true
    })
    for (const value of ["bad", "good"]) driver.pipe(words, { key: "a", value })
    assert.strictEqual(driver.keyValueStore("known").get("a")?.value, "good")
    assert.strictEqual(driver.droppedRecords(), 1)
  })

  it("of a sink let pass what it cannot serialise", () => {
    const unwritable = Topology.make(
      KStream.from(words).pipe(KStream.mapValues((word) => word === "bad" ? 1.5 : 1), KStream.to(numbers))
    )
    const driver = TopologyTestDriver.make(unwritable, { productionExceptionHandler: "continue" })
    for (const value of ["one", "bad", "two"]) driver.pipe(words, { key: "k", value })
    assert.deepStrictEqual(texts(driver.read(numbers)), [1, 1])
    assert.strictEqual(driver.droppedRecords(), 1)
  })
})

describe("topics by pattern and by record", () => {
  it("read every topic whose whole name matches, and write where each record says", () => {
    const serdes = { key: Serde.string, value: Serde.string }
    const driver = TopologyTestDriver.make(Topology.make(
      KStream.fromPattern(/in-[a-z]/, serdes).pipe(
        KStream.toDynamic(({ source, value }) => `${value}-of-${source.topic}`, serdes)
      )
    ))
    for (const name of ["in-a", "in-b"]) driver.pipe(Topic.make(name, serdes), { key: "k", value: "x" })
    assert.deepStrictEqual(driver.takeProduced().map(({ topic }) => topic), ["x-of-in-a", "x-of-in-b"])
    assert.throws(() => driver.pipe(Topic.make("in-ab", serdes), { key: "k", value: "x" }), /does not read in-ab/)
  })
})
