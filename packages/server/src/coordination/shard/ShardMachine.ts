/**
 * The tenant of a shard: what its events mean, how they are stored, what its timers do.
 *
 * Keeps true: the state is a fold of events. Those that `encode` has bytes for are in the log and come back by replay; the
 * others are known to this owner of the shard only, and `loaded` makes them anew.
 * Leaves to others: decisions of requests, which are given to `Shard.submit`.
 *
 * @since 0.1.0
 */
import type { Decision } from "./ShardDecision.ts"
import type { ShardMarker, ShardProducer, ShardRecord } from "./ShardLog.ts"
import type { UndoLog } from "./UndoLog.ts"

/**
 * All functions are synchronous and depend on nothing but their arguments. The state may be changed by `apply` and
 * `applyMarker` only, and only through maps of the undo log.
 *
 * @since 0.1.0
 */
export interface ShardMachine<State, Event, Timer, Action> {
  /** For logs and errors. */
  readonly name: string
  readonly empty: (undo: UndoLog) => State
  /** The record of an event, or null if the event is not stored. */
  readonly encode: (event: Event) => ShardRecord | null
  /** The event of a record, or null if the record is not ours to know. Keeps no reference to the bytes. */
  readonly decode: (record: ShardRecord) => Event | null
  readonly apply: (state: State, event: Event, producer: ShardProducer | null) => void
  readonly applyMarker: (state: State, marker: ShardMarker) => void
  /** What to do once the log is read: `leaderEpoch` is that of the log's partition. */
  readonly loaded: (state: State, now: number, leaderEpoch: number) => Decision<Event, Timer, Action>
  /**
   * `now` is what the wall clock says. `cautiousNow` is for deciding that something of the log is old: it is not later, and
   * has gone on since the log was read no faster than time has, though the wall clock was set.
   */
  readonly fired: (state: State, timer: Timer, now: number, cautiousNow: number) => Decision<Event, Timer, Action>
}
