/**
 * A cluster: its brokers' connections, what is known of its topics, and who coordinates what.
 *
 * Keeps true: one lookup of metadata runs at a time and serves all who wait; when all known brokers are gone, the
 * addresses of `Kafka` are asked again. Whoever might wait long for answers has a lane (connections of its own), so
 * that nobody waits behind somebody else's long poll.
 * Leaves to others: what to ask, and when to try again (`Retry`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import { Kafka } from "@millrace/core/Kafka"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import { type Address, Network } from "@millrace/core/platform/Network"
import type * as Message from "@millrace/core/protocol/Message"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import { apiTimeoutMs, coordinatorsMax } from "../limits.ts"
import * as Apis from "./Apis.ts"
import { ClientError, isRetriable } from "./ClientError.ts"
import { ClusterMetadata } from "./ClusterMetadata.ts"
import * as Connection from "./Connection.ts"
import * as Retry from "./Retry.ts"

/**
 * What a request to a cluster fails with: no usable answer, or an answer that is an error.
 *
 * @since 0.1.0
 */
export type RequestError = ClientError | KafkaError.KafkaError

/**
 * Connections of one user of the cluster, one to each broker.
 *
 * @since 0.1.0
 */
export interface Lane {
  /** Sends a request to a broker, in the best version that both know. Its answer may hold error codes. */
  readonly call: <Q extends Message.Any, S extends Message.Any>(
    nodeId: number,
    api: Apis.Api<Q, S>,
    body: Connection.Body<Q>,
    options?: Connection.CallOptions
  ) => Effect.Effect<Message.Type<S>, ClientError>
  /** The connection to a broker, made if need be. */
  readonly connection: (nodeId: number) => Effect.Effect<Connection.Connection, ClientError>
  /** The connection to a broker if it is open: for requests whose order counts. */
  readonly opened: (nodeId: number) => Connection.Connection | undefined
}

/**
 * What kind of thing a coordinator coordinates.
 *
 * @since 0.1.0
 */
export type CoordinatorType = "group" | "transaction"

/**
 * Which topics to look up: these, all, or none (brokers only).
 *
 * @since 0.1.0
 */
export type TopicSelection = ReadonlyArray<string> | "all"

/**
 * What a cluster offers.
 *
 * @since 0.1.0
 */
export interface Shape extends Lane {
  readonly clientId: string
  readonly metadata: ClusterMetadata
  /** New connections of one's own, closed with the scope. */
  readonly lane: Effect.Effect<Lane, never, Scope.Scope>
  /** Looks topics up, once. Errors of single topics are in `metadata.topicErrors`. */
  readonly refresh: (
    topics: TopicSelection,
    options?: { readonly allowAutoTopicCreation?: boolean | undefined }
  ) => Effect.Effect<void, ClientError>
  /** Some broker to ask what any of them can answer. */
  readonly anyNode: Effect.Effect<number, ClientError>
  /** The broker that coordinates a group or a transactional id. */
  readonly coordinator: (type: CoordinatorType, key: string) => Effect.Effect<number, RequestError>
  /** What a coordinator said or did not say shows that it is another broker now. */
  readonly forgetCoordinator: (type: CoordinatorType, key: string) => void
}

/**
 * The cluster that this client talks to.
 *
 * @since 0.1.0
 */
export class Cluster extends Context.Service<Cluster, Shape>()("@millrace/client/cluster/Cluster") {}

/**
 * How this client calls itself, and nothing else.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Kafka's `client.id`; `millrace` by default. */
  readonly clientId?: string | undefined
}

/** The connections of one lane. */
class Lanes {
  readonly #open = new Map<number, Connection.Connection>()
  readonly #opening = new Map<number, Deferred.Deferred<Connection.Connection, ClientError>>()
  readonly #failures = new Map<number, number>()
  readonly #connect: (nodeId: number, onClose: () => void) => Effect.Effect<Connection.Connection, ClientError>

  constructor(connect: (nodeId: number, onClose: () => void) => Effect.Effect<Connection.Connection, ClientError>) {
    this.#connect = connect
  }

  readonly opened = (nodeId: number): Connection.Connection | undefined => this.#open.get(nodeId)

