/**
 * Decisions on their way into the log: what they write, who waits for them, and how to take them back.
 *
 * Keeps true: what one decision writes is in one batch, unless the decision says that it may be split.
 * Leaves to others: appending and waiting (`Shard`).
 *
 * @since 0.1.0
 */
import * as limits from "../../limits.ts"
import type { TransactionVerification } from "../../replication/Partition.ts"
import type { Completion, Decision } from "./ShardDecision.ts"
import type { ShardError } from "./ShardError.ts"
import type { ShardMarker, ShardProducer, ShardRecord } from "./ShardLog.ts"

/**
 * A request as the shard holds it until it is answered.
 *
 * @since 0.1.0
 */
export interface ShardRequest<State, Event, Timer, Action> {
  readonly id: number
  readonly producer: ShardProducer | null
  readonly verification: TransactionVerification | undefined
  readonly marker: ShardMarker | null
  readonly decide: (state: State, now: number) => Decision<Event, Timer, Action>
  readonly fail: (error: ShardError) => void
}

/**
 * Decisions that are appended together, or about to be. `mark` is the undo position before the first of them.
 *
 * @since 0.1.0
 */
export interface ShardFlight<Action> {
  readonly mark: number
  readonly producer: ShardProducer | null
  readonly verification: TransactionVerification | undefined
  readonly marker: ShardMarker | null
  /** The requests that were decided in it, whether it answers them or not. */
  readonly requestIds: Array<number>
  readonly completions: Array<Completion>
  readonly actions: Array<Action>
  readonly records: Array<ShardRecord>
  /** Counts of records at which a batch may end. */
  readonly cuts: Array<number>
  sizeBytes: number
  committed: boolean
}

/**
 * An empty flight, for `request` if there is one.
 *
 * @since 0.1.0
 */
export const make = <Action>(
  mark: number,
  request: Pick<ShardRequest<never, never, never, never>, "producer" | "verification" | "marker"> | undefined
): ShardFlight<Action> => ({
  mark,
  producer: request?.producer ?? null,
  verification: request?.verification,
  marker: request?.marker ?? null,
  requestIds: [],
  completions: [],
  actions: [],
  records: [],
  cuts: [],
  sizeBytes: 0,
  committed: false
})

/** The most that a record costs beside its key and value, in bytes. */
const recordOverheadBytes = 36

const sizeOf = (record: ShardRecord): number =>
  recordOverheadBytes + (record.key?.length ?? 0) + (record.value?.length ?? 0)

/**
 * Adds what a decision writes.
 *
 * @since 0.1.0
 */
export const add = <Action>(
  flight: ShardFlight<Action>,
  records: ReadonlyArray<ShardRecord>,
  splittable: boolean
): void => {
  for (const record of records) {
    flight.records.push(record)
    flight.sizeBytes += sizeOf(record)
    if (splittable) flight.cuts.push(flight.records.length)
  }
  if (!splittable && records.length > 0) flight.cuts.push(flight.records.length)
}

/**
 * The records in as few batches as their size allows.
 *
 * @since 0.1.0
 */
export const batches = <Action>(flight: ShardFlight<Action>): ReadonlyArray<ReadonlyArray<ShardRecord>> => {
  if (flight.sizeBytes <= limits.shardBatchMaxBytes) return [flight.records]
  const result: Array<ReadonlyArray<ShardRecord>> = []
  let batch: Array<ShardRecord> = []
  let batchBytes = 0
  let from = 0
  for (const cut of flight.cuts) {
    const piece = flight.records.slice(from, cut)
    const pieceBytes = piece.reduce((total, record) => total + sizeOf(record), 0)
    if (batch.length > 0 && batchBytes + pieceBytes > limits.shardBatchMaxBytes) {
      result.push(batch)
      batch = []
      batchBytes = 0
    }
    batch.push(...piece)
    batchBytes += pieceBytes
    from = cut
  }
  if (batch.length > 0) result.push(batch)
  return result
}
