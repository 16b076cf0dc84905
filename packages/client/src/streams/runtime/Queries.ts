/**
 * What can be asked of an instance while it runs: its stores, how far it is behind, and which instance has what.
 *
 * Keeps true: an answer is what was so at one moment between two turns of the threads; nothing here changes anything.
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"
import type { SubTopology } from "@millrace/core/streams/ResolvedTopology"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import * as OffsetRequests from "../../cluster/OffsetRequests.ts"
import * as StoreReader from "../engine/stores/StoreReader.ts"
import type { TaskStore } from "../engine/TaskStores.ts"
import type { HostPartitions } from "./assignment/StreamsProtocol.ts"
import type { Instance } from "./Instance.ts"
import * as Placement from "./queries/Placement.ts"
import { StreamsError } from "./StreamsError.ts"

/**
 * How far a store is behind its changelog: positions in records of the changelog.
 *
 * @since 0.1.0
 */
export interface LagInfo {
  readonly currentOffsetPosition: number
  readonly endOffsetPosition: number
  readonly offsetLag: number
}

/**
 * An instance of the app, where it said that it can be asked (`applicationServer`), and what it has.
 *
 * @since 0.1.0
 */
export interface StreamsMetadata {
  readonly host: string
  readonly port: number
  readonly topicPartitions: ReadonlyArray<TopicPartition>
  readonly stateStoreNames: ReadonlyArray<string>
  readonly standbyTopicPartitions: ReadonlyArray<TopicPartition>
  readonly standbyStateStoreNames: ReadonlyArray<string>
}

/**
 * Who has a key of a store: the instance that runs its task, and those that have a copy.
 *
 * @since 0.1.0
 */
export interface KeyMetadata {
  readonly activeHost: { readonly host: string; readonly port: number }
  readonly standbyHosts: ReadonlyArray<{ readonly host: string; readonly port: number }>
  readonly partition: number
}

const unavailable = (instance: Instance, detail: string, hint: string) =>
  new StreamsError<never>({ reason: "Settings", applicationId: instance.settings.applicationId, detail, hint })

const storesOf = ({ globals, threads }: Instance, name: string): ReadonlyArray<TaskStore> => {
  const global = globals.stores.get(name)
  const stores: Array<TaskStore> = global === undefined ? [] : [global]
  for (const { tasks } of threads()) {
    for (const { state, task } of tasks.tasks.values()) {
      const store = state === "running" ? task.stores.get(name) : undefined
      if (store !== undefined) stores.push(store)
    }
  }
  return stores
}

const read = <A>(instance: Instance, name: string, kind: string, open: (store: TaskStore) => A | undefined) =>
  Effect.suspend(() => {
    const readers: Array<A> = []
    for (const store of storesOf(instance, name)) {
      const reader = open(store)
      if (reader !== undefined) readers.push(reader)
    }
    return readers.length > 0 ? Effect.succeed(readers) : Effect.fail(unavailable(
      instance,
      `this instance runs no task with a ${kind} store ${name}`,
      "ask when the instance is RUNNING, or ask another instance"
    ))
  })

/**
 * Reads a key-value store, as far as the instance has its tasks.
 *
 * @since 0.1.0
 */
export const keyValueStore = <K, V>(
  instance: Instance,
  name: string
): Effect.Effect<StoreReader.KeyValueReader<K, V>, StreamsError<never>> =>
  Effect.map(read(instance, name, "key-value", StoreReader.keyValue<K, V>), StoreReader.keyValueOfAll)

/**
 * Reads a versioned store, as far as the instance has its tasks.
 *
 * @since 0.1.0
 */
export const versionedStore = <K, V>(
  instance: Instance,
  name: string
): Effect.Effect<StoreReader.VersionedReader<K, V>, StreamsError<never>> =>
  Effect.map(read(instance, name, "versioned", StoreReader.versioned<K, V>), StoreReader.versionedOfAll)

/**
 * Reads a window store, as far as the instance has its tasks.
 *
 * @since 0.1.0
 */
export const windowStore = <K, V>(
  instance: Instance,
  name: string
): Effect.Effect<StoreReader.WindowReader<K, V>, StreamsError<never>> =>
  Effect.map(read(instance, name, "window", StoreReader.window<K, V>), StoreReader.windowOfAll)

/**
 * Reads a session store, as far as the instance has its tasks.
 *
 * @since 0.1.0
 */
export const sessionStore = <K, V>(
  instance: Instance,
  name: string
): Effect.Effect<StoreReader.SessionReader<K, V>, StreamsError<never>> =>
  Effect.map(read(instance, name, "session", StoreReader.session<K, V>), StoreReader.sessionOfAll)

