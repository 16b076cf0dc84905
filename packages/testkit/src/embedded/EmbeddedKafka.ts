/**
 * A Kafka for anyone's tests, in real time: a broker in this process, which fails when it is told to.
 *
 * ```ts
 * const kafka = await EmbeddedKafka.start()
 * process.env.KAFKA_BROKERS = kafka.bootstrapServers
 * await kafka.failNext("Produce", { error: "NOT_ENOUGH_REPLICAS" })
 * await kafka.close()
 * ```
 *
 * Keeps true: it is the broker that ships; whatever speaks Kafka can use it. Its data is in memory, and goes with it,
 * unless it is given a directory; a restart keeps data and address.
 * Leaves to others: virtual time and faults of machines (`Simulation`).
 *
 * @since 0.1.0
 */
import * as Kafka from "@millrace/core/Kafka"
import { NodePlatform } from "@millrace/core/node"
import { Disk } from "@millrace/core/platform/Disk"
import { type Connection, formatAddress, Network } from "@millrace/core/platform/Network"
import type { ErrorName } from "@millrace/core/errors/ErrorCode"
import type * as Api from "@millrace/core/protocol/Api"
import * as Admin from "@millrace/client/admin/Admin"
import type * as AdminModel from "@millrace/client/admin/AdminModel"
import * as Broker from "@millrace/server/Broker"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as MemoryDisk from "../platform/MemoryDisk.ts"
import { type DelayOptions, type FailOptions, RequestFaults } from "./RequestFaults.ts"

export type { DelayOptions, FailOptions, Which } from "./RequestFaults.ts"

/**
 * Kafka's names of APIs and errors, as `failNext` takes them.
 *
 * @since 0.1.0
 */
export type { ErrorName }

/**
 * How the broker is set up; all of it may be left out.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Where the data is; in memory unless said otherwise. */
  readonly directory?: string | undefined
  /** `127.0.0.1`, unless said otherwise. */
  readonly host?: string | undefined
  /** Any free port, unless said otherwise. */
  readonly port?: number | undefined
  /** Topics to create, with so many partitions each. */
  readonly topics?: Readonly<Record<string, number>> | undefined
  /** Settings by Kafka's names, such as `num.partitions`. */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** Whether the broker's log is printed; not unless said otherwise. */
  readonly isLogged?: boolean | undefined
}

/**
 * Why a broker did not start.
 *
 * @since 0.1.0
 */
export type StartError = Layer.Error<ReturnType<typeof Broker.layer>>

/**
 * The broker and what can be done to it, for programs with Effect.
 *
 * @since 0.1.0
 */
export class EmbeddedKafka extends Context.Service<EmbeddedKafka, {
  /** Where clients find it, as `host:port`. */
  readonly bootstrapServers: string
  /** Refuses the next requests of an API: they have no effect. */
  readonly failNext: (api: Api.Name, options: FailOptions) => Effect.Effect<void>
  /** Holds up the next requests of an API. */
  readonly delayNext: (api: Api.Name, options: DelayOptions) => Effect.Effect<void>
  /** Closes all connections; clients may connect again at once. */
  readonly dropConnections: Effect.Effect<void>
  /** Holds all requests that come, until `resume`. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  /** Stops the broker in order and starts it again, with its data, at its address. */
  readonly restart: Effect.Effect<void, StartError>
  /** How many requests of an API have come so far. */
  readonly requestCount: (api: Api.Name) => Effect.Effect<number>
  readonly createTopics: (topics: Readonly<Record<string, number>>) => Effect.Effect<void, AdminModel.Failure>
}>()("@millrace/testkit/embedded/EmbeddedKafka") {}

/** The network of this machine, which knows the connections that were accepted. */
const watched = (open: Set<Connection>) =>
  Layer.effect(
    Network,
    Effect.map(Network, (network) => ({
      ...network,
      listen: (...parameters: Parameters<typeof network.listen>) =>
        Effect.map(network.listen(...parameters), (listener) => ({
          ...listener,
          accept: Effect.map(listener.accept, (connection): Connection => {
            const close = Effect.andThen(Effect.sync(() => open.delete(connection)), connection.close)
            open.add(connection)
            return { ...connection, close }
          })
        }))
    }))
  )

const diskOf = (directory: string | undefined): Layer.Layer<Disk> => {
  if (directory !== undefined) return Layer.effect(Disk, Disk).pipe(Layer.provide(NodePlatform.layer))
  // One disk for all lives of the broker.
  const { disk } = MemoryDisk.make()
  return Layer.succeed(Disk)(disk)
}

/** The lives of one broker, one at a time. */
class Lives {
  readonly faults = new RequestFaults()
  readonly open = new Set<Connection>()
  readonly #options: Options
  readonly #disk: Layer.Layer<Disk>
  #scope: Scope.Closeable | undefined
  #address: string

  constructor(options: Options) {
    this.#options = options
    this.#disk = diskOf(options.directory)
    this.#address = `${options.host ?? "127.0.0.1"}:${options.port ?? 0}`
  }

  get address(): string {
    return this.#address
  }

