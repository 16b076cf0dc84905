/**
 * What a consumer does between and within polls: membership, positions, fetches.
 *
 * Keeps true: background fibers only put their results down; what the caller sees changes within its own calls. A
 * partition that was taken away or sought elsewhere gives nothing of what was fetched for it before.
 * Leaves to others: its parts (`GroupMember`, `Fetcher`, `PositionSearch`), its face (`ConsumerEngine`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import { Compression } from "@millrace/core/records/Compression"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { canRetry, type Cluster, type Lane, type RequestError } from "../cluster/Cluster.ts"
import * as OffsetRequests from "../cluster/OffsetRequests.ts"
import * as Retry from "../cluster/Retry.ts"
import { Signal } from "../cluster/Signal.ts"
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"
import { apiTimeoutMs } from "../limits.ts"
import type { GroupAssignor, GroupMetadata, OffsetAndMetadata, RebalanceListener } from "./ConsumerCore.ts"
import { ConsumerError } from "./ConsumerError.ts"
import * as ConsumerOptions from "./ConsumerOptions.ts"
import { Fetcher } from "./Fetcher.ts"
import { GroupMember, type MemberEvent } from "./GroupMember.ts"
import { PartitionState } from "./PartitionState.ts"
import { PositionSearch, toConsumerError } from "./PositionSearch.ts"
import type { RecordChunk } from "./RecordChunk.ts"

type Restore = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * A consumer at work.
 *
 * @since 0.1.0
 */
export class PollEngine<E, R> {
  readonly partitions = new Map<string, PartitionState>()
  readonly settings: ConsumerOptions.Settings
  readonly member: GroupMember<E, R> | undefined
  readonly #cluster: Cluster["Service"]
  readonly #lane: Lane
  readonly #scope: Scope.Scope
  readonly #listener: RebalanceListener<E, R>
  readonly #fetcher: Fetcher
  readonly #positions: PositionSearch
  readonly #signal = new Signal()
  #topics: ReadonlyArray<string> = []
  #pattern: RegExp | undefined
  #isSubscribed = false
  #needsJoin = false
  #isLeader = false
  #groupCounts = new Map<string, number>()
  #isRefreshing = false
  #refreshedMs: number
  #refreshes = 0
  #generation = -1
  /** What a background fiber died of. */
  #defect: Cause.Cause<never> | undefined
  /** As it was last heard to be, until a poll hears that it is lost. */
  #identity: GroupMetadata | undefined

  constructor(options: {
    readonly cluster: Cluster["Service"]
    readonly lane: Lane
    readonly groupLane: Lane
    readonly scope: Scope.Scope
    readonly codecs: Compression["Service"]
    readonly settings: ConsumerOptions.Settings
    readonly assignors: ReadonlyArray<GroupAssignor<E, R>>
    readonly listener: RebalanceListener<E, R>
    readonly now: number
  }) {
    const { cluster, codecs, lane, settings } = options
    const wake = () => this.#signal.raise()
    this.#cluster = cluster
    this.#lane = options.groupLane
    this.#scope = options.scope
    this.settings = settings
    this.#listener = options.listener
    this.#refreshedMs = options.now
    this.#fetcher = new Fetcher(cluster, lane, settings, codecs, wake)
    this.#positions = new PositionSearch(cluster, options.groupLane, settings, wake)
    const { groupId } = settings
    if (groupId !== undefined) {
      const { assignors, groupLane } = options
      this.member = new GroupMember({ groupId, cluster, lane: groupLane, settings, assignors, onEvent: wake })
    }
  }

  // What is consumed

  subscribe(topics: ReadonlyArray<string> | RegExp): Effect.Effect<void, ConsumerError> {
    return Effect.suspend(() => {
      const { member } = this
      if (member === undefined) return Effect.fail(withoutGroup)
      this.#pattern = topics instanceof RegExp ? topics : undefined
      this.#topics = topics instanceof RegExp ? [] : [...new Set(topics)]
      if (this.#isSubscribed) {
        this.#needsJoin = true
        return Effect.void
      }
      this.partitions.clear()
      this.#isSubscribed = true
      this.#needsJoin = true
      return this.#fork(member.heartbeats)
    })
  }

