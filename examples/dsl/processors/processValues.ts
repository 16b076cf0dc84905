/**
 * Processes each record by a processor that leaves keys alone, so nothing has to move afterwards: what it forwards is made
 * from the record by `withValue`, `withTimestamp` or `withHeaders`.
 *
 * Kafka: `KStream.processValues(FixedKeyProcessorSupplier)`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const totals = Topic.make("totals", { key: Serde.string, value: Serde.long })
const changes = Topic.make("changes", { key: Serde.string, value: Serde.long })
const last = StateStore.keyValue({ name: "last", key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(totals).pipe(
    KStream.processValues({
      stores: [last],
      init: (context) => {
        const store = context.getStateStore(last)
        return (record) => {
          if (record.key === null) return
          context.forward(record.withValue(record.value - (store.get(record.key) ?? 0)))
          store.put(record.key, record.value)
        }
      }
    }, Serde.long),
    KStream.to(changes)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of [5, 12]) driver.pipe(totals, { key: "a", value })
assert.deepEqual(driver.read(changes).map(({ value }) => value), [5, 7])