/**
 * Kafka's `dropped-records-total`, of the tasks that the instance has, and what brokers refused and a handler let pass.
 *
 * @since 0.1.0
 */
export const droppedRecords = ({ globals, threads }: Instance): number =>
  threads().flatMap(({ refused, tasks }) => [
    refused?.dropped ?? 0,
    ...[...tasks.tasks.values()].map(({ task }) => task.context.dropped)
  ]).reduce((sum, dropped) => sum + dropped, globals.context.dropped)

/**
 * Records still to be processed, by partition.
 *
 * @since 0.1.0
 */
export const lag = ({ threads }: Instance): ReadonlyMap<string, number> => {
  const lags = new Map<string, number>()
  for (const { consumer, tasks } of threads()) {
    for (const { partitions, task } of tasks.tasks.values()) {
      for (const each of partitions) {
        const queue = task.queueOf(each.topic)
        const fetched = queue === undefined ? 0 : queue.position - queue.nextOffset
        lags.set(keyOf(each.topic, each.partition), fetched + (consumer.lag(each) ?? 0))
      }
    }
  }
  return lags
}

/**
 * How far each store with a changelog that the instance has, active or standby, is behind it: by store and partition.
 *
 * @since 0.1.0
 */
export const storePartitionLags = (
  instance: Instance
): Effect.Effect<ReadonlyMap<string, ReadonlyMap<number, LagInfo>>, StreamsError<never>> =>
  Effect.gen(function*() {
    const found: Array<TopicPartition & { readonly store: string; readonly position: number | undefined }> = []
    for (const { restorer, tasks } of instance.threads()) {
      const running = [...tasks.tasks.values()].map(({ partition, state, task }) => ({
        partition,
        stores: task.stores,
        isRunning: state === "running"
      }))
      const standing = [...tasks.standbys.values()].map((standby) => ({ ...standby, isRunning: false }))
      for (const { isRunning, partition, stores } of [...running, ...standing]) {
        for (const [store, { definition: { changelog } }] of stores) {
          if (changelog._tag === "None") continue
          const { topic } = changelog
          const position = isRunning ? undefined : restorer.position({ topic, partition })
          found.push({ topic, partition, store, position })
        }
      }
    }
    const ends = yield* endsOf(instance, found)
    const lags = new Map<string, Map<number, LagInfo>>()
    for (const { partition, position, store, topic } of found) {
      const endOffsetPosition = ends.get(keyOf(topic, partition)) ?? 0
      const currentOffsetPosition = position ?? endOffsetPosition
      const ofStore = lags.get(store) ?? new Map<number, LagInfo>()
      const offsetLag = Math.max(0, endOffsetPosition - currentOffsetPosition)
      lags.set(store, ofStore.set(partition, { currentOffsetPosition, endOffsetPosition, offsetLag }))
    }
    return lags
  })

const endsOf = ({ admin, settings: { applicationId } }: Instance, partitions: ReadonlyArray<TopicPartition>) =>
  partitions.length === 0
    ? Effect.succeed(new Map<string, number>())
    : admin.listOffsets(
      partitions.map(({ partition, topic }) => ({ topic, partition, timestamp: OffsetRequests.Timestamp.latest }))
    ).pipe(
      Effect.map((ends) => new Map(ends.map(({ offset, partition, topic }) => [keyOf(topic, partition), offset]))),
      Effect.mapError((cause) =>
        new StreamsError<never>({
          reason: "Consuming",
          applicationId,
          detail: `the ends of changelogs could not be looked up: ${cause.message}`,
          hint: "ask again",
          cause
        })
      )
    )

const storeNames = ({ topology }: Instance, partitions: ReadonlyArray<TopicPartition>): ReadonlyArray<string> => {
  const topics = new Set(partitions.map((each) => each.topic))
  return topology.subTopologies
    .filter(({ sourceTopics }) => sourceTopics.some((topic) => topics.has(topic)))
    .flatMap(({ stores }) => stores)
}

/**
 * The instances of the app that say where they can be asked, and what each has; none before the group has met.
 *
 * @since 0.1.0
 */
