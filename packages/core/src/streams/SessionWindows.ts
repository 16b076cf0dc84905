/**
 * Windows of activity: each lasts as long as records of its key follow one another closely.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"

/**
 * Sessions `[first record, last record]`, both included; records at most `gapMs` apart are in one. A session takes records
 * until stream time has passed its end by `gapMs` and `graceMs`.
 *
 * @since 0.1.0
 */
export interface SessionWindows {
  readonly _tag: "SessionWindows"
  readonly gapMs: number
  readonly graceMs: number
}

/**
 * A session ends when nothing came for longer than `gap`. Without `grace`, none.
 *
 * @since 0.1.0
 */
export const withGap = (
  gap: Duration.Input,
  options?: { readonly grace?: Duration.Input | undefined } | undefined
): SessionWindows => ({
  _tag: "SessionWindows",
  gapMs: Duration.toMillis(gap),
  graceMs: options?.grace === undefined ? 0 : Duration.toMillis(options.grace)
})
