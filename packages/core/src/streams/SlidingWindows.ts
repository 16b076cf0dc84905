/**
 * Windows of a fixed length that begin and end at records: two records share one if they are not further apart.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"

/**
 * Windows `[start, start + differenceMs]`, both included; a window takes records until stream time has passed its end by
 * `graceMs`.
 *
 * @since 0.1.0
 */
export interface SlidingWindows {
  readonly _tag: "SlidingWindows"
  readonly differenceMs: number
  readonly graceMs: number
}

/**
 * A window for each set of records that are at most `difference` apart. Without `grace`, none.
 *
 * @since 0.1.0
 */
export const ofTimeDifference = (
  difference: Duration.Input,
  options?: { readonly grace?: Duration.Input | undefined } | undefined
): SlidingWindows => ({
  _tag: "SlidingWindows",
  differenceMs: Duration.toMillis(difference),
  graceMs: options?.grace === undefined ? 0 : Duration.toMillis(options.grace)
})
