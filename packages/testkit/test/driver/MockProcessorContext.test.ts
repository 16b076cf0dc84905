import { ProcessorContext, ProcessorSupplier, Serde, StateStore } from "@millrace/core"
import { MockProcessorContext } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"

const tally = StateStore.keyValue({ name: "tally", key: Serde.string, value: Serde.long })
const perHour = StateStore.timestampedWindow({
  name: "per-hour",
  key: Serde.string,
  value: Serde.long,
  retention: "2 hours",
  windowSize: "1 hour"
})

/** Counts; tells the count of odd ones to one child, of all others to all; forgets each minute. */
const counting = ProcessorSupplier.make<string, string, string, number>()({
  stores: [tally, perHour],
  init: (context) => {
    const counts = context.getStateStore(tally)
    const hours = context.getStateStore(perHour)
    const forgetting = context.schedule({ interval: "1 minute", type: "wall-clock-time", startMs: 5 }, () => {
      for (const [key] of counts.all()) counts.delete(key)
      context.commit()
      forgetting.cancel()
    })
    return {
      process: ({ key, timestamp }) => {
        const value = (counts.get(key) ?? 0) + 1
        counts.put(key, value)
        hours.put(key, { value, timestamp }, 0)
        context.forward({ key, value, timestamp }, value % 2 === 1 ? "odd" : undefined)
      },
      close: () => {}
    }
  }
})

const started = () => MockProcessorContext.start(counting)

describe("MockProcessorContext", () => {
  it("keeps what is forwarded, to whom, until it is reset", () => {
    const { context, process } = started()
    for (const timestamp of [1, 2, 3]) process({ key: "a", value: "", timestamp, headers: [] })
    assert.deepStrictEqual(context.forwarded(), [
      { key: "a", value: 1, timestamp: 1, child: "odd" },
      { key: "a", value: 2, timestamp: 2, child: undefined },
      { key: "a", value: 3, timestamp: 3, child: "odd" }
    ])
    assert.deepStrictEqual(context.forwarded("odd").map(({ value }) => value), [1, 2, 3])
    assert.deepStrictEqual(context.forwarded("even").map(({ value }) => value), [2])
    context.resetForwards()
    assert.deepStrictEqual(context.forwarded(), [])
    assert.throws(() => context.forward({ key: "a", value: 1, timestamp: -1 }), /cannot have the timestamp -1/)
  })

  it("has stores as a task has, each context its own", () => {
    const { context, process } = started()
    process({ key: "a", value: "", timestamp: 7, headers: [] })
    assert.strictEqual(context.getStateStore(tally).get("a"), 1)
    assert.deepStrictEqual(context.getStateStore(perHour).get("a", 0), { value: 1, timestamp: 7 })
    assert.strictEqual(started().context.getStateStore(tally).get("a"), null)
    const bare = MockProcessorContext.make<string, number, typeof tally>()
    assert.throws(() => bare.getStateStore(tally), /not connected to the store tally/)
  })

  it("gives punctuations to be run, and knows of commits that were asked for", () => {
    const { context, process } = started()
    process({ key: "a", value: "", timestamp: 7, headers: [] })
    const [forgetting] = context.punctuations()
    assert.deepInclude(forgetting, { intervalMs: 60_000, type: "wall-clock-time", startMs: 5, isCancelled: false })
    assert.isFalse(context.committed())
    forgetting!.punctuate(60_000)
    assert.isTrue(context.committed())
    assert.isTrue(context.punctuations()[0]!.isCancelled)
    assert.strictEqual(context.getStateStore(tally).get("a"), null)
    context.resetCommit()
    assert.isFalse(context.committed())
    assert.throws(() => context.schedule({ interval: 0, type: "stream-time" }, () => {}), /an interval of 0 ms/)
  })

  it("tells what it was told", () => {
    const context = MockProcessorContext.make<string, string>({ applicationId: "mine", taskId: "1_2" })
    assert.deepStrictEqual([context.applicationId, context.taskId], ["mine", "1_2"])
    assert.strictEqual(context.recordMetadata(), undefined)
    assert.deepStrictEqual([context.currentStreamTimeMs(), context.currentSystemTimeMs()], [-1, 0])
    const metadata = { topic: "lines", partition: 2, offset: 7 }
    context.setRecordMetadata(metadata)
    context.setStreamTimeMs(5)
    context.setSystemTimeMs(6)
    assert.deepStrictEqual(context.recordMetadata(), metadata)
    assert.deepStrictEqual([context.currentStreamTimeMs(), context.currentSystemTimeMs()], [5, 6])
  })

  it("serves processors that leave keys as they are, and those of tables", () => {
    const fixed = ProcessorSupplier.makeFixedKey<string, string, number>()({
      init: (context) => (record) => context.forward(record.withValue(record.value.length))
    })
    const { close, context, process } = MockProcessorContext.start(fixed)
    process(new ProcessorContext.FixedKeyRecord("a", "four", 3, []))
    assert.deepStrictEqual(context.forwarded().map(({ key, timestamp, value }) => [key, value, timestamp]), [[
      "a",
      4,
      3
    ]])
    close()

    const adding: ProcessorSupplier.ValueTransformerSupplier<string, string, number, typeof tally> = {
      stores: [StateStore.existing(tally)],
      init: (context) => (value, key) => (context.getStateStore(tally).get(key) ?? 0) + (value?.length ?? 0)
    }
    const transformer = MockProcessorContext.start(adding)
    transformer.context.getStateStore(tally).put("a", 40)
    assert.strictEqual(transformer.process("be", "a"), 42)
  })

  it("ends a processor, which may end itself", () => {
    let isClosed = false
    const closing = ProcessorSupplier.make<string, string, never, never>()({
      init: () => ({ process: () => {}, close: () => void (isClosed = true) })
    })
    MockProcessorContext.start(closing).close()
    assert.isTrue(isClosed)
  })
})
