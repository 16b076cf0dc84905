/**
 * How administrative requests reach who answers them: any broker, the controller, a leader, a coordinator.
 *
 * Keeps true: what passes is tried again for `apiTimeoutMs` at most; what was refused comes with its item's name.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import type * as Message from "@millrace/core/protocol/Message"
import * as Effect from "effect/Effect"
import type * as Apis from "../cluster/Apis.ts"
import { canRetry, type Cluster, type CoordinatorType, type RequestError } from "../cluster/Cluster.ts"
import type { Body, CallOptions } from "../cluster/Connection.ts"
import * as Retry from "../cluster/Retry.ts"
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"
import { apiTimeoutMs } from "../limits.ts"
import { AdminError, type Refusal } from "./AdminError.ts"

/**
 * What an administrative request fails with.
 *
 * @since 0.1.0
 */
export type Failure = RequestError | AdminError

/**
 * Fails with a code that stands for the whole answer.
 *
 * @since 0.1.0
 */
export const checked = <A extends { readonly errorCode: number }>(
  response: A
): Effect.Effect<A, KafkaError.KafkaError> =>
  KafkaError.isError(response.errorCode)
    ? Effect.fail(KafkaError.fromCode(response.errorCode))
    : Effect.succeed(response)

/**
 * Fails with the items that were refused, if there are any.
 *
 * @since 0.1.0
 */
export const accepted = (
  operation: string,
  items: Iterable<{ readonly name: string; readonly errorCode: number; readonly errorMessage?: string | null }>
): Effect.Effect<void, AdminError> => {
  const refusals: Array<Refusal> = []
  for (const { errorCode, errorMessage, name } of items) {
    if (KafkaError.isError(errorCode)) refusals.push({ name, error: KafkaError.fromCode(errorCode, errorMessage) })
  }
  return refusals.length === 0 ? Effect.void : Effect.fail(new AdminError({ operation, refusals }))
}

type Answered = {
  readonly name: string
  readonly errorCode: number
  readonly errorMessage?: string | null
}

/**
 * Asks the controller for several things by name. What was carried out is not asked for again where others have to be.
 *
 * @since 0.1.0
 */
export const eachAtController = <I extends { readonly name: string }, A extends Answered>(
  cluster: Cluster["Service"],
  operation: string,
  items: ReadonlyArray<I>,
  ask: (nodeId: number, items: ReadonlyArray<I>) => Effect.Effect<ReadonlyArray<A>, Failure>
): Effect.Effect<ReadonlyArray<A>, Failure> =>
  Effect.suspend(() => {
    const done: Array<A> = []
    let open = items
    return atController(cluster, (nodeId) =>
      Effect.flatMap(ask(nodeId, open), (answers) => {
        const refused = answers.filter((one) => KafkaError.isError(one.errorCode))
        const names = new Set(refused.map((one) => one.name))
        for (const one of answers) if (!names.has(one.name)) done.push(one)
        open = open.filter((one) => names.has(one.name))
        return Effect.as(accepted(operation, refused), done)
      }))
  })

/**
 * Does something for each of several names, however many of them are refused, and fails with all refusals.
 *
 * @since 0.1.0
 */
export const forEachName = <A>(
  operation: string,
  names: ReadonlyArray<string>,
  each: (name: string) => Effect.Effect<A, Failure>
): Effect.Effect<ReadonlyArray<A>, Failure> =>
  Effect.flatMap(
    Effect.forEach(names, (name) => Effect.result(each(name))),
    (outcomes): Effect.Effect<ReadonlyArray<A>, Failure> => {
      const refusals: Array<Refusal> = []
      const done: Array<A> = []
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome._tag === "Success") done.push(outcome.success)
        else if (outcome.failure._tag === "AdminError") refusals.push(...outcome.failure.refusals)
        else if (outcome.failure._tag === "KafkaError") refusals.push({ name: names[i]!, error: outcome.failure })
        else return Effect.fail(outcome.failure)
      }
      return refusals.length === 0 ? Effect.succeed(done) : Effect.fail(new AdminError({ operation, refusals }))
    }
  )

const isPassing = (error: Failure): boolean =>
  error._tag === "AdminError" ? error.refusals.every((one) => one.error.retriable) : canRetry(error)

