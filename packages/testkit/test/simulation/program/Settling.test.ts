import { assert, describe, it, vi } from "@effect/vitest"
import * as Consumer from "@millrace/client/consumer/Consumer"
import { range } from "@millrace/client/consumer/assignor/Range"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import { Simulation } from "@millrace/testkit"
import * as Run from "@millrace/testkit/simulation/program/Run"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

const words = Topic.make("words", { key: Serde.string, value: Serde.string })

/** What is healed has settled: not before each group has read what it asked for. */
describe("a simulation that is healed", () => {
  it("waits for a group that has not been given all that it asked for", () => {
    /** Gives its group nothing for a while. */
    const late = Effect.gen(function*() {
      let gives = false
      const consumer = yield* Consumer.make({
        groupId: "late",
        autoOffsetReset: "earliest",
        assignors: [{ ...range, assign: (topics, members) => gives ? range.assign(topics, members) : new Map() }]
      })
      yield* consumer.subscribe([words.name])
      yield* Effect.forkScoped(Effect.andThen(
        Effect.sleep("20 seconds"),
        Effect.sync(() => {
          gives = true
          consumer.enforceRebalance()
        })
      ))
      const commit = ({ partition, topic }: { readonly topic: string; readonly partition: number }) =>
        consumer.commit([{ topic, partition, offset: consumer.position({ topic, partition }) ?? 0 }])
      return yield* Effect.forever(Effect.flatMap(consumer.poll(1_000), Effect.forEach(commit)))
    })
    const { findings, virtualMs } = Simulation.run({
      faults: [],
      program: (sim) =>
        Effect.gen(function*() {
          yield* sim.produce(words, [{ key: "a", value: "one" }])
          yield* sim.launch(late)
          yield* sim.healed
        })
    })
    assert.deepStrictEqual(findings, [])
    assert.isAbove(virtualMs, 20_000)
  })

  // A member that was killed while it joined is given partitions, and is missed when two sessions are over.
  it("waits until who died while it was joining is missed", () => {
    const read: Array<string> = []
    const reading = Consumer.batches(words, { groupId: "words", autoOffsetReset: "earliest" }).pipe(
      Stream.runForEach((batch) => {
        read.push(...batch.records.map(({ value }) => value))
        return batch.commit
      })
    )
    const options = {
      seed: 2,
      schedule: 0,
      partitions: 2,
      kinds: [],
      faultsForMs: 10_000,
      progressWithinMs: 180_000,
      records: undefined,
      mode: "faulty",
      reference: undefined,
      faults: [
        { kind: "crash", process: "app-1", atMs: 3_000, crash: "kill", downMs: 3_500 },
        { kind: "crash", process: "app-1", atMs: 8_000, crash: "kill", downMs: 10 }
      ],
      program: (sim) =>
        Effect.gen(function*() {
          yield* sim.launch(reading, { instances: 2 })
          yield* Effect.sleep("14 seconds")
          yield* sim.produce(words, Array.from({ length: 4 }, (_, index) => ({ key: `${index}`, value: `${index}` })))
          yield* sim.healed
        })
    } satisfies Run.Options
    assert.deepStrictEqual(Run.run(options).findings, [])
    assert.strictEqual(new Set(read).size, 4)
  })
})
