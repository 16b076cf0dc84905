/**
 * A shard's log in memory, for tests: it commits when it is told to, refuses, fails, and forgets.
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import {
  type ShardBatch,
  type ShardLog,
  ShardLogError,
  type ShardMarker,
  type ShardRecord
} from "../../src/coordination/shard/ShardLog.ts"

export type Entry =
  | { readonly type: "batch"; readonly batch: ShardBatch; readonly end: number }
  | { readonly type: "marker"; readonly marker: ShardMarker; readonly end: number }

interface Waiter {
  readonly offset: number
  readonly deferred: Deferred.Deferred<void, ShardLogError>
}

const copyOf = (record: ShardRecord): ShardRecord => ({
  key: record.key?.slice() ?? null,
  value: record.value?.slice() ?? null
})

export class MemoryShardLog implements ShardLog {
  entries: Array<Entry> = []
  /** Offsets below are committed. */
  committed = 0
  /** Whether appends commit at once. */
  automatic = true
  /** Milliseconds that an append takes. */
  appendMs = 0
  /** Asked for each append; an error refuses it. */
  refuse: (what: ShardBatch | ShardMarker) => ShardLogError | null = () => null
  replays = 0
  replayFails = 0
  private waiters: Array<Waiter> = []

  get end(): number {
    return this.entries.at(-1)?.end ?? 0
  }

  get batches(): ReadonlyArray<ShardBatch> {
    return this.entries.flatMap((entry) => entry.type === "batch" ? [entry.batch] : [])
  }

  /** Commits all that is written, or up to an offset. */
  commit(offset: number = this.end): void {
    this.committed = Math.max(this.committed, offset)
    const [done, waiting] = partition(this.waiters, (waiter) => waiter.offset <= this.committed)
    this.waiters = waiting
    for (const waiter of done) Deferred.doneUnsafe(waiter.deferred, Effect.void)
  }

  /** Fails all that is not committed; `keep` of it stays in the log all the same. */
  fail(keep = 0): void {
    const kept = this.entries.filter((entry) => entry.end <= this.committed).length + keep
    this.entries = this.entries.slice(0, kept)
    const { waiters } = this
    this.waiters = []
    this.committed = this.end
    for (const waiter of waiters) Deferred.doneUnsafe(waiter.deferred, Effect.fail(lost))
  }

  readonly verify: ShardLog["verify"] = (producer, vouch) =>
    Effect.flatMap(vouch, (code) =>
      code === ErrorCode.NONE
        ? Effect.succeed({ ...producer, mustStartAtZero: false, lowestSequence: 0, startedMs: 0 })
        : Effect.fail(refused(code)))

  readonly append = (batch: ShardBatch) =>
    this.write(batch, () => {
      const records = batch.records.map(copyOf)
      return { type: "batch", batch: { ...batch, records }, end: this.end + records.length }
    })

  readonly appendMarker = (marker: ShardMarker) =>
    this.write(marker, () => ({ type: "marker", marker, end: this.end + 1 }))

  readonly awaitCommitted = (offset: number): Effect.Effect<void, ShardLogError> =>
    Effect.suspend(() => {
      if (offset <= this.committed) return Effect.void
      // What was written has been lost meanwhile.
      if (offset > this.end) return Effect.fail(lost)
      const deferred = Deferred.makeUnsafe<void, ShardLogError>()
      this.waiters.push({ offset, deferred })
      return Deferred.await(deferred)
    })

  readonly replay: ShardLog["replay"] = (reader) =>
    Effect.suspend(() => {
      this.replays++
      if (this.replayFails > 0) {
        this.replayFails--
        return Effect.fail(lost)
      }
      for (const entry of this.entries) {
        if (entry.type === "marker") reader.marker(entry.marker)
        else for (const record of entry.batch.records) reader.record(copyOf(record), entry.batch.producer)
      }
      return this.awaitCommitted(this.end)
    })

  private write(what: ShardBatch | ShardMarker, entry: () => Entry): Effect.Effect<number, ShardLogError> {
    const done = Effect.suspend(() => {
      const refusal = this.refuse(what)
      if (refusal !== null) return Effect.fail(refusal)
      this.entries.push(entry())
      if (this.automatic) this.commit()
      return Effect.succeed(this.end)
    })
    return this.appendMs === 0 ? done : Effect.delay(done, this.appendMs)
  }
}

const partition = <A>(all: ReadonlyArray<A>, test: (a: A) => boolean): [Array<A>, Array<A>] => [
  all.filter(test),
  all.filter((a) => !test(a))
]

const lost = new ShardLogError({ code: ErrorCode.NOT_LEADER_OR_FOLLOWER, outcome: "unknown", detail: "lost" })

export const refused = (code: number): ShardLogError =>
  new ShardLogError({ code, outcome: "refused", detail: "refused" })
