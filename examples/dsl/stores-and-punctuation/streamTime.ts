/**
 * Schedules a punctuation by stream time, the greatest timestamp that the task has taken: it is due with the first record, and
 * then whenever a record reaches a multiple of the interval. What was missed is made up for by one call.
 *
 * Kafka: `ProcessorContext.schedule(Duration, PunctuationType.STREAM_TIME, Punctuator)`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const calls: Array<number> = []
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.process({
      init: (context) => {
        context.schedule({ interval: 10, type: "stream-time" }, (timestamp) => calls.push(timestamp))
        return () => {}
      }
    })
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [3, 9, 12, 55]) driver.pipe(words, { key: null, value: "to", timestamp })
assert.deepEqual(calls, [3, 12, 55])
