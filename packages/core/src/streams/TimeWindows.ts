/**
 * Windows of a fixed size, aligned at the epoch: tumbling (one after the other) or hopping (overlapping).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"

/**
 * Windows `[start, start + sizeMs)` for each multiple of `advanceMs`; a window takes records until stream time has passed
 * its end by `graceMs`.
 *
 * @since 0.1.0
 */
export interface TimeWindows {
  readonly _tag: "TimeWindows"
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
}

/**
 * One window after the other. Without `grace`, none.
 *
 * @since 0.1.0
 */
export const tumbling = (
  size: Duration.Input,
  options?: { readonly grace?: Duration.Input | undefined } | undefined
): TimeWindows => hopping(size, { advance: size, grace: options?.grace })

/**
 * A new window every `advance`, which must not be longer than the size. Without `grace`, none.
 *
 * @since 0.1.0
 */
export const hopping = (
  size: Duration.Input,
  options: { readonly advance: Duration.Input; readonly grace?: Duration.Input | undefined }
): TimeWindows => ({
  _tag: "TimeWindows",
  sizeMs: Duration.toMillis(size),
  advanceMs: Duration.toMillis(options.advance),
  graceMs: options.grace === undefined ? 0 : Duration.toMillis(options.grace)
})
