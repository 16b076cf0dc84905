/**
 * All kinds of windows, and what stores and names need to know of each.
 *
 * @since 0.1.0
 */
import type { SessionWindows } from "./SessionWindows.ts"
import type { SlidingWindows } from "./SlidingWindows.ts"
import type { TimeWindows } from "./TimeWindows.ts"
import type { UnlimitedWindows } from "./UnlimitedWindows.ts"

/**
 * Windows whose length is known before any record is.
 *
 * @since 0.1.0
 */
export type Fixed = TimeWindows | SlidingWindows | UnlimitedWindows

/**
 * Any windows.
 *
 * @since 0.1.0
 */
export type Any = Fixed | SessionWindows

/**
 * How long a window is.
 *
 * @since 0.1.0
 */
export const sizeMs = (windows: Fixed): number => {
  switch (windows._tag) {
    case "TimeWindows":
      return windows.sizeMs
    case "SlidingWindows":
      return windows.differenceMs
    case "UnlimitedWindows":
      return Number.POSITIVE_INFINITY
  }
}

/**
 * How long after its end a window still changes.
 *
 * @since 0.1.0
 */
export const graceMs = (windows: Any): number => {
  switch (windows._tag) {
    case "TimeWindows":
    case "SlidingWindows":
      return windows.graceMs
    case "SessionWindows":
      return windows.gapMs + windows.graceMs
    case "UnlimitedWindows":
      return 0
  }
}

/**
 * For how long a store must keep windows at least.
 *
 * @since 0.1.0
 */
export const retentionMs = (windows: Any): number => {
  switch (windows._tag) {
    case "TimeWindows":
      return windows.sizeMs + windows.graceMs
    case "SlidingWindows":
      return 2 * windows.differenceMs + windows.graceMs
    case "SessionWindows":
      return windows.gapMs + windows.graceMs
    case "UnlimitedWindows":
      return Number.POSITIVE_INFINITY
  }
}

/**
 * What is wrong with windows, and what would be right; undefined: nothing.
 *
 * @since 0.1.0
 */
export const mistake = (windows: Any): { readonly detail: string; readonly hint: string } | undefined => {
  const whole = Object.values(windows).every((each) => typeof each === "string" || isDuration(each))
  switch (windows._tag) {
    case "TimeWindows": {
      const { advanceMs, graceMs, sizeMs } = windows
      if (whole && sizeMs > 0 && advanceMs > 0 && advanceMs <= sizeMs) return undefined
      return {
        detail: `windows of ${sizeMs} ms every ${advanceMs} ms with a grace of ${graceMs} ms cannot be`,
        hint: "size and advance are positive, advance is at most size, grace is not negative, all whole milliseconds"
      }
    }
    case "SlidingWindows":
    case "SessionWindows":
    case "UnlimitedWindows":
      return whole ? undefined : {
        detail: `${JSON.stringify(windows)} cannot be`,
        hint: "give whole milliseconds that are not negative"
      }
  }
}

const isDuration = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
