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
import * as TopologyTestDriver from "@millrace/testkit/driver/TopologyTestDriver"
import { assert, describe, it } from "@effect/vitest"

const input = Topic.make("in", { key: Serde.string, value: Serde.string })
const numbers = Topic.make("in", { key: Serde.string, value: Serde.long })
const stream = KStream.from(input)
const bytes = (text: string): Uint8Array => Serde.string.serializeUnsafe(text)

interface Dropping {
  readonly topology: Topology.Topology<never, never>
  readonly options?: TopologyTestDriver.Options
  readonly records: ReadonlyArray<TopologyTestDriver.Input<Uint8Array, Uint8Array>>
  /** How many of the records are dropped, and how many go through their source. */
  readonly dropped: number
  readonly processed: number
}

const record = (key: string | null, value: string | null, timestamp: number) => ({
  key: key === null ? null : bytes(key),
  value: value === null ? null : bytes(value),
  timestamp
})

/** By what they are dropped for. */
const reasons: Readonly<Record<string, Dropping>> = {
  "a null key that is grouped by": {
    topology: Topology.make(stream.pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" }))),
    records: [record("a", "x", 1), record(null, "x", 2)],
    dropped: 1,
    processed: 2
  },
  "a null key of a table": {
    topology: Topology.make(KTable.from(input, { as: "rows" })),
    records: [record(null, "x", 1), record("a", "x", 2)],
    dropped: 1,
    processed: 2
  },
  "a null value where there may be none": {
    topology: Topology.make(stream.pipe(KStream.foreach(() => {}))),
    records: [record("a", null, 1), record("a", "x", 2)],
    dropped: 1,
    processed: 1
  },
  "windows that have closed": {
    topology: Topology.make(
      stream.pipe(
        KStream.groupByKey,
        KGroupedStream.windowedBy(TimeWindows.tumbling(10)),
        TimeWindowedKStream.count({ as: "counts" })
      )
    ),
    records: [record("a", "x", 100), record("a", "x", 1), record("a", "x", 2)],
    dropped: 2,
    processed: 3
  },
  "timestamps that are negative": {
    topology: Topology.make(KStream.from(input, { timestamp: "logAndSkipOnInvalid" }).pipe(KStream.foreach(() => {}))),
    records: [record("a", "x", -1), record("a", "x", 2)],
    dropped: 1,
    processed: 1
  },
  "bytes that cannot be read": {
    topology: Topology.make(KStream.from(numbers).pipe(KStream.foreach(() => {}))),
    options: { deserializationExceptionHandler: "continue" },
    records: [record("a", "short", 1), record("a", "\0\0\0\0\0\0\0x", 2)],
    dropped: 1,
    processed: 1
  },
  "a node that fails": {
    topology: Topology.make(
      stream.pipe(KStream.foreach((value) => {
        if (value === "bad") throw new Error("bad")
      }))
    ),
    options: { processingExceptionHandler: "continue" },
    records: [record("a", "bad", 1), record("a", "x", 2)],
    dropped: 1,
    processed: 2
  }
}

describe("dropped-records-total", () => {
  for (const [reason, { dropped, options, processed, records, topology }] of Object.entries(reasons)) {
    it(`counts records that are dropped for ${reason}`, () => {
      const driver = TopologyTestDriver.make(topology, { ...options, metricsRecordingLevel: "debug" })
      for (const each of records) driver.pipeBytes("in", each)
      const value = (group: string, name: string) =>
        driver.metrics().filter((each) => each.group === group && each.name === name).map((each) => each.value)
      assert.deepStrictEqual(value("stream-task-metrics", "dropped-records-total"), [dropped])
      assert.deepStrictEqual(value("stream-task-metrics", "dropped-records-rate"), [dropped / 30])
      assert.deepStrictEqual(value("stream-processor-node-metrics", "process-total"), [processed])
      assert.deepStrictEqual(value("stream-topic-metrics", "records-consumed-total"), [processed])
      assert.strictEqual(driver.droppedRecords(), dropped)
    })
  }
})
