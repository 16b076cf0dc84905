/**
 * Makes any number of records of each record by an effect, with keys, timestamps and headers of their own; timestamps and
 * headers are the record's where they are left out. It has no stores: state is for `process`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Effect } from "effect"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const events = Topic.make("events", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(orders).pipe(
    KStream.processEffect(({ timestamp, value }) =>
      Effect.succeed([
        { key: value, value: "ordered" },
        { key: value, value: "due", timestamp: timestamp + 1000 }
      ]), { key: Serde.string, value: Serde.string }),
    KStream.to(events)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(orders, { key: "ada", value: "o-1", timestamp: 5 })
assert.deepEqual(driver.read(events).map(({ timestamp, value }) => [value, timestamp]), [["ordered", 5], ["due", 1005]])
