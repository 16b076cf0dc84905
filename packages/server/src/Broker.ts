/**
 * A broker: listeners over coordinators over replication over storage, on the ports of its process.
 *
 * Keeps true: when the layer is built the broker answers; when its scope ends it stops taking requests, lets those in
 * progress end, and leaves its log directories marked as orderly stopped.
 * Leaves to others: everything else; this is the composition.
 *
 * @since 0.1.0
 */
import { Kafka } from "@millrace/core/Kafka"
import type { DiskError } from "@millrace/core/platform/Disk"
import * as Network from "@millrace/core/platform/Network"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type { Interceptor } from "./api/Handler.ts"
import * as Handlers from "./api/Handlers.ts"
import { BrokerConfig, InvalidConfig } from "./coordination/controller/BrokerConfig.ts"
import { Controller } from "./coordination/controller/Controller.ts"
import * as LocalController from "./coordination/controller/LocalController.ts"
import * as LocalMarkers from "./coordination/controller/LocalMarkers.ts"
import * as MetadataLog from "./coordination/controller/MetadataLog.ts"
import * as MetadataPublisher from "./coordination/controller/MetadataPublisher.ts"
import { Node } from "./coordination/controller/Node.ts"
import * as NodeConfigs from "./coordination/controller/NodeConfigs.ts"
import * as Topics from "./coordination/controller/Topics.ts"
import * as GroupCoordinator from "./coordination/group/GroupCoordinator.ts"
import * as ProducerIds from "./coordination/transaction/ProducerIds.ts"
import * as TransactionCoordinator from "./coordination/transaction/TransactionCoordinator.ts"
import { connectionsMax, lockRetriesMax, lockRetryMs, requestMemoryMaxBytes } from "./limits.ts"
import { Dispatcher } from "./listener/Dispatcher.ts"
import * as Listener from "./listener/Listener.ts"
import { MemoryBudget } from "./listener/MemoryBudget.ts"
import * as ReplicaManager from "./replication/ReplicaManager.ts"
import type { Durability } from "./storage/Durability.ts"
import * as LogManager from "./storage/LogManager.ts"
import type { StorageError } from "./storage/StorageError.ts"

/**
 * A broker that is told something it can't do: an address that is none, a setting that is none, an address it can't use.
 *
 * @since 0.1.0
 */
export class BrokerError extends Data.TaggedError("BrokerError")<{
  readonly reason: "InvalidConfig" | "InvalidAddress" | "Unavailable"
  readonly detail: string
  readonly hint: string
}> {
  override get message(): string {
    return `${this.detail}; ${this.hint}`
  }
}

/**
 * What a broker is made of.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Where the data is: one directory, or several. */
  readonly logDirs: string | ReadonlyArray<string>
  /** Where it listens: `host:port` (0: any free port) or `memory:NAME`. */
  readonly listen: string
  /** The address that clients are told, where it differs from `listen`. */
  readonly advertised?: string | undefined
  /** TLS for the listener; plain without it. */
  readonly tls?: Network.Tls | undefined
  /** 1 unless said otherwise. */
  readonly nodeId?: number | undefined
  /** Refuses data of another cluster; by default, takes what the data says. */
  readonly clusterId?: string | undefined
  /** What an acknowledgement promises; `group-commit` unless said otherwise: it was synced. */
  readonly durability?: Durability | undefined
  /** Settings by Kafka's names, such as `num.partitions`. */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** Stands around each handler; nothing does unless said otherwise. */
  readonly intercept?: Interceptor | undefined
}

/**
 * A broker that runs.
 *
 * @since 0.1.0
 */
export class Broker extends Context.Service<Broker, {
  readonly nodeId: number
  readonly clusterId: string
  /** Where clients find it. */
  readonly address: Network.Address
}>()("@millrace/server/Broker") {}

const invalidAddress = (text: string): BrokerError =>
  new BrokerError({
    reason: "InvalidAddress",
    detail: `not an address: ${JSON.stringify(text)}`,
    hint: "use host:port or memory:NAME"
  })

const addressOf = (text: string): Effect.Effect<Network.Address, BrokerError> => {
  const address = Network.parseAddress(text)
  return address === undefined ? Effect.fail(invalidAddress(text)) : Effect.succeed(address)
}

/** What one node can do, where Kafka's defaults ask for three. */
const singleNode: Readonly<Record<string, string>> = {
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1"
}

/** The settings given at start: what the options say, under Kafka's names, and then what was given under those names. */
const settingsOf = (options: Options, logDirs: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const nodeId = String(options.nodeId ?? 1)
  const protocol = options.tls === undefined ? "PLAINTEXT" : "SSL"
  return new Map(Object.entries({
    "node.id": nodeId,
    "broker.id": nodeId,
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": protocol,
    "listeners": `${protocol}://${options.listen}`,
    "advertised.listeners": `${protocol}://${options.advertised ?? options.listen}`,
    "log.dirs": logDirs.join(","),
    ...singleNode,
    ...options.config
  }))
}

const makeConfig = (settings: ReadonlyMap<string, string>): Effect.Effect<BrokerConfig, BrokerError> =>
  Effect.try({
    try: () => BrokerConfig.makeUnsafe(settings),
    catch: (error) => {
      if (!(error instanceof InvalidConfig)) throw error
      return new BrokerError({
        reason: "InvalidConfig",
        detail: error.message,
        hint: "settings are those of Kafka 4.3, by their names there"
      })
    }
  })

const listenerName = (options: Options): string => options.tls === undefined ? "PLAINTEXT" : "SSL"

/** Kafka's numbers of security protocols. */
const securityProtocol = (options: Options): number => options.tls === undefined ? 0 : 1

