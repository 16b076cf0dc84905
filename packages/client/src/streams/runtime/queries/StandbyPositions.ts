/**
 * How far into its inputs a copy of a store is, which only knows how far it is in its changelog.
 *
 * What is committed for a task is in its changelogs: an instance writes all changes before it commits, or commits both at
 * once. So a copy that has read a changelog up to where it ended after the task's committed offsets were looked up has all
 * records before these. Nothing has to be written for it, and it holds for changelogs that Kafka Streams has written.
 *
 * Keeps true: a position never says more than is so; the cluster is asked only for those who wait, and once at a time.
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Admin } from "../../../admin/Admin.ts"
import * as OffsetRequests from "../../../cluster/OffsetRequests.ts"
import type { TopicPartition } from "../../../cluster/TopicPartition.ts"
import * as limits from "../../../limits.ts"
import type { AnyStore } from "../../engine/stores/StateStore.ts"
import * as Position from "../../Position.ts"

/** What is known of one copy. */
interface Known {
  position: Position.Position
  /** Where it is when it has read the changelog up to `end`. */
  next: { readonly end: number; readonly position: Position.Position } | undefined
  isAsking: boolean
  askedAtMs: number
}

/**
 * A copy: its changelog, up to where that is read, and the partitions that its task reads.
 *
 * @since 0.1.0
 */
export interface Copy {
  readonly store: AnyStore
  readonly changelog: TopicPartition
  readonly readTo: number
  readonly sources: ReadonlyArray<TopicPartition>
}

/**
 * The positions of an instance's copies.
 *
 * @since 0.1.0
 */
export class StandbyPositions {
  private readonly groupId: string
  private readonly admin: Pick<Admin["Service"], "listConsumerGroupOffsets" | "listOffsets">
  private readonly known = new WeakMap<AnyStore, Known>()

  constructor(groupId: string, admin: Pick<Admin["Service"], "listConsumerGroupOffsets" | "listOffsets">) {
    this.groupId = groupId
    this.admin = admin
  }

  /** The position of a copy, as far as it is known. */
  of({ readTo, store }: Copy): Position.Position {
    const known = this.known.get(store)
    if (known === undefined) return Position.empty
    if (known.next !== undefined && readTo >= known.next.end) {
      known.position = Position.merge(known.position, known.next.position)
      known.next = undefined
    }
    return known.position
  }

  /** Looks up what a copy has to reach next, unless it is known; a failure is that of asking again later. */
  learn(copy: Copy): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const known = this.known.get(copy.store) ??
        { position: Position.empty, next: undefined, isAsking: false, askedAtMs: Number.NEGATIVE_INFINITY }
      this.known.set(copy.store, known)
      const nowMs = yield* MonotonicTime.millis
      if (known.isAsking || known.next !== undefined) return
      if (nowMs - known.askedAtMs < limits.standbyPositionIntervalMs) return
      known.isAsking = true
      known.askedAtMs = nowMs
      yield* this.ask(copy).pipe(
        Effect.tap((next) => Effect.sync(() => void (known.next = next))),
        Effect.ensuring(Effect.sync(() => void (known.isAsking = false)))
      )
    })
  }

  private ask({ changelog, sources }: Copy): Effect.Effect<Known["next"]> {
    return Effect.gen({ self: this }, function*() {
      const committed = yield* this.admin.listConsumerGroupOffsets(this.groupId, sources)
      // asked for second: it has all that was committed before
      const [end] = yield* this.admin.listOffsets([{ ...changelog, timestamp: OffsetRequests.Timestamp.latest }])
      if (end === undefined) return undefined
      const done = committed.flatMap(({ offset, partition, topic }) =>
        offset <= 0 ? [] : [{ topic, partition, offset: offset - 1 }]
      )
      return { end: end.offset, position: Position.fromComponents(done) }
    }).pipe(
      Effect.timeoutOption(limits.requestTimeoutMs),
      Effect.map((found) => Option.getOrUndefined(found)),
      Effect.catch(() => Effect.undefined)
    )
  }
}
