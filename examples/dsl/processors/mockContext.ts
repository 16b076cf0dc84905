/**
 * Tests a processor by itself, without a topology: the context keeps what it forwards, schedules and asks for; its stores are
 * real ones, in memory. A test runs punctuations as it likes.
 *
 * Kafka: `MockProcessorContext`, `MockFixedKeyProcessorContext`.
 */
import assert from "node:assert/strict"
import { ProcessorSupplier, Serde, StateStore } from "@millrace/core"
import { MockProcessorContext } from "@millrace/testkit"

const tally = StateStore.keyValue({ name: "tally", key: Serde.string, value: Serde.long })
const counting = ProcessorSupplier.make<string, string, string, number>()({
  stores: [tally],
  init: (context) => {
    const counts = context.getStateStore(tally)
    context.schedule({ interval: "1 minute", type: "stream-time" }, (timestamp) => {
      for (const [key, value] of counts.all()) context.forward({ key, value, timestamp })
    })
    return ({ key }) => counts.put(key, (counts.get(key) ?? 0) + 1)
  }
})

const { context, process } = MockProcessorContext.start(counting)
process({ key: "to", value: "", timestamp: 0, headers: [] })
process({ key: "to", value: "", timestamp: 1, headers: [] })
context.punctuations()[0]?.punctuate(60_000)
assert.equal(context.getStateStore(tally).get("to"), 2)
assert.deepEqual(context.forwarded(), [{ key: "to", value: 2, timestamp: 60_000, child: undefined }])
