/**
 * A member of a classic group: joins, syncs, shows that it lives, leaves.
 *
 * Keeps true: heartbeats go on between joins; what happens to the membership is told by `takeEvent`, one event after
 * the other, and nothing else changes behind the consumer's back.
 * Leaves to others: callbacks and partitions (`ConsumerEngine`), choosing who gets what (`GroupAssignor`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type { JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import * as Message from "@millrace/core/protocol/Message"
import * as Effect from "effect/Effect"
import * as Apis from "../cluster/Apis.ts"
import { canRetry, type Cluster, type Lane, type RequestError } from "../cluster/Cluster.ts"
import * as Retry from "../cluster/Retry.ts"
import type { TopicPartition } from "../cluster/TopicPartition.ts"
import type { AssignableTopic, Member } from "./assignor/Assignor.ts"
import type { GroupAssignment, GroupAssignor, GroupMetadata } from "./ConsumerCore.ts"
import { ConsumerError } from "./ConsumerError.ts"
import type { Settings } from "./ConsumerOptions.ts"
import * as ConsumerProtocol from "../cluster/ConsumerProtocol.ts"

/**
 * What happens to a membership.
 *
 * - `Joined`: the member has a new assignment.
 * - `Rejoin`: the group rebalances, or the last attempt must be repeated.
 * - `Lost`: the group went on without this member; its partitions are gone.
 * - `Failed`: it cannot be a member any more.
 *
 * @since 0.1.0
 */
export type MemberEvent<E, R> =
  | {
    readonly _tag: "Joined"
    readonly assignor: GroupAssignor<E, R>
    readonly assignment: GroupAssignment
    readonly generationId: number
    readonly isLeader: boolean
    readonly groupTopics: ReadonlyArray<string>
  }
  | { readonly _tag: "Rejoin" }
  | { readonly _tag: "Lost" }
  | { readonly _tag: "Failed"; readonly error: ConsumerError | E }

/** An answer of JoinGroup, with what is needed of it. */
type Joined = Pick<
  JoinGroupResponse,
  "generationId" | "leader" | "memberId" | "members" | "protocolName" | "skipAssignment"
>

/** Beyond the time that a rebalance may take. */
const joinMarginMs = 5_000

/**
 * The membership of one consumer.
 *
 * @since 0.1.0
 */
export class GroupMember<E, R> {
  readonly groupId: string
  memberId = ""
  generationId = -1
  isJoining = false
  lastPollMs = 0
  readonly #cluster: Cluster["Service"]
  readonly #lane: Lane
  readonly #settings: Settings
  readonly #assignors: ReadonlyArray<GroupAssignor<E, R>>
  readonly #onEvent: () => void
  readonly #events: Array<MemberEvent<E, R>> = []
  #attempts = 0

  constructor(options: {
    readonly groupId: string
    readonly cluster: Cluster["Service"]
    readonly lane: Lane
    readonly settings: Settings
    readonly assignors: ReadonlyArray<GroupAssignor<E, R>>
    readonly onEvent: () => void
  }) {
    this.groupId = options.groupId
    this.#cluster = options.cluster
    this.#lane = options.lane
    this.#settings = options.settings
    this.#assignors = options.assignors
    this.#onEvent = options.onEvent
  }

  metadata(): GroupMetadata {
    const { generationId, groupId, memberId } = this
    return { groupId, generationId, memberId, groupInstanceId: this.#settings.groupInstanceId }
  }

  takeEvent(): MemberEvent<E, R> | undefined {
    return this.#events.shift()
  }

  /** What was taken could not be dealt with: it is taken again next. */
  putBack(event: MemberEvent<E, R>): void {
    this.#events.unshift(event)
  }

  #tell(event: MemberEvent<E, R>): void {
    this.#events.push(event)
    this.#onEvent()
  }

  /** Forgets the membership: the next join is that of a newcomer. */
  forget(): void {
    this.memberId = ""
    this.generationId = -1
  }

  /** The protocol by which this member gives up partitions: the best that all its assignors can. */
  get isCooperative(): boolean {
    return this.#assignors.every((assignor) => assignor.protocols.includes("cooperative"))
  }

  // Joining

