/**
 * Fills a store on every instance from a topic, by a processor of your own. Every other processor may read it, if it names it
 * as `StateStore.existing`; none may write it. It has no changelog: its topic is one.
 *
 * Kafka: `StreamsBuilder.addGlobalStore`.
 */
import assert from "node:assert/strict"
import { GlobalStore, KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const rates = Topic.make("rates", { key: Serde.string, value: Serde.double })
const amounts = Topic.make("amounts", { key: Serde.string, value: Serde.double })
const converted = Topic.make("converted", { key: Serde.string, value: Serde.double })
const store = StateStore.keyValue({ name: "rates", key: Serde.string, value: Serde.double, logging: false })
const known = StateStore.existing(store)
const topology = Topology.make(
  GlobalStore.from(rates, {
    store,
    processor: {
      stores: [store],
      init: (context) => {
        const filled = context.getStateStore(store)
        return ({ key, value }) => key === null ? undefined : filled.put(key, value)
      }
    }
  }),
  KStream.from(amounts).pipe(
    KStream.processValues({
      stores: [known],
      init: (context) => (record) =>
        context.forward(record.withValue(record.value * (context.getStateStore(known).get("EUR") ?? 1)))
    }, Serde.double),
    KStream.to(converted)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(rates, { key: "EUR", value: 1.5 })
driver.pipe(amounts, { key: "a", value: 10 })
assert.deepEqual(driver.read(converted).map(({ value }) => value), [15])
