/**
 * Keeps the records that satisfy a predicate; `filterNot` keeps the others. A type guard narrows the type of the values.
 * Nothing moves: key, timestamp and headers stay.
 *
 * Kafka: `KStream.filter`, `KStream.filterNot`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.nullable(Serde.string) })
const short = Topic.make("short", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.filter((word): word is string => word !== null),
    KStream.filterNot((word) => word.length > 3),
    KStream.to(short)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["to", null, "question"]) driver.pipe(words, { key: "a", value })
assert.deepEqual(driver.read(short).map(({ value }) => value), ["to"])