export const metadataForAllClients = (instance: Instance): ReadonlyArray<StreamsMetadata> => {
  const plan = Placement.planOf(instance)
  const standbys = new Map(plan?.standbyByHost.map((each) => [addressOf(each), each.partitions]))
  return (plan?.activeByHost ?? []).map((each) => {
    const standbyTopicPartitions = standbys.get(addressOf(each)) ?? []
    return {
      host: each.host,
      port: each.port,
      topicPartitions: each.partitions,
      stateStoreNames: storeNames(instance, each.partitions),
      standbyTopicPartitions,
      standbyStateStoreNames: storeNames(instance, standbyTopicPartitions)
    }
  })
}

const addressOf = ({ host, port }: HostPartitions): string => `${host}:${port}`

/**
 * How to tell the partition of a key: by its bytes, as Kafka's default partitioner does, or by a function of one's own.
 *
 * @since 0.1.0
 */
export type KeyPartitioner<K> = Serde.Serde<K> | ((key: K, numPartitions: number) => number)

/**
 * Who has a key of a store; a global store has partition -1, and is here. Fails for a store that there is not, for a key whose
 * partition cannot be told, and before an instance that can be asked has it.
 *
 * @since 0.1.0
 */
export const metadataForKey = <K>(
  instance: Instance,
  store: string,
  key: K,
  by: KeyPartitioner<K>
): Effect.Effect<KeyMetadata, StreamsError<never>> =>
  Effect.suspend(() => {
    const { topology } = instance
    if (instance.globals.stores.has(store)) return everywhere(instance, store)
    const subTopology = topology.subTopologies.find(({ stores }) => stores.includes(store))
    if (subTopology === undefined) {
      return Effect.fail(
        unavailable(instance, `there is no store ${store}`, "ask for a store of the topology by its name")
      )
    }
    return Effect.flatMap(partitionOfKey(instance, subTopology, key, by), (partition) => {
      const plan = Placement.planOf(instance)
      const sources = Placement.sourceTopicsOf(instance, subTopology)
      const [active] = Placement.having(plan?.activeByHost ?? [], sources, partition)
      if (active === undefined) {
        return Effect.fail(unavailable(
          instance,
          `no instance says that it has partition ${partition} of store ${store}`,
          "give all instances an applicationServer, and ask when they are RUNNING"
        ))
      }
      const standbyHosts = Placement.having(plan?.standbyByHost ?? [], sources, partition)
        .map(({ host, port }) => ({ host, port }))
      return Effect.succeed({ activeHost: { host: active.host, port: active.port }, standbyHosts, partition })
    })
  })

/** A global store is where one asks, or else, as in Kafka, at the first instance that says where it can be asked. */
const everywhere = (instance: Instance, store: string): Effect.Effect<KeyMetadata, StreamsError<never>> => {
  const hosts = Placement.planOf(instance)?.activeByHost ?? []
  const host = hosts.find((each) => addressOf(each) === instance.settings.applicationServer) ?? hosts[0]
  return host === undefined
    ? Effect.fail(unavailable(
      instance,
      `no instance says that it can be asked for store ${store}`,
      "give all instances an applicationServer, and ask when they are RUNNING"
    ))
    : Effect.succeed({ activeHost: { host: host.host, port: host.port }, standbyHosts: [], partition: -1 })
}

const partitionOfKey = <K>(
  instance: Instance,
  subTopology: SubTopology,
  key: K,
  by: KeyPartitioner<K>
): Effect.Effect<number, StreamsError<never>> => {
  const { topology } = instance
  const count = Placement.partitionCountOf(instance, subTopology)
  if (count === 0) {
    return Effect.fail(unavailable(
      instance,
      "it is not known how many partitions the store has",
      "ask when the instance is RUNNING"
    ))
  }
  if (typeof by === "function") {
    const partition = by(key, count)
    return Number.isInteger(partition) && partition >= 0 && partition < count
      ? Effect.succeed(partition)
      : Effect.fail(unavailable(
        instance,
        `the partitioner chose ${partition} of ${count} partitions`,
        "choose as the streamPartitioner of the store's topic does"
      ))
  }
  if (Placement.hasPartitioner(topology, subTopology)) {
    return Effect.fail(unavailable(
      instance,
      "the store's topic has a streamPartitioner, so the bytes of the key do not tell its partition",
      "give a function that does as the streamPartitioner, in place of the serde"
    ))
  }
  return Result.match(Serde.serialize(by, key), {
    onSuccess: (bytes) => {
      const suffixBytes = Placement.suffixBytesOf(topology, subTopology, by)
      return Effect.succeed(Placement.partitionOf(bytes ?? new Uint8Array(0), suffixBytes, count))
    },
    onFailure: (cause) =>
      Effect.fail(unavailable(instance, cause.message, "give a key that the serde of the store can write"))
  })
}