/**
 * Runs an effect again while what it fails with may pass.
 *
 * @since 0.1.0
 */
export const retried = <A>(
  self: Effect.Effect<A, Failure>,
  onError: (error: Failure) => Effect.Effect<void> = () => Effect.void
): Effect.Effect<A, Failure> => Retry.retry<Failure>({ while: isPassing, timeoutMs: apiTimeoutMs, onError })(self)

/**
 * Asks any broker.
 *
 * @since 0.1.0
 */
export const askAny = <Q extends Message.Any, S extends Message.Any>(
  cluster: Cluster["Service"],
  api: Apis.Api<Q, S>,
  body: Body<Q>,
  options?: CallOptions
): Effect.Effect<Message.Type<S>, RequestError> =>
  Effect.flatMap(cluster.anyNode, (nodeId) => cluster.call(nodeId, api, body, options))

/**
 * Asks the controller, or who forwards to it, and looks for it again where it has moved.
 *
 * @since 0.1.0
 */
export const atController = <A>(
  cluster: Cluster["Service"],
  ask: (nodeId: number) => Effect.Effect<A, Failure>
): Effect.Effect<A, Failure> => {
  const { metadata } = cluster
  const find = Effect.suspend(() => metadata.controllerId >= 0 ? Effect.void : cluster.refresh([]))
  const once = Effect.andThen(
    find,
    Effect.suspend(() =>
      metadata.nodes.has(metadata.controllerId) ? ask(metadata.controllerId) : Effect.flatMap(cluster.anyNode, ask)
    )
  )
  return retried(once, () => Effect.ignore(cluster.refresh([])))
}

/**
 * Asks a coordinator, and looks for it again where it has moved.
 *
 * @since 0.1.0
 */
export const atCoordinator = <A>(
  cluster: Cluster["Service"],
  type: CoordinatorType,
  key: string,
  ask: (nodeId: number) => Effect.Effect<A, Failure>
): Effect.Effect<A, Failure> =>
  retried(
    Effect.flatMap(cluster.coordinator(type, key), ask),
    () => Effect.sync(() => cluster.forgetCoordinator(type, key))
  )

/**
 * Asks the leaders of partitions, each for its own.
 *
 * @since 0.1.0
 */
export const atLeaders = <P extends TopicPartition, A>(
  cluster: Cluster["Service"],
  partitions: ReadonlyArray<P>,
  ask: (nodeId: number, partitions: ReadonlyArray<P>) => Effect.Effect<ReadonlyArray<A>, Failure>
): Effect.Effect<ReadonlyArray<A>, Failure> => {
  const topics = [...new Set(partitions.map((one) => one.topic))]
  const once = Effect.gen(function*() {
    if (topics.some((topic) => !cluster.metadata.topics.has(topic))) yield* cluster.refresh(topics)
    const byLeader = new Map<number, Array<P>>()
    for (const one of partitions) {
      const leaderId = cluster.metadata.partition(one.topic, one.partition)?.leaderId ?? -1
      if (leaderId < 0) {
        const code = cluster.metadata.topicErrors.get(one.topic) ?? ErrorCode.LEADER_NOT_AVAILABLE
        return yield* KafkaError.fromCode(code, keyOf(one.topic, one.partition))
      }
      const known = byLeader.get(leaderId)
      if (known === undefined) byLeader.set(leaderId, [one])
      else known.push(one)
    }
    const answers = yield* Effect.forEach(byLeader, ([nodeId, asked]) => ask(nodeId, asked), {
      concurrency: "unbounded"
    })
    return answers.flat()
  })
  return retried(once, () => Effect.ignore(cluster.refresh(topics)))
}

/**
 * Asks every broker, and puts the answers together.
 *
 * @since 0.1.0
 */
export const atAll = <A>(
  cluster: Cluster["Service"],
  ask: (nodeId: number) => Effect.Effect<ReadonlyArray<A>, Failure>
): Effect.Effect<ReadonlyArray<A>, Failure> =>
  retried(Effect.andThen(
    cluster.refresh([]),
    Effect.suspend(() =>
      Effect.map(
        Effect.forEach([...cluster.metadata.nodes.keys()], ask, { concurrency: "unbounded" }),
        (answers) => answers.flat()
      )
    )
  ))