  readonly connection = (nodeId: number): Effect.Effect<Connection.Connection, ClientError> => {
    const open = this.#open.get(nodeId)
    // An interruption between noting that somebody connects and seeing to the end of it would block all others.
    return open !== undefined ? Effect.succeed(open) : Effect.uninterruptibleMask((restore) => {
      const known = this.#open.get(nodeId)
      if (known !== undefined) return Effect.succeed(known)
      const opening = this.#opening.get(nodeId)
      if (opening !== undefined) return restore(Deferred.await(opening))
      const deferred = Deferred.makeUnsafe<Connection.Connection, ClientError>()
      this.#opening.set(nodeId, deferred)
      const failures = this.#failures.get(nodeId) ?? 0
      const backoff = failures === 0 ? Effect.void : Retry.backoff(failures - 1)
      const connect = Effect.andThen(backoff, this.#connect(nodeId, () => this.#open.delete(nodeId)))
      return restore(connect).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            this.#opening.delete(nodeId)
            if (exit._tag === "Success") {
              this.#failures.delete(nodeId)
              if (!exit.value.isClosed) this.#open.set(nodeId, exit.value)
            } else {
              this.#failures.set(nodeId, failures + 1)
            }
            Deferred.doneUnsafe(deferred, exit._tag === "Success" ? exit : Effect.fail(failureOf(exit.cause)))
          })
        )
      )
    })
  }

  readonly call: Lane["call"] = (nodeId, api, body, options) =>
    Effect.flatMap(
      Effect.suspend(() => this.connection(nodeId)),
      (connection) => connection.call(api, body, options)
    )
}

const gaveUp = (cause: unknown): ClientError =>
  new ClientError({
    reason: "Disconnected",
    operation: "connect",
    detail: "the connection was not made",
    hint: "the client tries again when needed",
    cause
  })

/** Who waited for another's attempt fails as it did, unless it was only interrupted. */
const failureOf = (cause: Cause.Cause<ClientError>): ClientError =>
  cause.reasons.find(Cause.isFailReason)?.error ?? gaveUp(cause)

const clusterClosed = new ClientError({
  reason: "Closed",
  operation: "metadata",
  detail: "the cluster has been closed",
  hint: "use it within its scope"
})

