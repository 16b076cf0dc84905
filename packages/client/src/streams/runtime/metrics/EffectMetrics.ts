/**
 * Keeps metrics among Effect's own, for exporters that know those.
 *
 * Keeps true: a metric whose task or thread is gone goes, too; so do all when nobody keeps them any more.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as EffectMetric from "effect/Metric"
import type { Metric } from "../../engine/metrics/Metric.ts"

/** A metric that is kept: what can be measured in Effect is a number. */
type Kept = Map<string, EffectMetric.Gauge<number>>

/**
 * Keeps the numbers of what `snapshot` tells as gauges `GROUP.NAME` with the tags as attributes, again after each `interval`;
 * until it is interrupted. What is NaN is left out.
 *
 * @since 0.1.0
 */
export const track = (
  snapshot: Effect.Effect<ReadonlyArray<Metric>>,
  interval: Duration.Input
): Effect.Effect<never> =>
  Effect.suspend(() => {
    let kept: Kept = new Map()
    const keep = Effect.gen(function*() {
      const before = kept
      kept = new Map()
      for (const { group, name, tags, value } of yield* snapshot) {
        if (typeof value !== "number" || Number.isNaN(value)) continue
        const key = JSON.stringify([group, name, tags])
        const gauge = before.get(key) ?? EffectMetric.gauge(`${group}.${name}`, { attributes: tags })
        kept.set(key, gauge)
        yield* EffectMetric.update(gauge, value)
      }
      for (const [key, gauge] of before) if (!kept.has(key)) yield* EffectMetric.remove(gauge)
    })
    return Effect.forever(Effect.andThen(keep, Effect.sleep(interval))).pipe(
      Effect.ensuring(Effect.suspend(() => Effect.forEach(kept.values(), EffectMetric.remove, { discard: true })))
    )
  })
