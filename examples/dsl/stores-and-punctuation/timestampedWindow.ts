/**
 * A store of keys and window starts to values with timestamps, as windowed tables have them.
 *
 * Kafka: `Stores.timestampedWindowStoreBuilder`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const options = { name: "last", key: Serde.string, value: Serde.string, retention: "1 hour", windowSize: 10 } as const
const last = StateStore.timestampedWindow(options)
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.process({
      stores: [last],
      init: (context) => ({ key, timestamp, value }) => {
        const start = timestamp - timestamp % 10
        if (key !== null) context.getStateStore(last).put(key, { value, timestamp }, start)
      }
    })
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [11, 14]) driver.pipe(words, { key: "a", value: "to", timestamp })
assert.deepEqual(driver.windowStore("last").get("a", 10), { value: "to", timestamp: 14 })
