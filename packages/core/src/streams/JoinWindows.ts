/**
 * How far apart in time two records of joined streams may be.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"

/**
 * A record of the left stream meets those of the right one from `beforeMs` before it to `afterMs` after it, both included.
 * Negative ones leave a gap: the window then begins after the record, or ends before it.
 *
 * A record that a left or outer join keeps alone leaves when nothing can meet it any more, `graceMs` after its window has
 * passed (`unmatched: "WhenClosed"`); or at once, and perhaps once more with a partner that comes later (`"AtOnce"`).
 *
 * @since 0.1.0
 */
export interface JoinWindows {
  readonly _tag: "JoinWindows"
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
  readonly unmatched: "WhenClosed" | "AtOnce"
}

/**
 * What is said beside the time difference. `before` and `after` take its place on their side.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly grace?: Duration.Input | undefined
  readonly before?: Duration.Input | undefined
  readonly after?: Duration.Input | undefined
}

/**
 * Records meet if they are at most `difference` apart. Without `grace`, none.
 *
 * @since 0.1.0
 */
export const ofTimeDifference = (difference: Duration.Input, options: Options = {}): JoinWindows =>
  make(difference, options, 0, "WhenClosed")

/**
 * Kafka's `JoinWindows.of`, which it has deprecated and which is here for topologies that used it: what a left or outer join
 * keeps alone leaves at once, also if a partner comes later. Without `grace`, 24 hours less the length of the window.
 *
 * @since 0.1.0
 */
export const of = (difference: Duration.Input, options: Options = {}): JoinWindows =>
  make(difference, options, Math.max(0, defaultRetentionMs - 2 * Duration.toMillis(difference)), "AtOnce")

const defaultRetentionMs = 24 * 60 * 60 * 1000

const make = (
  difference: Duration.Input,
  { after, before, grace }: Options,
  defaultGraceMs: number,
  unmatched: JoinWindows["unmatched"]
): JoinWindows => ({
  _tag: "JoinWindows",
  beforeMs: Duration.toMillis(before ?? difference),
  afterMs: Duration.toMillis(after ?? difference),
  graceMs: grace === undefined ? defaultGraceMs : Duration.toMillis(grace),
  unmatched
})

/**
 * How long a window is.
 *
 * @since 0.1.0
 */
export const sizeMs = (windows: JoinWindows): number => windows.beforeMs + windows.afterMs

/**
 * For how long each side's records are kept.
 *
 * @since 0.1.0
 */
export const retentionMs = (windows: JoinWindows): number => sizeMs(windows) + windows.graceMs

/**
 * What is wrong with windows, and what would be right; undefined: nothing.
 *
 * @since 0.1.0
 */
export const mistake = (windows: JoinWindows): { readonly detail: string; readonly hint: string } | undefined => {
  const { afterMs, beforeMs, graceMs } = windows
  const isWhole = [beforeMs, afterMs, graceMs].every(Number.isSafeInteger)
  if (isWhole && sizeMs(windows) >= 0 && graceMs >= 0) return undefined
  return {
    detail: `a join from ${beforeMs} ms before to ${afterMs} ms after with a grace of ${graceMs} ms cannot be`,
    hint: "give whole milliseconds; before and after are not negative together, nor is the grace"
  }
}