  /** Joins once; its outcome comes as an event. To be forked. */
  join(topics: ReadonlyArray<string>, owned: ReadonlyArray<TopicPartition>): Effect.Effect<void, never, R> {
    return Effect.suspend(() => {
      this.isJoining = true
      const wait = this.#attempts === 0 ? Effect.void : Retry.backoff(this.#attempts - 1)
      return Effect.andThen(wait, this.#joinAndSync(topics, owned)).pipe(
        Effect.matchEffect({
          onFailure: (error) => Effect.sync(() => this.#joinFailed(error)),
          onSuccess: (event) =>
            Effect.sync(() => {
              this.#attempts = 0
              this.#tell(event)
            })
        }),
        Effect.ensuring(Effect.sync(() => {
          this.isJoining = false
          this.#onEvent()
        }))
      )
    })
  }

  #joinFailed(error: RequestError | ConsumerError | Hook<E>): void {
    this.#attempts++
    if (error instanceof Hook) return this.#tell({ _tag: "Failed", error: error.error })
    if (error._tag === "ConsumerError") return this.#tell({ _tag: "Failed", error })
    if (error._tag === "ClientError" || error.refresh === "coordinator") {
      this.#cluster.forgetCoordinator("group", this.groupId)
    }
    if (error._tag === "KafkaError") {
      if (error.code === ErrorCode.UNKNOWN_MEMBER_ID || error.code === ErrorCode.ILLEGAL_GENERATION) {
        if (error.code === ErrorCode.UNKNOWN_MEMBER_ID) this.memberId = ""
        this.generationId = -1
        return this.#tell({ _tag: "Lost" })
      }
      if (error.code === ErrorCode.REBALANCE_IN_PROGRESS) return this.#tell({ _tag: "Rejoin" })
    }
    if (canRetry(error)) return this.#tell({ _tag: "Rejoin" })
    this.#tell({ _tag: "Failed", error: refused(this.groupId, error) })
  }

