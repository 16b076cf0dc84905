/**
 * Limits how much is held back, by records or bytes. When a time limit's buffer is full the oldest leave early, or the app
 * fails (`whenFull: "ShutDown"`); final results of windows cannot leave early, so the app fails.
 *
 * Kafka: `BufferConfig.maxRecords`, `maxBytes`, `emitEarlyWhenFull`, `shutDownWhenFull`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Suppressed, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const updates = Topic.make("updates", { key: Serde.string, value: Serde.string })
const updating = (whenFull: "EmitEarly" | "ShutDown") =>
  TopologyTestDriver.make(Topology.make(
    KTable.from(places).pipe(
      KTable.suppress(Suppressed.untilTimeLimit("1 hour", { recordsMax: 1, whenFull })),
      KTable.toStream,
      KStream.to(updates)
    )
  ))

const [early, strict] = [updating("EmitEarly"), updating("ShutDown")]
for (const driver of [early, strict]) driver.pipe(places, { key: "ada", value: "London" })
early.pipe(places, { key: "bob", value: "Rome" })
assert.deepEqual(early.read(updates).map(({ key }) => key), ["ada"])
assert.throws(() => strict.pipe(places, { key: "bob", value: "Rome" }), { _tag: "TaskError" })
