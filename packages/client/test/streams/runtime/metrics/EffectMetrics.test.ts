import type { Metric } from "@millrace/client/streams/engine/metrics/Metric"
import * as EffectMetrics from "@millrace/client/streams/runtime/metrics/EffectMetrics"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as EffectMetric from "effect/Metric"
import { TestClock } from "effect/testing"

const metricOf = (name: string, value: number | string, task: string): Metric => ({
  group: "stream-task-metrics",
  name,
  tags: { "thread-id": "one", "task-id": task },
  value
})

describe("EffectMetrics", () => {
  it.effect("keep numbers as gauges, forget those that are gone, and all when nobody keeps them any more", () =>
    Effect.gen(function*() {
      let told = [
        metricOf("process-total", 1, "0_0"),
        metricOf("process-total", 2, "0_1"),
        metricOf("process-latency-avg", Number.NaN, "0_0"),
        metricOf("state", "RUNNING", "0_0")
      ]
      const kept = Effect.map(
        EffectMetric.snapshot,
        (snapshots) => snapshots.map(({ attributes, id, state, type }) => [id, type, attributes?.["task-id"], state])
      )
      const fiber = yield* Effect.forkChild(EffectMetrics.track(Effect.sync(() => told), "1 second"))
      yield* TestClock.adjust(0)
      const id = "stream-task-metrics.process-total"
      assert.deepStrictEqual(yield* kept, [[id, "Gauge", "0_0", { value: 1 }], [id, "Gauge", "0_1", { value: 2 }]])
      told = [metricOf("process-total", 3, "0_1")]
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* kept, [[id, "Gauge", "0_1", { value: 3 }]])
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* kept, [])
    }).pipe(Effect.provideService(EffectMetric.MetricRegistry, new Map())))
})
