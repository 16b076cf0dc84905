/**
 * Names a store that another part of the topology makes: a table with `as`, or a global store. A topology where nothing makes
 * it is refused (`UnknownStore`).
 *
 * Kafka: the names after the supplier in `KStream.process(supplier, storeNames...)`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const limits = Topic.make("limits", { key: Serde.string, value: Serde.long })
const amounts = Topic.make("amounts", { key: Serde.string, value: Serde.long })
const refused = Topic.make("refused", { key: Serde.string, value: Serde.long })
const known = StateStore.existing(
  StateStore.timestampedKeyValue({ name: "limits", key: Serde.string, value: Serde.long })
)
const topology = Topology.make(
  KTable.from(limits, { as: "limits" }),
  KStream.from(amounts).pipe(
    KStream.processValues({
      stores: [known],
      init: (context) => (record) => {
        const limit = record.key === null ? null : context.getStateStore(known).get(record.key)
        if (record.value > (limit?.value ?? 0)) context.forward(record)
      }
    }, Serde.long),
    KStream.to(refused)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(limits, { key: "ada", value: 100 })
for (const value of [50, 500]) driver.pipe(amounts, { key: "ada", value })
assert.deepEqual(driver.read(refused).map(({ value }) => value), [500])
