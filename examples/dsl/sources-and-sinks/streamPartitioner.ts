/**
 * Chooses the partition of each record, in place of the default partitioner: one by its number, several by a list (each gets a
 * copy), none by an empty list (the record is dropped and counted); undefined leaves it to the default. `KStream.repartition`
 * and the sinks of the Processor API take the same option.
 *
 * A partition that the topic does not have goes to the production handler as a typed error.
 *
 * Kafka: `Produced.streamPartitioner`, `Repartitioned.streamPartitioner`, `StreamPartitioner.partitions`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { PartitionedTestDriver } from "@millrace/testkit"

const prices = Topic.make("prices", { key: Serde.string, value: Serde.long })
const quotes = Topic.make("quotes", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(prices).pipe(
    KStream.to(quotes, {
      streamPartitioner: (_topic, key, price, numPartitions) => {
        if (price < 0) return []
        if (key === "all") return Array.from({ length: numPartitions }, (_, partition) => partition)
        return price >= 1000 ? 0 : undefined
      }
    })
  )
)

const driver = PartitionedTestDriver.make(topology, { partitions: { quotes: 3 } })
driver.pipe(prices, { key: "gold", value: 1200 })
driver.pipe(prices, { key: "all", value: 5 })
driver.pipe(prices, { key: "lead", value: -1 })
const places = driver.readAll(quotes).map(({ key, partition }) => [key, partition])
assert.deepEqual(places, [["gold", 0], ["all", 0], ["all", 1], ["all", 2]])
