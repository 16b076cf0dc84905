/**
 * Tells the time of each record by a function, or by a rule: `failOnInvalid` (the default), `logAndSkipOnInvalid`,
 * `usePartitionTimeOnInvalid`, `wallClock`. A negative time is invalid; what a function answers is taken by `failOnInvalid`.
 *
 * The function is given the record, with its headers, and the greatest time of its partition so far. What an operator makes of a record has that
 * record's time.
 *
 * Kafka: `Consumed.withTimestampExtractor`, `TimestampExtractor`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Schema } from "effect"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.json(Schema.Struct({ placedAt: Schema.Int })) })
const placed = Topic.make("placed", { key: Serde.string, value: Serde.json(Schema.Struct({ placedAt: Schema.Int })) })
const topology = Topology.make(
  KStream.from(orders, { timestamp: ({ timestamp, value }) => value?.placedAt ?? timestamp }).pipe(KStream.to(placed))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(orders, { key: "a", value: { placedAt: 42 }, timestamp: 1000 })
assert.deepEqual(driver.read(placed).map(({ timestamp }) => timestamp), [42])
