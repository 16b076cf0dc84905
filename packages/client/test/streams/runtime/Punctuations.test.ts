import { TaskManager } from "@millrace/client/streams/runtime/TaskManager"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const ticks = Topic.make("ticks", { key: Serde.string, value: Serde.string })

const intervalMs = 10
const ticking = Topology.make(
  KStream.from(lines).pipe(
    KStream.process({
      init: (context) => {
        context.schedule({ interval: intervalMs, type: "wall-clock-time" }, (timestamp) => {
          context.forward({ key: "tick", value: "", timestamp })
          context.commit()
        })
        return () => {}
      }
    }, { key: Serde.string, value: Serde.string }),
    KStream.to(ticks)
  )
)

/** When the app ticks, if it begins at `startMs` and looks at its clock after each of the steps. */
const ticksOf = (startMs: number, steps: ReadonlyArray<number>) => {
  const ticks: Array<number> = []
  let due = startMs + intervalMs
  let now = startMs
  for (const step of steps) {
    now += step
    if (now < due) continue
    ticks.push(now)
    while (due <= now) due += intervalMs
  }
  return ticks
}

describe("punctuations of an app", () => {
  it.effect.prop(
    "happen at each interval of the wall clock, once for those that passed together",
    [
      Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })),
      Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 35 })))
    ],
    ([startMs, steps]) =>
      Effect.sync(() => {
        let now = startMs
        const sent: Array<number> = []
        const tasks = new TaskManager({
          topology: Result.getOrThrow(Topology.resolve(ticking, { applicationId: "app" })),
          output: {
            partitionCount: () => 1,
            send: (_topic, _partition, _key, _value, timestamp) => sent.push(timestamp)
          },
          effects: { run: () => () => {} },
          maxTaskIdleMs: 0,
          emitIntervalMs: 0,
          currentTimeMillis: () => now
        })
        tasks.addUnsafe([{ topic: "lines", partition: 0 }])
        assert.strictEqual(tasks.punctuateUnsafe(), 0)
        for (const managed of tasks.tasks.values()) managed.state = "running"
        tasks.punctuateUnsafe()
        for (const step of steps) {
          now += step
          const before = sent.length
          assert.strictEqual(tasks.punctuateUnsafe() > 0, sent.length > before)
          assert.strictEqual(tasks.takeCommitRequest(), sent.length > before)
        }
        assert.deepStrictEqual(sent, ticksOf(startMs, steps))
      }),
    { arbitrary: { runs: 100, seed: "punctuations" } }
  )
})