const nodeLayer = (options: Options, config: BrokerConfig) =>
  Layer.effect(
    Node,
    Effect.map(LogManager.LogManager, ({ clusterId, directories }) => ({
      id: options.nodeId ?? 1,
      clusterId,
      config,
      logDirs: directories.map(({ clean, directoryId, path }) => ({ path, id: directoryId, clean }))
    }))
  )

const producerIdsLayer = Layer.effect(
  ProducerIds.ProducerIds,
  Effect.map(Controller, (controller) => ProducerIds.make(controller.allocateProducerIds))
)

const isLocked = (error: DiskError | StorageError): boolean => error._tag === "DiskError" && error.reason === "Locked"

/** Opens the log directories; a predecessor that was killed may take a moment to let go of them. */
const storageLayer = (options: LogManager.LogManagerOptions) =>
  Layer.effect(
    LogManager.LogManager,
    Effect.gen(function*() {
      const scope = yield* Effect.scope
      const open = Effect.gen(function*() {
        const attempt = yield* Scope.fork(scope)
        return yield* Effect.onError(
          Scope.provide(LogManager.make(options), attempt),
          (cause) => Scope.close(attempt, Exit.failCause(cause))
        )
      })
      return yield* Effect.retry(open, {
        while: isLocked,
        schedule: Schedule.spaced(lockRetryMs),
        times: lockRetriesMax
      })
    })
  )

/** The parts below the listener. */
const parts = (options: Options, config: BrokerConfig, logDirs: ReadonlyArray<string>) => {
  const storage = storageLayer({
    ...NodeConfigs.logManagerTimes(config),
    logDirs,
    nodeId: options.nodeId ?? 1,
    serialTopics: new Set([MetadataLog.topicName]),
    ...(options.clusterId !== undefined && { clusterId: options.clusterId }),
    ...(options.durability !== undefined && { durability: options.durability })
  })
  return LocalMarkers.layer.pipe(
    Layer.provideMerge(GroupCoordinator.layer(NodeConfigs.groupConfig(config))),
    (groups) => Layer.provideMerge(TransactionCoordinator.layer(NodeConfigs.transactionConfig(config)), groups),
    Layer.provideMerge(Layer.mergeAll(Topics.layer, producerIdsLayer)),
    Layer.provideMerge(LocalController.layer),
    Layer.provideMerge(nodeLayer(options, config)),
    Layer.provideMerge(ReplicaManager.layer),
    Layer.provideMerge(storage)
  )
}

/** Listens, tells the cluster where, and serves. */
const serve = Effect.fnUntraced(function*(options: Options) {
  const network = yield* Network.Network
  const controller = yield* Controller
  const node = yield* Node
  const listener = yield* Effect.mapError(
    network.listen(yield* addressOf(options.listen), { tls: options.tls }),
    (error) =>
      new BrokerError({ reason: "Unavailable", detail: error.message, hint: "is another broker running there?" })
  )
  const address = options.advertised === undefined ? listener.address : yield* addressOf(options.advertised)
  const name = listenerName(options)
  const handlers = yield* Handlers.all
  const dispatcher = new Dispatcher(options.intercept === undefined ? handlers : handlers.map(options.intercept))
  yield* Effect.mapError(
    controller.register([{ name, ...address, securityProtocol: securityProtocol(options) }]),
    ({ message }) =>
      new BrokerError({ reason: "Unavailable", detail: `could not register: ${message}`, hint: "see the log" })
  )
  yield* MetadataPublisher.start
  const { config } = node
  const queuedMaxBytes = config.number("queued.max.request.bytes")
  yield* Listener.start(listener, {
    name,
    dispatcher,
    budget: new MemoryBudget(queuedMaxBytes > 0 ? queuedMaxBytes : requestMemoryMaxBytes),
    frameMaxBytes: config.number("socket.request.max.bytes"),
    idleMaxMs: config.number("connections.max.idle.ms"),
    connectionsMax: Math.min(connectionsMax, config.number("max.connections"))
  })
  return { nodeId: node.id, clusterId: node.clusterId, address }
})

/**
 * A broker. Fails if it can't have its directories or its address, or is told something that is wrong.
 *
 * @since 0.1.0
 */
export const layer = (options: Options) =>
  Layer.unwrap(Effect.gen(function*() {
    const logDirs = typeof options.logDirs === "string" ? [options.logDirs] : options.logDirs
    const config = yield* makeConfig(settingsOf(options, logDirs))
    return Layer.effect(Broker, serve(options)).pipe(Layer.provide(parts(options, config, logDirs)))
  }))

/**
 * What an embedded broker is made of; all of it may be left out.
 *
 * @since 0.1.0
 */
export interface EmbeddedOptions extends Partial<Omit<Options, "logDirs">> {
  /** Where the data is; `millrace-data` unless said otherwise. */
  readonly directory?: string | undefined
}

/**
 * A broker in this process, and with it the `Kafka` that clients need: by default it listens in memory, and no socket is
 * opened; `listen: "127.0.0.1:0"` opens one for other processes. New groups begin at once
 * (`group.initial.rebalance.delay.ms` 0, as Kafka's own `server.properties` has it), unless `config` says otherwise.
 *
 * @since 0.1.0
 */
export const layerEmbedded = (options: EmbeddedOptions = {}) =>
  Layer.effect(
    Kafka,
    Effect.map(Broker, ({ address }) =>
      Kafka.of({
        bootstrapServers: [address],
        security: options.tls === undefined ? { protocol: "PLAINTEXT" } : { protocol: "SSL", tls: options.tls }
      }))
  ).pipe(
    Layer.provideMerge(
      layer({
        ...options,
        logDirs: options.directory ?? "millrace-data",
        listen: options.listen ?? "memory:millrace",
        config: { "group.initial.rebalance.delay.ms": "0", ...options.config }
      })
    )
  )
