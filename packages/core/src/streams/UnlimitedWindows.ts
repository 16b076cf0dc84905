/**
 * One window that never ends.
 *
 * @since 0.1.0
 */

/**
 * The window of all records from `startMs` on; those before it are in no window. Its end is infinite.
 *
 * @since 0.1.0
 */
export interface UnlimitedWindows {
  readonly _tag: "UnlimitedWindows"
  readonly startMs: number
}

/**
 * The window from `startMs`, in milliseconds since the epoch.
 *
 * @since 0.1.0
 */
export const from = (startMs = 0): UnlimitedWindows => ({ _tag: "UnlimitedWindows", startMs })
