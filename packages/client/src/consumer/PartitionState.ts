/**
 * Where a consumer stands in one of its partitions.
 *
 * Keeps true: `fetchOffset` is never behind `position`; what was fetched before a seek is thrown away after it.
 *
 * @since 0.1.0
 */
import type { ResetPolicy } from "./ConsumerOptions.ts"
import type { RecordChunk } from "./RecordChunk.ts"

/**
 * The state of one partition.
 *
 * @since 0.1.0
 */
export class PartitionState {
  readonly topic: string
  readonly partition: number
  /** The next offset to give; -1 while it is not known. */
  position = -1
  /** The leader epoch of the record before the position, -1 if unknown. */
  positionEpoch = -1
  /** The next offset to fetch: `position`, and what is buffered. */
  fetchOffset = -1
  fetchEpoch = -1
  isPaused = false
  /** How to find a position: by what the group has committed, at one end, or by time. */
  search: "committed" | Exclude<ResetPolicy, "none"> | undefined = "committed"
  readonly chunks: Array<RecordChunk> = []
  bufferedBytes = 0
  /** Grows with each seek: answers to fetches from before it are stale. */
  version = 0
  isFetching = false
  /** Not to be fetched before this time. */
  retryMs = 0
  failures = 0
  watermarks:
    | { readonly highWatermark: number; readonly lastStableOffset: number; readonly logStartOffset: number }
    | undefined
  /** A replica that the leader wants us to read from, and until when. */
  replicaId = -1
  replicaUntilMs = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get hasPosition(): boolean {
    return this.position >= 0 && this.search === undefined
  }

  seek(offset: number, leaderEpoch: number): void {
    this.position = offset
    this.positionEpoch = leaderEpoch
    this.fetchOffset = offset
    this.fetchEpoch = leaderEpoch
    this.search = undefined
    this.drop()
  }

  /** Looks for a position as a policy says; false if there is none. */
  reset(policy: ResetPolicy): boolean {
    if (policy === "none") return false
    this.position = -1
    this.fetchOffset = -1
    this.search = policy
    this.drop()
    return true
  }

  drop(): void {
    this.version++
    this.chunks.length = 0
    this.bufferedBytes = 0
  }
}
