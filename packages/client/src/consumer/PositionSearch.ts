/**
 * Finds positions: what a group has committed, or else an end of the log or a time.
 *
 * Keeps true: one search at a time, in the background; what it finds changes state only in `apply`, and only where nobody
 * has sought elsewhere meanwhile.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { canRetry, type Cluster, type Lane, type RequestError } from "../cluster/Cluster.ts"
import * as OffsetRequests from "../cluster/OffsetRequests.ts"
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"
import { apiTimeoutMs } from "../limits.ts"
import { ConsumerError } from "./ConsumerError.ts"
import type { ResetPolicy, Settings } from "./ConsumerOptions.ts"
import type { PartitionState } from "./PartitionState.ts"

/** A position that was found, or why there is none. */
type Found =
  | { readonly state: PartitionState; readonly version: number; readonly offset: number; readonly leaderEpoch: number }
  | { readonly state: PartitionState; readonly version: number; readonly atEnd: true }
  | { readonly failure: ConsumerError }

/** Where to begin, if anywhere. */
type Policy = Exclude<ResetPolicy, "none">

/**
 * The positions of one consumer.
 *
 * @since 0.1.0
 */
export class PositionSearch {
  readonly #cluster: Cluster["Service"]
  readonly #lane: Lane
  readonly #settings: Settings
  readonly #onFound: () => void
  #found: Array<Found> = []
  #isSearching = false

  constructor(cluster: Cluster["Service"], lane: Lane, settings: Settings, onFound: () => void) {
    this.#cluster = cluster
    this.#lane = lane
    this.#settings = settings
    this.#onFound = onFound
  }

  /** The search to be made now, if there is one to make: to be forked. */
  start(partitions: Iterable<PartitionState>): Effect.Effect<void> | undefined {
    if (this.#isSearching) return undefined
    const wanted = [...partitions].filter((state) => state.search !== undefined)
    if (wanted.length === 0) return undefined
    this.#isSearching = true
    return Effect.matchEffect(this.#find(wanted), {
      onFailure: (error) =>
        canRetry(error)
          ? Effect.logWarning(`positions of ${wanted.length} partitions are not found yet: ${error.message}`)
          : Effect.sync(() => this.#found.push({ failure: toConsumerError("find positions", error) })),
      onSuccess: (found) => Effect.sync(() => this.#found.push(...found))
    }).pipe(
      Effect.asVoid,
      Effect.ensuring(Effect.sync(() => {
        this.#isSearching = false
        this.#onFound()
      }))
    )
  }

  readonly #find = Effect.fnUntraced(
    { self: this },
    function*(this: PositionSearch, wanted: ReadonlyArray<PartitionState>) {
      const { groupId, offsetResetOf } = this.#settings
      const asked = wanted.map((state) => ({ state, version: state.version, search: state.search }))
      const found: Array<Found> = []
      const byGroup = asked.filter((one) => one.search === "committed" && groupId !== undefined)
      const committed = yield* this.committed(byGroup.map((one) => one.state))
      const nowMs = yield* Clock.currentTimeMillis
      const offsets = new Map(committed.map((one) => [keyOf(one.topic, one.partition), one]))
      const queries: Array<OffsetRequests.OffsetQuery> = []
      const atEnds: Array<Pick<(typeof asked)[number], "state" | "version"> & { readonly end: Policy }> = []
      for (const one of asked) {
        const { state, version } = one
        const known = one.search === "committed" ? offsets.get(keyOf(state.topic, state.partition)) : undefined
        const end = one.search === "committed" ? offsetResetOf(state.topic) : one.search
        if (known !== undefined) found.push({ state, version, offset: known.offset, leaderEpoch: known.leaderEpoch })
        else if (end === "none" || end === undefined) found.push({ failure: noCommitted(state) })
        else {
          const timestamp = timeOf(end, nowMs)
          queries.push({ topic: state.topic, partition: state.partition, timestamp })
          atEnds.push({ state, version, end })
        }
      }
      if (queries.length === 0) return found
      const listed = new Map(
        (yield* this.list(queries)).map((one) => [keyOf(one.topic, one.partition), one])
      )
      for (const { end, state, version } of atEnds) {
        const one = listed.get(keyOf(state.topic, state.partition))
        if (one === undefined) continue
        // nothing is as young as was asked for
        if (one.offset < 0 && typeof end === "object") found.push({ state, version, atEnd: true })
        else found.push({ state, version, offset: Math.max(0, one.offset), leaderEpoch: one.leaderEpoch })
      }
      return found
    }
  )

  /** What keeps the consumer from going on: the next `apply` says so. */
  fail(failure: ConsumerError): void {
    this.#found.push({ failure })
    this.#onFound()
  }

  /** Takes in what was found. Ends with the first thing that the consumer cannot get over. */
  apply(): ConsumerError | undefined {
    for (let found = this.#found.shift(); found !== undefined; found = this.#found.shift()) {
      if ("failure" in found) return found.failure
      const { state, version } = found
      if (state.version !== version || state.search === undefined) continue
      if ("atEnd" in found) state.reset("latest")
      else state.seek(found.offset, found.leaderEpoch)
    }
    return undefined
  }

  #knowTopics(partitions: ReadonlyArray<TopicPartition>): Effect.Effect<void, RequestError> {
    const missing = new Set<string>()
    for (const { topic } of partitions) if (!this.#cluster.metadata.topics.has(topic)) missing.add(topic)
    return missing.size === 0 ? Effect.void : this.#cluster.refresh([...missing])
  }

  /** The offsets at times or ends. */
  list(queries: ReadonlyArray<OffsetRequests.OffsetQuery>) {
    const options = { readCommitted: this.#settings.readCommitted, timeoutMs: apiTimeoutMs }
    return Effect.andThen(
      Effect.suspend(() => this.#knowTopics(queries)),
      Effect.suspend(() => OffsetRequests.listOffsets(this.#cluster, this.#lane, queries, options))
    )
  }

  /** What the group has committed, where it has; nothing without a group. */
  committed(
    partitions: ReadonlyArray<TopicPartition>
  ): Effect.Effect<ReadonlyArray<OffsetRequests.CommittedOffset>, RequestError> {
    const { groupId } = this.#settings
    if (groupId === undefined || partitions.length === 0) return Effect.succeed([])
    const options = { requireStable: true, timeoutMs: apiTimeoutMs }
    return OffsetRequests.fetchCommitted(this.#cluster, this.#lane, groupId, partitions, options)
  }
}

/** The time to ask for. */
const timeOf = (end: Policy, nowMs: number): number =>
  typeof end === "object" ? Math.max(0, nowMs - end.byDurationMs) : OffsetRequests.Timestamp[end]

const noCommitted = (state: PartitionState) =>
  new ConsumerError({
    reason: "NoPosition",
    detail: `nothing is committed for ${keyOf(state.topic, state.partition)}`,
    hint: "seek, or set autoOffsetReset"
  })

/**
 * What a consumer fails with where a request has failed.
 *
 * @since 0.1.0
 */
export const toConsumerError = (operation: string, cause: RequestError) =>
  new ConsumerError({
    reason: canRetry(cause) ? "Unavailable" : "Refused",
    detail: `${operation}: ${cause.message}`,
    hint: canRetry(cause) ? "is the cluster up?" : "this does not pass by itself",
    cause
  })