  readonly #joinAndSync = Effect.fnUntraced(
    { self: this },
    function*(this: GroupMember<E, R>, topics: ReadonlyArray<string>, owned: ReadonlyArray<TopicPartition>) {
      const nodeId = yield* this.#cluster.coordinator("group", this.groupId)
      const protocols: Array<{ name: string; metadata: Uint8Array }> = []
      for (const assignor of this.#assignors) {
        const userData = yield* hook(assignor.userData)
        const { generationId } = this
        const rackId = this.#settings.clientRack === "" ? null : this.#settings.clientRack
        const metadata = ConsumerProtocol.encodeSubscription({
          topics,
          userData,
          ownedPartitions: owned,
          generationId,
          rackId
        })
        protocols.push({ name: assignor.name, metadata })
      }
      const joined = yield* this.#askToJoin(nodeId, protocols)
      const assignor = this.#assignors.find((one) => one.name === joined.protocolName)
      if (assignor === undefined) return yield* inconsistent(this.groupId, joined.protocolName)
      this.memberId = joined.memberId
      // as of now: a transaction that commits during the sync must not come with the generation that has just passed
      this.generationId = joined.generationId
      const isLeader = joined.leader === joined.memberId
      const { assignments, groupTopics } = isLeader
        ? yield* this.#lead(assignor, joined)
        : { assignments: [], groupTopics: topics }
      const assignment = yield* this.#sync(nodeId, joined, assignments)
      const event: MemberEvent<E, R> = {
        _tag: "Joined",
        assignor,
        assignment,
        generationId: joined.generationId,
        isLeader,
        groupTopics
      }
      return event
    }
  )

  #askToJoin(
    nodeId: number,
    protocols: ReadonlyArray<{ readonly name: string; readonly metadata: Uint8Array }>
  ): Effect.Effect<Joined, RequestError> {
    const settings = this.#settings
    return this.#lane.call(nodeId, Apis.joinGroup, (version) => ({
      groupId: this.groupId,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      rebalanceTimeoutMs: settings.maxPollIntervalMs,
      memberId: this.memberId,
      ...(version >= 5 && { groupInstanceId: settings.groupInstanceId }),
      protocolType: ConsumerProtocol.protocolType,
      protocols
    }), { timeoutMs: settings.maxPollIntervalMs + joinMarginMs }).pipe(
      Effect.flatMap((response): Effect.Effect<Joined, RequestError> => {
        if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED && this.memberId !== response.memberId) {
          this.memberId = response.memberId
          return this.#askToJoin(nodeId, protocols)
        }
        return KafkaError.isError(response.errorCode)
          ? Effect.fail(KafkaError.fromCode(response.errorCode))
          : Effect.succeed(response)
      })
    )
  }

  /** What the leader does: look all topics up, and say who gets what. */
  readonly #lead = Effect.fnUntraced(
    { self: this },
    function*(this: GroupMember<E, R>, assignor: GroupAssignor<E, R>, joined: Joined) {
      const members: Array<Member> = []
      for (const { groupInstanceId, memberId, metadata } of joined.members) {
        const read = Message.attempt(() => ConsumerProtocol.decodeSubscription(metadata))
        if (read._tag === "Failure") return yield* unreadable(this.groupId, memberId, read.failure)
        members.push({ memberId, groupInstanceId, ...read.success })
      }
      const groupTopics = [...new Set(members.flatMap((member) => member.topics))]
      yield* this.#cluster.refresh(groupTopics, { allowAutoTopicCreation: this.#settings.allowAutoCreateTopics })
      // A static leader that has come back keeps the assignment; it only watches over the topics again.
      if (joined.skipAssignment) return { assignments: [], groupTopics }
      const given = yield* hook(assignor.assign({ members, topics: assignable(this.#cluster, groupTopics) }))
      const assignments = [...given].map(([memberId, assignment]) => ({
        memberId,
        assignment: ConsumerProtocol.encodeAssignment(assignment)
      }))
      return { assignments, groupTopics }
    }
  )

  readonly #sync = Effect.fnUntraced(
    { self: this },
    function*(
      this: GroupMember<E, R>,
      nodeId: number,
      joined: Joined,
      assignments: ReadonlyArray<{ readonly memberId: string; readonly assignment: Uint8Array }>
    ) {
      const response = yield* this.#lane.call(nodeId, Apis.syncGroup, (version) => ({
        groupId: this.groupId,
        generationId: joined.generationId,
        memberId: joined.memberId,
        ...(version >= 3 && { groupInstanceId: this.#settings.groupInstanceId }),
        protocolType: ConsumerProtocol.protocolType,
        protocolName: joined.protocolName,
        assignments
      }), { timeoutMs: this.#settings.maxPollIntervalMs + joinMarginMs })
      if (KafkaError.isError(response.errorCode)) return yield* KafkaError.fromCode(response.errorCode)
      // A leader that has nothing for a member may leave it out.
      if (response.assignment.length === 0) return { partitions: [], userData: null }
      const read = Message.attempt(() => ConsumerProtocol.decodeAssignment(response.assignment))
      return read._tag === "Success" ? read.success : yield* unreadable(this.groupId, joined.leader, read.failure)
    }
  )

  // Living

  /** Shows the coordinator that this member lives, for as long as the consumer polls. To be forked. */
  readonly heartbeats: Effect.Effect<never> = Effect.forever(
    Effect.andThen(
      Effect.suspend(() => Effect.sleep(this.#settings.heartbeatIntervalMs)),
      Effect.suspend(() => this.generationId < 0 || this.isJoining ? Effect.void : this.#beat)
    )
  )

  readonly #beat: Effect.Effect<void> = Effect.suspend(() => {
    const { generationId, memberId } = this
    return Effect.flatMap(MonotonicTime.millis, (now) => {
      if (now - this.lastPollMs > this.#settings.maxPollIntervalMs) return this.#stalled
      return Effect.matchEffect(this.#sendHeartbeat(generationId, memberId), {
        onFailure: () => Effect.sync(() => this.#cluster.forgetCoordinator("group", this.groupId)),
        onSuccess: (errorCode) => Effect.sync(() => this.#heard(errorCode, generationId, memberId))
      })
    })
  })

  #sendHeartbeat(generationId: number, memberId: string): Effect.Effect<number, RequestError> {
    return Effect.flatMap(this.#cluster.coordinator("group", this.groupId), (nodeId) =>
      Effect.map(
        this.#lane.call(nodeId, Apis.heartbeat, (version) => ({
          groupId: this.groupId,
          generationId,
          memberId,
          ...(version >= 3 && { groupInstanceId: this.#settings.groupInstanceId })
        })),
        (response) => response.errorCode
      ))
  }

  /** Takes in an error code that a coordinator gave this member. */
  #heard(errorCode: number, generationId: number, memberId: string): void {
    if (!KafkaError.isError(errorCode) || generationId !== this.generationId || memberId !== this.memberId) return
    switch (errorCode) {
      case ErrorCode.REBALANCE_IN_PROGRESS:
        if (!this.isJoining) this.#tell({ _tag: "Rejoin" })
        return
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.lose(errorCode)
        return
      case ErrorCode.NOT_COORDINATOR:
      case ErrorCode.COORDINATOR_NOT_AVAILABLE:
        this.#cluster.forgetCoordinator("group", this.groupId)
        return
    }
    const error = KafkaError.fromCode(errorCode)
    if (!error.retriable) this.#tell({ _tag: "Failed", error: refused(this.groupId, error) })
  }

  /** The group went on without this member. */
  lose(errorCode: number): void {
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) this.memberId = ""
    this.generationId = -1
    this.#tell({ _tag: "Lost" })
  }

  /** The group rebalances. */
  rejoin(): void {
    this.#tell({ _tag: "Rejoin" })
  }

  /** Nobody polls: leave, so that others take over; the next poll joins again. */
  readonly #stalled: Effect.Effect<void> = Effect.suspend(() =>
    Effect.logWarning(
      `group ${this.groupId}: no poll for ${this.#settings.maxPollIntervalMs} ms, leaving; raise maxPollInterval or do less between polls`
    ).pipe(
      // the place of a static member is kept
      Effect.andThen(this.#settings.groupInstanceId === null ? this.leave : Effect.void),
      Effect.andThen(Effect.sync(() => this.lose(ErrorCode.UNKNOWN_MEMBER_ID)))
    )
  )

  /** Leaves the group; the place of a static member is given up, too. Never fails. */
  readonly leave: Effect.Effect<void> = Effect.suspend(() => {
    const { memberId } = this
    const { groupInstanceId } = this.#settings
    if (memberId === "") return Effect.void
    this.forget()
    return Effect.flatMap(
      this.#cluster.coordinator("group", this.groupId),
      (nodeId) =>
        this.#lane.call(
          nodeId,
          Apis.leaveGroup,
          (version) =>
            version >= 3
              ? { groupId: this.groupId, members: [{ memberId, groupInstanceId }] }
              : { groupId: this.groupId, memberId }
        )
    ).pipe(
      Effect.timeoutOrElse({ duration: joinMarginMs, orElse: () => Effect.void }),
      Effect.ignore
    )
  })
}

