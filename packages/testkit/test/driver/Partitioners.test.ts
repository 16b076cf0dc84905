/**
 * Partitioners of the author's own, as Kafka's `StreamPartitioner` works since KIP-837: one partition, several, none, or the
 * default one's.
 */
import {
  KGroupedStream,
  KStream,
  KTable,
  ProcessorApi,
  Serde,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import * as Murmur2 from "@millrace/core/hash/Murmur2"
import { PartitionedTestDriver, TopologyTestDriver } from "@millrace/testkit"
import { TaskError } from "@millrace/client/streams/engine/TaskError"
import { assert, describe, it } from "@effect/vitest"

const input = Topic.make("in", { key: Serde.string, value: Serde.string })
const output = Topic.make("out", { key: Serde.string, value: Serde.string })

/** Says in its value where a record wants to go: `all`, `none`, a number, or wherever. */
const wish = (_topic: string, _key: string | null, value: string, numPartitions: number) => {
  if (value === "all") return Array.from({ length: numPartitions }, (_, partition) => partition)
  if (value === "none") return []
  return value === "default" ? undefined : Number(value)
}

const byKey = (key: string, count: number): number => Murmur2.partitionForKey(new TextEncoder().encode(key), count)

const sinks = {
  "a sink": KStream.from(input).pipe(KStream.to(output, { streamPartitioner: wish })),
  "a sink whose topic is chosen per record": KStream.from(input).pipe(
    KStream.toDynamic(() => output.name, { key: Serde.string, value: Serde.string, streamPartitioner: wish })
  ),
  "a sink of the Processor API": ProcessorApi.sink("sink", ProcessorApi.source("source", input), output, {
    streamPartitioner: wish
  }),
  "a sink of the Processor API whose topic is chosen per record": ProcessorApi.dynamicSink(
    "sink",
    ProcessorApi.source("source", input),
    () => output.name,
    { key: Serde.string, value: Serde.string, streamPartitioner: wish }
  )
}

const failureOf = (run: () => void): unknown => {
  try {
    run()
  } catch (cause) {
    return cause
  }
  return undefined
}

describe("partitioners of one's own", () => {
  for (const [name, sink] of Object.entries(sinks)) {
    it(`send from ${name} to one partition, to several, to none, or where the key belongs`, () => {
      const driver = PartitionedTestDriver.make(Topology.make(sink), { partitions: { out: 4 } })
      for (const value of ["3", "all", "none", "default"]) driver.pipe(input, { key: "k", value })
      const places = driver.readAll(output).map(({ partition, value }) => [value, partition] as const)
      assert.sameDeepMembers(places, [
        ["3", 3],
        ...[0, 1, 2, 3].map((partition) => ["all", partition] as const),
        ["default", byKey("k", 4)]
      ])
    })
  }

  it("decide where records of a repartition go, and so which task has them", () => {
    const topology = Topology.make(
      KStream.from(input).pipe(
        KStream.repartition({
          name: "spread",
          partitions: 3,
          streamPartitioner: (topic, key, value, numPartitions) => {
            assert.strictEqual(topic, "app-spread-repartition")
            return (Number(value) + (key?.length ?? 0)) % numPartitions
          }
        }),
        KStream.to(output, { streamPartitioner: (_topic, _key, value) => Number(value) % 3 })
      )
    )
    const driver = PartitionedTestDriver.make(topology, { partitions: { out: 3 }, instances: 2 })
    for (const value of ["0", "1", "2", "3"]) driver.pipe(input, { key: "k", value })
    assert.deepStrictEqual(driver.readAll(output).map(({ partition, value }) => [value, partition]), [
      ["0", 0],
      ["3", 0],
      ["1", 1],
      ["2", 2]
    ])
    const all = Topic.make("app-spread-repartition", { key: Serde.string, value: Serde.string })
    assert.deepStrictEqual(driver.readAll(all).map(({ partition, value }) => [value, partition]), [
      ["2", 0],
      ["0", 1],
      ["3", 1],
      ["1", 2]
    ])
  })

  it("that leave a windowed key to the default go by all of its bytes, as in Kafka; without one by the inner key", () => {
    const counts = Topic.make("counts", { key: Serde.windowed(Serde.string, 10), value: Serde.long })
    const counted = KStream.from(input).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(TimeWindows.tumbling("10 millis")),
      TimeWindowedKStream.count(),
      KTable.toStream
    )
    const partitionsOf = (topology: Topology.Topology) => {
      const driver = PartitionedTestDriver.make(topology, { partitions: { counts: 64 } })
      driver.pipe(input, { key: "k", value: "", timestamp: 12 })
      return driver.readAll(counts).map(({ partition }) => partition)
    }
    const bytes = counts.key.serializeUnsafe({ key: "k", start: 10, end: 20 })
    assert.deepStrictEqual(partitionsOf(Topology.make(KStream.to(counted, counts))), [byKey("k", 64)])
    assert.deepStrictEqual(
      partitionsOf(Topology.make(KStream.to(counted, counts, { streamPartitioner: () => undefined }))),
      [Murmur2.partitionForKey(bytes, 64)]
    )
  })

  it("have no say in repartition topics and named sinks: those go by all bytes of a windowed key, as in Kafka", () => {
    const counts = Topic.make("counts", { key: Serde.windowed(Serde.string, 10), value: Serde.long })
    const topology = Topology.make(
      KStream.from(counts).pipe(
        KStream.repartition({ name: "moved", partitions: 64 }),
        KStream.groupByKey,
        KGroupedStream.count({ as: "moved-counts" })
      ),
      ProcessorApi.sink("sink", ProcessorApi.source("source", Topic.make("other", counts)), Topic.make("named", counts))
    )
    const driver = PartitionedTestDriver.make(topology, { partitions: { counts: 3, other: 3, named: 64 } })
    const key = { key: "k", start: 10, end: 20 }
    for (const name of ["counts", "other"]) driver.pipe(Topic.make(name, counts), { key, value: 1 })
    const partitionsOf = (name: string) => driver.readAll(Topic.make(name, counts)).map(({ partition }) => partition)
    const byAll = Murmur2.partitionForKey(counts.key.serializeUnsafe(key), 64)
    assert.notStrictEqual(byAll, byKey("k", 64))
    assert.deepStrictEqual([partitionsOf("app-moved-repartition"), partitionsOf("named")], [[byAll], [byAll]])
  })

  it("have what they drop counted", () => {
    const driver = TopologyTestDriver.make(Topology.make(sinks["a sink"]))
    for (const value of ["none", "0"]) driver.pipe(input, { key: "k", value })
    assert.deepStrictEqual(driver.read(output).map(({ value }) => value), ["0"])
    assert.strictEqual(driver.droppedRecords(), 1)
  })

  for (const value of ["1", "-1", "0.5"]) {
    it(`fail the task with partition ${value} of one, unless the production handler lets the record go`, () => {
      const topology = Topology.make(sinks["a sink"])
      const failing = TopologyTestDriver.make(topology, { processingExceptionHandler: "continue" })
      const failure = failureOf(() => failing.pipe(input, { key: "k", value }))
      assert.instanceOf(failure, TaskError)
      assert.deepStrictEqual([failure.node, failure.detail], [
        "KSTREAM-SINK-0000000001",
        `topic out has no partition ${value}, only 1; leave the partition to the partitioner, or add partitions`
      ])
      const seen: Array<unknown> = []
      const driver = TopologyTestDriver.make(topology, {
        productionExceptionHandler: ({ offset, processorNodeId }, record, error) => {
          seen.push([offset, processorNodeId, record, (error as { readonly reason: string }).reason])
          return "continue"
        }
      })
      for (const each of [value, "0"]) driver.pipe(input, { key: "k", value: each })
      assert.deepStrictEqual(seen, [
        [0, "KSTREAM-SINK-0000000001", { topic: "out", key: "k", value }, "UnknownPartition"]
      ])
      assert.deepStrictEqual(driver.read(output).map((record) => record.value), ["0"])
      assert.strictEqual(driver.droppedRecords(), 1)
    })
  }
})
