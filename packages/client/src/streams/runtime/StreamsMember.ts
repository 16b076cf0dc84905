/**
 * An instance as a member of its app's group: what it tells the leader, what it does as the leader, what it makes of the answer.
 *
 * Keeps true: a leader that cannot learn how far changelogs go leaves tasks where they run.
 * Leaves to others: who gets which task (`StreamsAssignor`), acting upon the plan (`StreamsLoop`).
 *
 * @since 0.1.0
 */
import * as Message from "@millrace/core/protocol/Message"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Admin } from "../../admin/Admin.ts"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import * as OffsetRequests from "../../cluster/OffsetRequests.ts"
import type { GroupAssignor, GroupSubscription } from "../../consumer/ConsumerCore.ts"
import * as limits from "../../limits.ts"
import { InvalidAssignment } from "./assignment/CustomAssignor.ts"
import { latestOffset } from "./assignment/ClientState.ts"
import * as StreamsProtocol from "./assignment/StreamsProtocol.ts"
import type { GroupPlan } from "./GroupPlan.ts"
import type { LocalState } from "./LocalState.ts"
import type { RacksOf } from "./PartitionRacks.ts"
import type { Restorer } from "./Restorer.ts"
import type { Settings } from "./Settings.ts"
import * as StreamsAssignor from "./StreamsAssignor.ts"
import { stateFailed, StreamsError } from "./StreamsError.ts"
import { tasksOf } from "./TaskId.ts"
import type { TaskManager } from "./TaskManager.ts"

/**
 * What a member is made of.
 *
 * @since 0.1.0
 */
export interface Parts {
  readonly topology: ResolvedTopology
  readonly settings: Settings
  readonly admin: Pick<Admin["Service"], "listOffsets" | "listConsumerGroupOffsets">
  readonly racksOf: RacksOf
  readonly tasks: TaskManager
  readonly restorer: Restorer
  readonly plan: GroupPlan
  /** What is on disk here; undefined if the topology has no such stores. */
  readonly local?: LocalState | undefined
  readonly processId: () => string
}

/**
 * The assignor that the consumer of the instance brings to its group.
 *
 * @since 0.1.0
 */
export const make = (parts: Parts): GroupAssignor<StreamsError> => ({
  name: StreamsProtocol.name,
  protocols: ["cooperative", "eager"],
  userData: Effect.try({
    try: () => StreamsProtocol.encodeSubscription(subscriptionOf(parts)),
    catch: (cause) => stateFailed(parts.settings.applicationId, cause)
  }),
  assign: (group) =>
    Effect.flatMap(circumstances(parts, group), (given) => {
      try {
        return Effect.succeed(StreamsAssignor.assign(parts.topology, group, given))
      } catch (cause) {
        return cause instanceof InvalidAssignment ? Effect.fail(misassigned(parts, cause)) : Effect.die(cause)
      }
    }),
  onAssignment: (assignment) =>
    Effect.mapError(
      Effect.fromResult(Message.attempt(() => parts.plan.take(assignment))),
      (cause) =>
        new StreamsError<never>({
          reason: "Consuming",
          applicationId: parts.settings.applicationId,
          detail: `the leader of the group told what cannot be read: ${cause.message}`,
          hint: "do the members of the group run the same app?",
          cause
        })
    )
})

const misassigned = ({ settings: { applicationId } }: Parts, cause: InvalidAssignment) =>
  new StreamsError<never>({
    reason: "Settings",
    applicationId,
    detail: `the taskAssignor cannot be followed: ${cause.message}`,
    hint: "let it give every task to one process, and standbys of stateful tasks to others",
    cause
  })

/** Throws `StoreEngineError`. */
const subscriptionOf = (
  { local, plan, processId, restorer, settings, tasks }: Parts
): StreamsProtocol.SubscriptionInfo => {
  const offsetSums = new Map(local?.offsetSumsUnsafe())
  for (const { id, state } of tasks.tasks.values()) {
    offsetSums.set(id, state === "running" ? latestOffset : restorer.offsetSum(id))
  }
  for (const id of tasks.standbys.keys()) offsetSums.set(id, restorer.offsetSum(id))
  return {
    processId: processId(),
    endPoint: settings.applicationServer,
    offsetSums,
    uniqueField: plan.nextUniqueField(),
    errorCode: plan.isStopRequested ? StreamsProtocol.shutdownRequested : 0,
    tags: settings.clientTags
  }
}

const circumstances = (
  parts: Parts,
  group: GroupSubscription
): Effect.Effect<StreamsAssignor.Circumstances> =>
  Effect.gen(function*() {
    const { racksOf, settings, topology } = parts
    const nowMs = yield* Clock.currentTimeMillis
    const { probingRebalanceIntervalMs } = settings
    const counts = new Map(group.topics.map((topic) => [topic.name, topic.racks.length]))
    // who is alone has all tasks, wherever their state is
    const changelogs = group.members.length < 2 ? [] : tasksOf(topology, counts).flatMap((task) => task.changelogs)
    const endOffsets = changelogs.length === 0 ? new Map<string, number>() : yield* endsOf(parts, changelogs)
    return { configs: settings, endOffsets, racksOf, nowMs, probingRebalanceIntervalMs }
  })

/** The ends of changelogs; of a table's own topic, what its task has committed. */
const endsOf = (
  { admin, settings: { applicationId }, topology }: Parts,
  changelogs: ReadonlyArray<TopicPartition>
): Effect.Effect<ReadonlyMap<string, number> | undefined> => {
  const tables = new Set(topology.stores.flatMap(({ changelog }) => changelog._tag === "Source" ? changelog.topic : []))
  const [own, ofTables] = [
    changelogs.filter(({ topic }) => !tables.has(topic)),
    changelogs.filter(({ topic }) => tables.has(topic))
  ]
  const latest = own.map((each) => ({ ...each, timestamp: OffsetRequests.Timestamp.latest }))
  return Effect.all([
    latest.length === 0 ? Effect.succeed([]) : admin.listOffsets(latest),
    ofTables.length === 0 ? Effect.succeed([]) : admin.listConsumerGroupOffsets(applicationId, ofTables)
  ], { concurrency: "unbounded" }).pipe(
    Effect.map((ends) => new Map(ends.flat().map(({ offset, partition, topic }) => [keyOf(topic, partition), offset]))),
    Effect.timeoutOption(limits.requestTimeoutMs),
    Effect.map(Option.getOrUndefined),
    Effect.catch((cause) =>
      Effect.as(
        Effect.logWarning(`tasks stay where they are, because the ends of changelogs are not known: ${cause.message}`),
        undefined
      )
    )
  )
}