/**
 * Connects to the cluster that `Kafka` names; connections are made when they are needed.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options?: Options) {
  const kafka = yield* Kafka
  const network = yield* Network
  const scope = yield* Effect.scope
  const clientId = options?.clientId ?? "millrace"
  const metadata = new ClusterMetadata()
  const tls = kafka.security.protocol === "SSL" ? kafka.security.tls : undefined
  const coordinators = new Map<string, number>()

  /** Bootstrap addresses are nodes -1, -2 …; the real ones come with the first answer. */
  const addressOf = (nodeId: number): Address | undefined =>
    nodeId < 0 ? kafka.bootstrapServers[-1 - nodeId] : metadata.nodes.get(nodeId)

  const lanesIn = (laneScope: Scope.Scope): Lanes =>
    new Lanes((nodeId, onClose) => {
      const address = addressOf(nodeId)
      if (address === undefined) {
        return Effect.fail(
          new ClientError({
            reason: "Disconnected",
            operation: "connect",
            detail: `broker ${nodeId} is not known`,
            hint: "metadata is looked up again"
          })
        )
      }
      return Connection.open({ network, address, tls, clientId, scope: laneScope, onClose })
    })
  // Connections are opened late, and must outlive what was acquired before them: they get scopes of their own early.
  const main = lanesIn(yield* Scope.fork(scope))

  /** All brokers in the order to ask them: connected ones first, the bootstrap addresses last. */
  const candidates = Effect.map(
    Effect.all([
      Random.shuffle(metadata.nodes.keys()),
      Random.shuffle(kafka.bootstrapServers.map((_, index) => -1 - index))
    ]),
    ([nodes, bootstrap]) => [
      ...nodes.filter((id) => main.opened(id) !== undefined),
      ...nodes.filter((id) => main.opened(id) === undefined),
      ...bootstrap
    ]
  )

  const anyNode = Effect.gen(function*() {
    let failure: ClientError | undefined
    for (const nodeId of yield* candidates) {
      const outcome = yield* Effect.result(main.connection(nodeId))
      if (outcome._tag === "Success") return nodeId
      failure = outcome.failure
    }
    return yield* failure ?? gaveUp(undefined)
  })

  const lookUp = Effect.fnUntraced(function*(topics: TopicSelection, allowAutoTopicCreation: boolean) {
    const nodeId = yield* anyNode
    const names = topics === "all" ? null : topics.map((name) => ({ name }))
    const response = yield* main.call(nodeId, Apis.metadata, (version) => ({
      topics: names,
      allowAutoTopicCreation: version < 4 ? true : allowAutoTopicCreation
    }))
    metadata.update(response, topics === "all", yield* MonotonicTime.millis)
  })

  // One lookup at a time; those who come meanwhile join the next one.
  let running = false
  let isClosed = false
  let next:
    | { topics: Set<string>; all: boolean; create: boolean; done: Deferred.Deferred<void, ClientError> }
    | undefined

  const runNext: Effect.Effect<void> = Effect.suspend(() => {
    const batch = next
    if (batch === undefined) {
      running = false
      return Effect.void
    }
    running = true
    next = undefined
    return lookUp(batch.all ? "all" : [...batch.topics], batch.create).pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          const isInterrupted = exit._tag === "Failure" && Cause.hasInterrupts(exit.cause)
          Deferred.doneUnsafe(batch.done, isInterrupted ? Effect.fail(clusterClosed) : exit)
        })
      ),
      Effect.exit,
      Effect.andThen(runNext)
    )
  })
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isClosed = true
      if (next !== undefined) Deferred.doneUnsafe(next.done, Effect.fail(clusterClosed))
      next = undefined
    })
  )

  const refresh: Shape["refresh"] = (topics, settings) =>
    Effect.uninterruptibleMask((restore) => {
      if (isClosed) return Effect.fail(clusterClosed)
      next ??= { topics: new Set(), all: false, create: false, done: Deferred.makeUnsafe() }
      if (topics === "all") next.all = true
      else for (const topic of topics) next.topics.add(topic)
      if (settings?.allowAutoTopicCreation === true) next.create = true
      const { done } = next
      if (running) return restore(Deferred.await(done))
      running = true
      return Effect.andThen(Effect.forkIn(runNext, scope), restore(Deferred.await(done)))
    })

  const coordinator: Shape["coordinator"] = Effect.fnUntraced(function*(type, key) {
    const known = coordinators.get(`${type}:${key}`)
    if (known !== undefined) return known
    const found = yield* findCoordinator(type, key).pipe(
      Retry.retry<RequestError>({ while: canRetry, timeoutMs: apiTimeoutMs })
    )
    // Whoever asks about ever new keys starts to forget the oldest.
    if (coordinators.size >= coordinatorsMax) {
      for (const oldest of coordinators.keys()) {
        coordinators.delete(oldest)
        break
      }
    }
    coordinators.set(`${type}:${key}`, found)
    return found
  })

  const findCoordinator = Effect.fnUntraced(function*(type: CoordinatorType, key: string) {
    const keyType = type === "group" ? 0 : 1
    const nodeId = yield* anyNode
    const response = yield* main.call(
      nodeId,
      Apis.findCoordinator,
      (version) => version >= 4 ? { keyType, coordinatorKeys: [key] } : { keyType, key },
      keyType === 1 ? { versionMin: 1 } : undefined
    )
    const found = response.coordinators[0] ?? response
    if (found.errorCode !== ErrorCode.NONE) {
      return yield* KafkaError.fromCode(found.errorCode, found.errorMessage ?? undefined)
    }
    if (!metadata.nodes.has(found.nodeId)) {
      metadata.nodes.set(found.nodeId, { id: found.nodeId, host: found.host, port: found.port, rack: null })
    }
    return found.nodeId
  })

  return Cluster.of({
    clientId,
    metadata,
    connection: (nodeId) => Effect.suspend(() => main.connection(nodeId)),
    opened: main.opened,
    call: main.call,
    lane: Effect.map(Effect.flatMap(Effect.scope, (user) => Scope.fork(user)), (laneScope): Lane => lanesIn(laneScope)),
    refresh,
    anyNode,
    coordinator,
    forgetCoordinator: (type, key) => {
      coordinators.delete(`${type}:${key}`)
    }
  })
})

/**
 * Whether a request may succeed if it is made again.
 *
 * @since 0.1.0
 */
export const canRetry = (error: RequestError): boolean =>
  error._tag === "ClientError" ? isRetriable(error) : error.retriable

/**
 * The cluster that `Kafka` names, with options.
 *
 * @since 0.1.0
 */
export const layerWith = (options: Options): Layer.Layer<Cluster, never, Kafka | Network> =>
  Layer.effect(Cluster, make(options))

/**
 * The cluster that `Kafka` names.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Cluster, never, Kafka | Network> = layerWith({})

/**
 * The cluster that is provided, or else one of one's own, closed with the scope.
 *
 * @since 0.1.0
 */
export const current: Effect.Effect<Shape, never, Kafka | Network | Scope.Scope> = Effect.flatMap(
  Effect.serviceOption(Cluster),
  (cluster): Effect.Effect<Shape, never, Kafka | Network | Scope.Scope> =>
    cluster._tag === "Some" ? Effect.succeed(cluster.value) : make()
)
