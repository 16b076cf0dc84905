/**
 * Gathers the values of each key into something of another type, whose serde it needs. `initial` is where a key begins; null
 * from `add` deletes the key. A null value does not count.
 *
 * The result's timestamp is the greatest of those that went into it.
 *
 * Kafka: `KGroupedStream.aggregate`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const lists = Topic.make("lists", { key: Serde.string, value: Serde.list(Serde.string) })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.groupByKey,
    KGroupedStream.aggregate({
      initial: (): ReadonlyArray<string> => [],
      add: (list, word) => [...list, word],
      value: Serde.list(Serde.string)
    }),
    KTable.toStream,
    KStream.to(lists)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["to", "be"]) driver.pipe(words, { key: "a", value })
assert.deepEqual(driver.readTable(lists), new Map([["a", ["to", "be"]]]))