/** The failure of an assignor, told apart from ours. */
class Hook<E> {
  readonly _tag = "Hook"
  readonly error: E
  constructor(error: E) {
    this.error = error
  }
}

const hook = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Hook<E>, R> =>
  Effect.mapError(effect, (error) => new Hook(error))

/**
 * The topics that exist, with the racks of their replicas.
 *
 * @since 0.1.0
 */
export const assignable = (
  cluster: Cluster["Service"],
  names: ReadonlyArray<string>
): ReadonlyArray<AssignableTopic> => {
  const { nodes, topics } = cluster.metadata
  return names.flatMap((name) => {
    const topic = topics.get(name)
    if (topic === undefined) return []
    const racks = topic.partitions.map((partition) =>
      partition.replicas.flatMap((id) => {
        const rack = nodes.get(id)?.rack ?? null
        return rack === null ? [] : [rack]
      })
    )
    return [{ name, racks }]
  })
}

const refused = (groupId: string, cause: RequestError): ConsumerError => {
  const code = cause._tag === "KafkaError" ? cause.code : ErrorCode.UNKNOWN_SERVER_ERROR
  if (code === ErrorCode.FENCED_INSTANCE_ID) {
    return new ConsumerError({
      reason: "Fenced",
      detail: `group ${groupId}: another member has taken this groupInstanceId`,
      hint: "give each consumer a name of its own",
      cause
    })
  }
  if (code === ErrorCode.INCONSISTENT_GROUP_PROTOCOL) {
    return new ConsumerError({
      reason: "InconsistentGroup",
      detail: `group ${groupId}: ${cause.message}`,
      hint: "give all members a common assignor",
      cause
    })
  }
  return new ConsumerError({
    reason: cause._tag === "KafkaError" ? "Refused" : "Unavailable",
    detail: `group ${groupId}: ${cause.message}`,
    hint: "this does not pass by itself",
    cause
  })
}

const inconsistent = (groupId: string, protocolName: string | null) =>
  new ConsumerError({
    reason: "InconsistentGroup",
    detail: `group ${groupId} chose the assignor ${protocolName}, which this member does not have`,
    hint: "give all members a common assignor"
  })

const unreadable = (groupId: string, memberId: string, cause: Error) =>
  new ConsumerError({
    reason: "InconsistentGroup",
    detail: `group ${groupId}: what member ${memberId} says cannot be read: ${cause.message}`,
    hint: "are all members consumers?",
    cause
  })
