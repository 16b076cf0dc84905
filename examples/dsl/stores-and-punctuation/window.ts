/**
 * A store of keys and window starts, which forgets what is older than its retention. With `retainDuplicates` it keeps all values
 * of a window, not only the last.
 *
 * Kafka: `Stores.windowStoreBuilder`, `Stores.persistentWindowStore`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const repeats = Topic.make("repeats", { key: Serde.string, value: Serde.long })
const seen = StateStore.window({
  name: "seen",
  key: Serde.string,
  value: Serde.boolean,
  retention: "1 hour",
  windowSize: "1 minute",
  retainDuplicates: true
})
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.processValues({
      stores: [seen],
      init: (context) => {
        const store = context.getStateStore(seen)
        return (record) => {
          const { timestamp, value } = record
          store.put(value, true, timestamp)
          context.forward(record.withValue([...store.fetch(value, timestamp - 60_000, timestamp)].length))
        }
      }
    }, Serde.long),
    KStream.to(repeats)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [0, 0, 60_000, 90_000]) driver.pipe(words, { key: null, value: "to", timestamp })
assert.deepEqual(driver.read(repeats).map(({ value }) => value), [1, 2, 3, 2])
