/**
 * Puts a topology together from named sources, processors and sinks. Parents are values, so there are no unknown parents and no
 * cycles; what they forward has to fit what their child takes. A processor may forward to one child by its name. Both kinds,
 * these nodes and streams, go together in one topology.
 *
 * Kafka: `Topology.addSource`, `addProcessor`, `addSink`.
 */
import assert from "node:assert/strict"
import { ProcessorApi, ProcessorSupplier, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const numbers = Topic.make("numbers", { key: Serde.string, value: Serde.long })
const evenNumbers = Topic.make("even-numbers", { key: Serde.string, value: Serde.long })
const oddNumbers = Topic.make("odd-numbers", { key: Serde.string, value: Serde.long })
const supplier = ProcessorSupplier.make<string | null, number, string | null, number>()
const keep = supplier({ init: (context) => (record) => context.forward(record) })
const isEven = supplier({
  init: (context) => (record) => context.forward(record, record.value % 2 === 0 ? "even" : "odd")
})

const source = ProcessorApi.source("numbers", numbers)
const route = ProcessorApi.processor("route", source, isEven)
const topology = Topology.make(
  ProcessorApi.sink("write-even", ProcessorApi.processor("even", route, keep), evenNumbers),
  ProcessorApi.sink("write-odd", ProcessorApi.processor("odd", route, keep), oddNumbers)
)

const driver = TopologyTestDriver.make(topology)
for (const value of [1, 2, 3]) driver.pipe(numbers, { key: null, value })
assert.deepEqual(driver.read(evenNumbers).map(({ value }) => value), [2])
assert.deepEqual(driver.read(oddNumbers).map(({ value }) => value), [1, 3])
