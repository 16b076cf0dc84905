/**
 * Schedules a punctuation by the wall clock, whether records come or not. `startMs` says when it is due first; a punctuation
 * can be cancelled, also while it runs. It may forward and use stores; `recordMetadata` then has no topic.
 *
 * Kafka: `ProcessorContext.schedule(Duration, PunctuationType.WALL_CLOCK_TIME, Punctuator)`, `Cancellable`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const totals = Topic.make("totals", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.process({
      init: (context) => {
        let count = 0
        const tick = context.schedule({ interval: "1 minute", type: "wall-clock-time" }, (timestamp) => {
          context.forward({ key: "words", value: count, timestamp })
          if (timestamp >= 120_000) tick.cancel()
        })
        return () => void count++
      }
    }, { key: Serde.string, value: Serde.long }),
    KStream.to(totals)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: null, value: "to" })
for (let minute = 1; minute <= 3; minute++) driver.advanceWallClock("1 minute")
assert.deepEqual(driver.read(totals).map(({ timestamp, value }) => [timestamp, value]), [[60_000, 1], [120_000, 1]])
