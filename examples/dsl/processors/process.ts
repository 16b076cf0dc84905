/**
 * Processes each record by a processor of your own: it keeps what it likes in stores, forwards any number of records, and may
 * schedule punctuations. `init` is called once for each task; `close`, if it is there, when the task ends. Record by record, so
 * plain synchronous code: for effects see [processEffect](#effects-processeffect).
 *
 * What it forwards may have new keys, so what then groups or joins goes through a repartition topic, and needs both serdes;
 * they also tell the types of what it forwards, as a supplier does that is written apart.
 * `recordMetadata` says where the source record was read.
 *
 * Kafka: `KStream.process(ProcessorSupplier)`, `Processor`, `ConnectedStoreProvider`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.process({
      init: (context) => ({
        process: ({ timestamp, value }) => {
          const { offset, topic } = context.recordMetadata()!
          context.forward({ key: value, value: `${topic} ${offset}`, timestamp })
        },
        close: () => {}
      })
    }, { key: Serde.string, value: Serde.string, name: "locate" }),
    KStream.to(places)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["to", "be"]) driver.pipe(words, { key: null, value })
assert.deepEqual(driver.readTable(places), new Map([["to", "words 0"], ["be", "words 1"]]))
