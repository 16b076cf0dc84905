/**
 * Who wants to know how standbys are kept up to date (Kafka's `StandbyUpdateListener`).
 *
 * @since 0.1.0
 */
import type { RestoredStore } from "./StateRestoreListener.ts"

/**
 * Why a standby is no longer kept up to date: its task is no longer kept here (`MIGRATED`), or runs here now (`PROMOTED`).
 *
 * @since 0.1.0
 */
export type SuspendReason = "MIGRATED" | "PROMOTED"

/**
 * Called by the thread that keeps the standby: it must return at once. What is not known is -1.
 *
 * @since 0.1.0
 */
export interface StandbyUpdateListener {
  /** The changelog is read from `startingOffset` on; nothing of it is in the store before this was called. */
  readonly onUpdateStart?: (store: RestoredStore, startingOffset: number) => void
  /** `batchSize` more records are in the store; `batchEndOffset` was read last, the changelog ends before `currentEndOffset`. */
  readonly onBatchLoaded?: (
    store: RestoredStore,
    taskId: string,
    batchEndOffset: number,
    batchSize: number,
    currentEndOffset: number
  ) => void
  /** `storeOffset` was read last. A promotion is told before the store is restored. */
  readonly onUpdateSuspended?: (
    store: RestoredStore,
    storeOffset: number,
    currentEndOffset: number,
    reason: SuspendReason
  ) => void
}
