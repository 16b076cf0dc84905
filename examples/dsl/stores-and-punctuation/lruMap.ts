/**
 * A store in memory of at most so many keys: those go that were not used for the longest time. For
 * the store of a table there is the option `entriesMax`.
 *
 * Kafka: `Stores.lruMap`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const recent = StateStore.lruMap({ name: "recent", key: Serde.string, value: Serde.string, entriesMax: 2 })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.process({
      stores: [recent],
      init: (context) => ({ value }) => context.getStateStore(recent).put(value, value)
    })
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["a", "b", "c"]) driver.pipe(words, { key: null, value })
assert.deepEqual([...driver.keyValueStore("recent").range()].map(({ key }) => key), ["b", "c"])
