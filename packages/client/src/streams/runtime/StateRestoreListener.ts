/**
 * Who wants to know how far stores are restored (Kafka's `StateRestoreListener`).
 *
 * @since 0.1.0
 */

/**
 * A store that is being restored from a partition of its changelog.
 *
 * @since 0.1.0
 */
export interface RestoredStore {
  readonly topic: string
  readonly partition: number
  readonly store: string
}

/**
 * Called by the thread that restores: it must return at once. Standbys are not told of.
 *
 * @since 0.1.0
 */
export interface StateRestoreListener {
  /** Offsets from `startingOffset` up to `endingOffset` (not included) are to be read. */
  readonly onRestoreStart?: (store: RestoredStore, startingOffset: number, endingOffset: number) => void
  /** `numRestored` more records are in the store; what is before `batchEndOffset` was read. */
  readonly onBatchRestored?: (store: RestoredStore, batchEndOffset: number, numRestored: number) => void
  readonly onRestoreEnd?: (store: RestoredStore, totalRestored: number) => void
  /** The task was taken away before its store was complete. */
  readonly onRestoreSuspended?: (store: RestoredStore, totalRestored: number) => void
}