  start() {
    return Effect.gen({ self: this }, function*() {
      const scope = yield* Scope.make()
      this.#scope = scope
      const { config, directory, isLogged } = this.#options
      const ports = Layer.mergeAll(Layer.provideMerge(watched(this.open), NodePlatform.layer), this.#disk)
      const layer = Broker.layer({
        logDirs: directory ?? "data",
        listen: this.#address,
        config: { "group.initial.rebalance.delay.ms": "0", ...config },
        intercept: this.faults.intercept
      }).pipe(Layer.provide(ports), Layer.provide(isLogged === true ? Layer.empty : Logger.layer([])))
      const context = yield* Layer.buildWithScope(layer, scope)
      this.#address = formatAddress(Context.get(context, Broker.Broker).address)
    })
  }

  readonly stop = Effect.suspend(() => {
    const scope = this.#scope
    this.#scope = undefined
    return scope === undefined ? Effect.void : Scope.close(scope, Exit.void)
  })

  readonly drop = Effect.suspend(() => Effect.forEach([...this.open], ({ close }) => close, { discard: true }))
}

const create = (address: string, topics: Readonly<Record<string, number>>) =>
  Effect.flatMap(
    Admin.make,
    (admin) => admin.createTopics(Object.entries(topics).map(([name, partitions]) => ({ name, partitions })))
  ).pipe(
    Effect.scoped,
    Effect.asVoid,
    Effect.provide(Layer.mergeAll(Layer.orDie(Kafka.layer({ bootstrapServers: address })), NodePlatform.layer))
  )

/**
 * Starts a broker that ends with the scope. Fails if it cannot have its address or its directory, or is told a setting that
 * is none.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: Options = {}) {
  const lives = new Lives(options)
  const { faults } = lives
  yield* Effect.acquireRelease(lives.start(), () => lives.stop)
  const createTopics = (topics: Readonly<Record<string, number>>) => create(lives.address, topics)
  if (options.topics !== undefined) yield* createTopics(options.topics)
  return EmbeddedKafka.of({
    bootstrapServers: lives.address,
    failNext: (api, how) => Effect.sync(() => faults.fail(api, how)),
    delayNext: (api, how) => Effect.sync(() => faults.delay(api, how)),
    dropConnections: lives.drop,
    pause: Effect.sync(() => faults.pause()),
    resume: Effect.sync(() => faults.resume()),
    restart: Effect.andThen(lives.stop, Effect.suspend(() => lives.start())),
    requestCount: (api) => Effect.sync(() => faults.count(api)),
    createTopics
  })
})

/**
 * The broker for a layer of tests, and with it the `Kafka` that clients need.
 *
 * @since 0.1.0
 */
export const layer = (options: Options = {}) =>
  Layer.effect(
    Kafka.Kafka,
    Effect.flatMap(EmbeddedKafka, ({ bootstrapServers }) =>
      Effect.map(Layer.build(Layer.orDie(Kafka.layer({ bootstrapServers }))), (context) =>
        Context.get(context, Kafka.Kafka)))
  ).pipe(Layer.provideMerge(Layer.effect(EmbeddedKafka, make(options))))

/**
 * The broker and what can be done to it, for programs without Effect.
 *
 * @since 0.1.0
 */
export interface Started extends AsyncDisposable {
  /** Where clients find it, as `host:port`. */
  readonly bootstrapServers: string
  /** Refuses the next requests of an API: they have no effect. */
  readonly failNext: (api: Api.Name, options: FailOptions) => Promise<void>
  /** Holds up the next requests of an API. */
  readonly delayNext: (api: Api.Name, options: DelayOptions) => Promise<void>
  /** Closes all connections; clients may connect again at once. */
  readonly dropConnections: () => Promise<void>
  /** Holds all requests that come, until `resume`. */
  readonly pause: () => Promise<void>
  readonly resume: () => Promise<void>
  /** Stops the broker in order and starts it again, with its data, at its address. */
  readonly restart: () => Promise<void>
  /** How many requests of an API have come so far. */
  readonly requestCount: (api: Api.Name) => Promise<number>
  readonly createTopics: (topics: Readonly<Record<string, number>>) => Promise<void>
  /** Stops the broker; what was in memory is gone. */
  readonly close: () => Promise<void>
}

/**
 * Starts a broker. Rejects with a `BrokerError` if it cannot have its address or its directory, or is told a setting that
 * is none.
 *
 * @since 0.1.0
 */
export const start = async (options: Options = {}): Promise<Started> => {
  const scope = Scope.makeUnsafe()
  const kafka = await Effect.runPromise(Scope.provide(make(options), scope))
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  return {
    bootstrapServers: kafka.bootstrapServers,
    failNext: (api, how) => Effect.runPromise(kafka.failNext(api, how)),
    delayNext: (api, how) => Effect.runPromise(kafka.delayNext(api, how)),
    dropConnections: () => Effect.runPromise(kafka.dropConnections),
    pause: () => Effect.runPromise(kafka.pause),
    resume: () => Effect.runPromise(kafka.resume),
    restart: () => Effect.runPromise(kafka.restart),
    requestCount: (api) => Effect.runPromise(kafka.requestCount(api)),
    createTopics: (topics) => Effect.runPromise(kafka.createTopics(topics)),
    close,
    [Symbol.asyncDispose]: close
  }
}
