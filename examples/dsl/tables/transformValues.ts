/**
 * Makes a new value for each value of a table by a transformer, which has stores and is told of deletions, too (null). Null
 * deletes. Nothing can be forwarded. Without a store of the result the transformer is asked again at each look-up.
 *
 * Kafka: `KTable.transformValues`, `ValueTransformerWithKey`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const moves = Topic.make("moves", { key: Serde.string, value: Serde.long })
const moved = StateStore.keyValue({ name: "moved", key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KTable.from(places).pipe(
    KTable.transformValues({
      stores: [moved],
      init: (context) => {
        const store = context.getStateStore(moved)
        return (_place: string | null, key: string) => {
          const count = (store.get(key) ?? 0) + 1
          store.put(key, count)
          return count
        }
      }
    }, Serde.long),
    KTable.toStream,
    KStream.to(moves)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["London", "Paris"]) driver.pipe(places, { key: "ada", value })
assert.deepEqual(driver.readTable(moves), new Map([["ada", 2]]))