  assign(wanted: ReadonlyArray<TopicPartition>): Effect.Effect<void, ConsumerError> {
    return Effect.suspend(() => {
      if (this.#isSubscribed) return Effect.fail(alreadySubscribed)
      const keys = new Set(wanted.map((one) => keyOf(one.topic, one.partition)))
      for (const key of [...this.partitions.keys()]) if (!keys.has(key)) this.partitions.delete(key)
      for (const one of wanted) this.#add(one)
      this.#topics = [...new Set(wanted.map((one) => one.topic))]
      return Effect.void
    })
  }

  #add({ partition, topic }: TopicPartition): void {
    const key = keyOf(topic, partition)
    if (!this.partitions.has(key)) this.partitions.set(key, new PartitionState(topic, partition))
  }

  #remove(partitions: ReadonlyArray<TopicPartition>): void {
    for (const { partition, topic } of partitions) {
      const key = keyOf(topic, partition)
      this.partitions.get(key)?.drop()
      this.partitions.delete(key)
    }
  }

  owned(): ReadonlyArray<TopicPartition> {
    return [...this.partitions.values()].map(({ partition, topic }) => ({ topic, partition }))
  }

  state({ partition, topic }: TopicPartition): PartitionState {
    const state = this.partitions.get(keyOf(topic, partition))
    if (state !== undefined) return state
    throw new ConsumerError({
      reason: "NotAssigned",
      detail: `${keyOf(topic, partition)} is not assigned to this consumer`,
      hint: "ask assignment() first"
    })
  }

  /**
   * Who this consumer is in its group. Who has lost its membership keeps its identity until a poll says so: its commits
   * are then refused, where those of a stranger would be taken.
   */
  identity(): GroupMetadata {
    const { member } = this
    if (member === undefined) return { groupId: "", generationId: -1, memberId: "", groupInstanceId: null }
    if (member.generationId >= 0) this.#identity = member.metadata()
    return this.#identity ?? member.metadata()
  }

  // Polling

  /** `onChunks` has what was fetched at the very moment when the position moves on, whatever becomes of the poll. */
  poll(
    maxWaitMs: number,
    onChunks: (chunks: ReadonlyArray<RecordChunk>) => void = () => {}
  ): Effect.Effect<ReadonlyArray<RecordChunk>, ConsumerError | E, R> {
    // Interrupted only where it waits: half a step would leave work that nobody does and events that nobody heard.
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(MonotonicTime.millis, (now) => this.#pollUntil(now + maxWaitMs, onChunks, restore))
    )
  }

  #pollUntil(
    deadline: number,
    onChunks: (chunks: ReadonlyArray<RecordChunk>) => void,
    restore: Restore
  ): Effect.Effect<ReadonlyArray<RecordChunk>, ConsumerError | E, R> {
    return this.#membership(restore).pipe(
      Effect.andThen(MonotonicTime.millis),
      Effect.flatMap((now) => {
        if (this.#defect !== undefined) return Effect.failCause(this.#defect)
        const failure = this.#fetcher.apply(now) ?? this.#positions.apply()
        if (failure !== undefined) return Effect.fail(failure)
        const chunks = this.#collect()
        if (chunks.length > 0) onChunks(chunks)
        const work = this.#work(now)
        const isDone = chunks.length > 0 || now >= deadline
        const wait = isDone ? Effect.void : this.#signal.waitFor(Math.min(deadline - now, this.#nextRetry(now)))
        return Effect.forEach(work, (one) => this.#fork(one), { discard: true }).pipe(
          Effect.andThen(restore(wait)),
          Effect.andThen(
            isDone ? Effect.succeed(chunks) : Effect.suspend(() => this.#pollUntil(deadline, onChunks, restore))
          )
        )
      })
    )
  }

  /** Works in the background. A defect there is one of the next poll: nothing stops in silence. */
  #fork<R2>(work: Effect.Effect<void, never, R2>): Effect.Effect<void, never, R2> {
    const heard = Effect.onExit(work, (exit) =>
      Effect.sync(() => {
        if (exit._tag === "Success" || !Cause.hasDies(exit.cause)) return
        this.#defect = exit.cause
        this.#signal.raise()
      }))
    return Effect.asVoid(Effect.forkIn(heard, this.#scope))
  }

  #collect(): ReadonlyArray<RecordChunk> {
    const chunks: Array<RecordChunk> = []
    for (const state of this.partitions.values()) {
      if (state.isPaused || state.chunks.length === 0) continue
      for (const chunk of state.chunks) {
        chunks.push(chunk)
        state.position = chunk.nextOffset
        if (chunk.leaderEpoch >= 0) state.positionEpoch = chunk.leaderEpoch
      }
      state.chunks.length = 0
      state.bufferedBytes = 0
    }
    return chunks
  }

  #nextRetry(now: number): number {
    let next = Infinity
    for (const state of this.partitions.values()) {
      if (state.retryMs > now) next = Math.min(next, state.retryMs - now)
    }
    return next
  }

  /** What is to be done in the background from now on. */
  #work(now: number): ReadonlyArray<Effect.Effect<void>> {
    const work = [...this.#fetcher.start(this.partitions, now)]
    if (this.#fetcher.needsMetadata || now - this.#refreshedMs > this.settings.metadataAgeMaxMs) {
      const refresh = this.#refresh(now)
      if (refresh !== undefined) work.push(refresh)
    }
    const search = this.#positions.start(this.partitions.values())
    if (search !== undefined) work.push(search)
    return work
  }

  // Metadata

  #refresh(now: number): Effect.Effect<void> | undefined {
    if (this.#isRefreshing) return undefined
    this.#isRefreshing = true
    this.#fetcher.needsMetadata = false
    const attempt = now - this.#refreshedMs > this.settings.metadataAgeMaxMs ? 0 : this.#refreshes
    this.#refreshedMs = now
    const topics = new Set([...this.#topics, ...this.#groupCounts.keys()])
    for (const state of this.partitions.values()) topics.add(state.topic)
    return (attempt === 0 ? Effect.void : Retry.backoff(attempt - 1)).pipe(
      Effect.andThen(this.#cluster.refresh(this.#pattern === undefined ? [...topics] : "all", {
        allowAutoTopicCreation: this.settings.allowAutoCreateTopics
      })),
      Effect.match({
        onFailure: (error) => {
          this.#refreshes++
          this.#fetcher.needsMetadata = true
          if (!canRetry(error)) this.#positions.fail(toConsumerError("metadata", error))
        },
        onSuccess: () => {
          this.#refreshes++
          if (this.#lacksTopics) this.#fetcher.needsMetadata = true
        }
      }),
      Effect.ensuring(Effect.sync(() => {
        this.#isRefreshing = false
        this.#signal.raise()
      }))
    )
  }

  /** Whether topics of the group could not be looked up, and may be soon: asking for one may have created it just now. */
  get #lacksTopics(): boolean {
    const { topicErrors } = this.#cluster.metadata
    return [...this.#groupCounts.keys()].some((name) => {
      const code = topicErrors.get(name)
      return code !== undefined && KafkaError.fromCode(code).refresh === "metadata"
    })
  }

  /** A group looks at its topics again when they have changed. */
  #noticeTopics(): void {
    const { metadata } = this.#cluster
    if (!this.#isSubscribed || this.#generation === metadata.generation) return
    this.#generation = metadata.generation
    if (this.#pattern !== undefined) {
      const matching = this.#matching(this.#pattern)
      if (matching.join() !== this.#topics.join()) {
        this.#topics = matching
        this.#needsJoin = true
      }
    }
    if (!this.#isLeader) return
    for (const [name, count] of this.#groupCounts) {
      const now = metadata.topics.get(name)?.partitions.length ?? 0
      if (now === count || (now === 0 && metadata.topicErrors.get(name) === undefined)) continue
      this.#groupCounts.set(name, now)
      this.#needsJoin = true
    }
  }

  #matching(pattern: RegExp): ReadonlyArray<string> {
    const names: Array<string> = []
    for (const topic of this.#cluster.metadata.topics.values()) {
      pattern.lastIndex = 0
      if (!topic.isInternal && pattern.test(topic.name)) names.push(topic.name)
    }
    return names.sort()
  }

  // Membership

  #membership(restore: Restore): Effect.Effect<void, ConsumerError | E, R> {
    return Effect.suspend(() => {
      const { member } = this
      if (member === undefined || !this.#isSubscribed) return Effect.void
      return Effect.flatMap(MonotonicTime.millis, (now) => {
        member.lastPollMs = now
        this.#noticeTopics()
        const event = member.takeEvent()
        if (event !== undefined) {
          return this.#happened(member, event, restore).pipe(
            // What a callback could not finish is told again, to the next poll.
            Effect.onInterrupt(() => Effect.sync(() => member.putBack(event))),
            Effect.andThen(this.#membership(restore))
          )
        }
        return this.#needsJoin && !member.isJoining ? this.#join(member, restore) : Effect.void
      })
    })
  }

  #happened(
    member: GroupMember<E, R>,
    event: MemberEvent<E, R>,
    restore: Restore
  ): Effect.Effect<void, ConsumerError | E, R> {
    switch (event._tag) {
      case "Joined":
        return this.#joined(event, restore)
      case "Rejoin":
        this.#needsJoin = true
        return Effect.void
      case "Failed":
        // who polls all the same shall not wait in silence
        this.#needsJoin = true
        return Effect.fail(event.error)
      case "Lost": {
        member.generationId = -1
        this.#identity = undefined
        this.#needsJoin = true
        const lost = this.owned()
        this.#remove(lost)
        return lost.length === 0 ? Effect.void : restore(this.#listener.onLost?.(lost) ?? Effect.void)
      }
    }
  }

  #join(member: GroupMember<E, R>, restore: Restore): Effect.Effect<void, ConsumerError | E, R> {
    const prepare = this.#pattern !== undefined && this.#topics.length === 0
      ? restore(this.#firstMatch(this.#pattern))
      : Effect.void
    return Effect.andThen(
      prepare,
      Effect.suspend(() => {
        const topics = new Set(this.#topics)
        const given = member.isCooperative ? this.owned().filter((one) => !topics.has(one.topic)) : this.owned()
        return this.#giveUp(given, restore)
      })
    ).pipe(
      Effect.andThen(Effect.suspend(() => {
        this.#needsJoin = false
        member.isJoining = true
        return this.#fork(member.join(this.#topics, this.owned()))
      }))
    )
  }

  #firstMatch(pattern: RegExp): Effect.Effect<void, ConsumerError> {
    return this.#cluster.refresh("all").pipe(
      Retry.retry<RequestError>({ while: canRetry, timeoutMs: apiTimeoutMs }),
      Effect.mapError((error) => toConsumerError("subscribe", error)),
      Effect.andThen(Effect.sync(() => {
        this.#topics = this.#matching(pattern)
      }))
    )
  }

  #giveUp(partitions: ReadonlyArray<TopicPartition>, restore: Restore): Effect.Effect<void, E, R> {
    if (partitions.length === 0) return Effect.void
    return Effect.andThen(
      restore(this.#listener.onRevoked?.(partitions) ?? Effect.void),
      Effect.sync(() => this.#remove(partitions))
    )
  }

  #joined(event: MemberEvent<E, R> & { readonly _tag: "Joined" }, restore: Restore): Effect.Effect<void, E, R> {
    const { assignment, assignor, generationId } = event
    this.#isLeader = event.isLeader
    this.identity()
    const { topics } = this.#cluster.metadata
    this.#groupCounts = new Map(event.groupTopics.map((name) => [name, topics.get(name)?.partitions.length ?? 0]))
    if (this.#lacksTopics) this.#fetcher.needsMetadata = true
    const next = new Set(assignment.partitions.map((one) => keyOf(one.topic, one.partition)))
    return restore(assignor.onAssignment(assignment, generationId)).pipe(
      Effect.andThen(Effect.suspend(() => {
        const revoked = this.owned().filter((one) => !next.has(keyOf(one.topic, one.partition)))
        if (revoked.length > 0) this.#needsJoin = true
        return this.#giveUp(revoked, restore)
      })),
      Effect.andThen(Effect.suspend(() => {
        const added = assignment.partitions.filter((one) => !this.partitions.has(keyOf(one.topic, one.partition)))
        for (const one of added) this.#add(one)
        return Effect.onInterrupt(
          restore(this.#listener.onAssigned?.(added) ?? Effect.void),
          () => Effect.sync(() => this.#remove(added))
        )
      }))
    )
  }

  enforceRebalance(): void {
    this.#needsJoin = true
    this.#signal.raise()
  }

  // Questions

  ends(partitions: ReadonlyArray<TopicPartition>, timestamp: number) {
    return this.times(partitions.map(({ partition, topic }) => ({ topic, partition, timestamp })))
  }

  times(queries: ReadonlyArray<OffsetRequests.OffsetQuery>) {
    return Effect.mapError(this.#positions.list(queries), (error) => toConsumerError("list offsets", error))
  }

  committed(
    partitions: ReadonlyArray<TopicPartition>
  ): Effect.Effect<ReadonlyArray<OffsetAndMetadata>, ConsumerError> {
    return this.settings.groupId === undefined
      ? Effect.fail(withoutGroup)
      : Effect.mapError(
        this.#positions.committed(partitions),
        (error) => toConsumerError("fetch committed offsets", error)
      )
  }

  commit(offsets: ReadonlyArray<OffsetAndMetadata>): Effect.Effect<void, ConsumerError> {
    return Effect.suspend(() => {
      const { member } = this
      if (member === undefined) return Effect.fail(withoutGroup)
      if (offsets.length === 0) return Effect.void
      if (this.#isSubscribed && member.generationId < 0) return Effect.fail(commitFailed(undefined))
      const identity = member.metadata()
      return Effect.mapError(
        OffsetRequests.commit(this.#cluster, this.#lane, identity, offsets, apiTimeoutMs),
        (error) => this.#commitRefused(member, identity.generationId, error)
      )
    })
  }

  #commitRefused(member: GroupMember<E, R>, generationId: number, error: RequestError): ConsumerError {
    const isCurrent = generationId === member.generationId
    const code = error._tag === "KafkaError" ? error.code : ErrorCode.NONE
    switch (code) {
      case ErrorCode.REBALANCE_IN_PROGRESS:
        if (isCurrent && !member.isJoining) member.rejoin()
        return new ConsumerError({
          reason: "RebalanceInProgress",
          detail: "the group rebalances",
          hint: "poll, then commit again",
          cause: error
        })
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.UNKNOWN_MEMBER_ID:
        if (isCurrent && this.#isSubscribed && !member.isJoining) member.lose(code)
        return commitFailed(error)
      case ErrorCode.FENCED_INSTANCE_ID:
        return new ConsumerError({
          reason: "Fenced",
          detail: "another member has taken this groupInstanceId",
          hint: "give each consumer a name of its own",
          cause: error
        })
    }
    return toConsumerError("commit", error)
  }
}

const withoutGroup = new ConsumerError({
  reason: "Refused",
  detail: "this consumer is in no group",
  hint: "give it a groupId, or assign partitions and keep offsets yourself"
})

const alreadySubscribed = new ConsumerError({
  reason: "Refused",
  detail: "this consumer's partitions are assigned by its group",
  hint: "use another consumer for partitions of your own choice"
})

const commitFailed = (cause: unknown) =>
  new ConsumerError({
    reason: "CommitFailed",
    detail: "the group went on without this member",
    hint: "its partitions are somebody else's now; handle records more than once, or poll more often",
    cause
  })
