/**
 * The key of a windowed aggregate: a key and the window that it was seen in.
 *
 * @since 0.1.0
 */

/**
 * A key in a window, which begins at `start` and ends before `end` (sessions and sliding windows: at `end`), both in
 * milliseconds since the epoch.
 *
 * @since 0.1.0
 */
export interface Windowed<out K> {
  readonly key: K
  readonly start: number
  readonly end: number
}

/**
 * A key in the window from `start` to `end`.
 *
 * @since 0.1.0
 */
export const make = <K>(key: K, start: number, end: number): Windowed<K> => ({ key, start, end })
