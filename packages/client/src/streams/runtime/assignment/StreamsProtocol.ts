/**
 * What members of a group of stream apps tell each other, in Kafka Streams' own bytes (version 11): inside the subscriptions
 * and assignments of the classic consumer protocol.
 *
 * Keeps true: what it writes, Kafka Streams 4.3 reads, and the other way round; topics of named topologies are none of it.
 * Leaves to others: what the numbers mean (`ClientState`), and the consumer protocol around it.
 *
 * @since 0.1.0
 */
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import { array, int32, int64, string } from "@millrace/core/protocol/Field"
import * as Message from "@millrace/core/protocol/Message"
import { SubscriptionInfoData } from "@millrace/core/protocol/messages/data/SubscriptionInfoData"
import * as Uuid from "@millrace/core/protocol/Uuid"
import type { TopicPartition } from "../../../cluster/TopicPartition.ts"

/**
 * The name that members agree on: Kafka Streams' own.
 *
 * @since 0.1.0
 */
export const name = "stream"

/**
 * The version that is written; older ones are not read.
 *
 * @since 0.1.0
 */
export const version = 11

/**
 * What a member tells the leader. `processId`: 32 hexadecimal digits; `offsetSums`: by stateful task, the sum of the offsets
 * that its changelogs are read up to (-2: it runs here); `uniqueField` differs from join to join, so that the broker sees that
 * something is new; `endPoint`: HOST:PORT where others can ask this process.
 *
 * @since 0.1.0
 */
export interface SubscriptionInfo {
  readonly processId: string
  readonly endPoint: string | undefined
  readonly offsetSums: ReadonlyMap<string, number>
  readonly uniqueField: number
  readonly errorCode: number
  readonly tags: ReadonlyMap<string, string>
}

/**
 * Where a process can be asked, and what it has.
 *
 * @since 0.1.0
 */
export interface HostPartitions {
  readonly host: string
  readonly port: number
  readonly partitions: ReadonlyArray<TopicPartition>
}

/**
 * What the leader tells a member. `active` has a task for each partition of the assignment, in its order.
 *
 * @since 0.1.0
 */
export interface AssignmentInfo {
  readonly active: ReadonlyArray<string>
  readonly standby: ReadonlyMap<string, ReadonlyArray<TopicPartition>>
  readonly activeByHost: ReadonlyArray<HostPartitions>
  readonly standbyByHost: ReadonlyArray<HostPartitions>
  /** 0; 4: the whole app shall stop. */
  readonly errorCode: number
  /** When this member shall ask for another assignment, in milliseconds since 1970; infinite: never. */
  readonly nextRebalanceMs: number
}

/**
 * Tells all members to stop (Kafka's `AssignorError.SHUTDOWN_REQUESTED`).
 *
 * @since 0.1.0
 */
export const shutdownRequested = 4

const Task = {
  subTopology: int32(),
  partition: int32(),
  /** The length of a name that tasks no longer have. */
  topologyName: int32()
}

const Host = {
  host: string(),
  port: int32(),
  partitions: array({ topic: int32(), partition: int32() })
}

const AssignmentInfoData = Message.data("AssignmentInfo", { versions: "11" }, {
  version: int32(),
  commonVersion: int32(),
  active: array(Task),
  standby: array({ ...Task, partitions: array({ topic: string(), partition: int32() }) }),
  topics: array({ index: int32(), name: string() }),
  activeByHost: array(Host),
  standbyByHost: array(Host),
  errorCode: int32(),
  nextRebalanceMs: int64()
})

const text = new TextEncoder()
const untext = new TextDecoder()

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

const taskOf = (id: string): { readonly subTopology: number; readonly partition: number } => {
  const [subTopology, partition] = id.split("_")
  return { subTopology: Number(subTopology), partition: Number(partition) }
}

const write = <X extends Message.Any>(message: X, input: Message.Input<X>): Uint8Array => {
  const writer = new ByteWriter()
  Message.writeUnsafe(message, version, input, writer)
  return writer.toBytes()
}

/**
 * The bytes of what a member tells; throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeSubscription = (info: SubscriptionInfo): Uint8Array =>
  write(SubscriptionInfoData, {
    version,
    latestSupportedVersion: version,
    processId: Uuid.fromBytes(bytesOf(info.processId)),
    userEndPoint: text.encode(info.endPoint ?? ""),
    taskOffsetSums: [...info.offsetSums].map(([id, offsetSum]) => {
      const { partition, subTopology } = taskOf(id)
      return { topicGroupId: subTopology, partition, offsetSum, namedTopology: null }
    }),
    uniqueField: info.uniqueField,
    errorCode: info.errorCode,
    clientTags: [...info.tags].map(([key, value]) => ({ key: text.encode(key), value: text.encode(value) }))
  })

/** The version that bytes begin with; -1 if there is none. */
const versionOf = (bytes: Uint8Array): number =>
  bytes.length < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0)

/**
 * Reads what a member told; undefined if it is of an older version. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodeSubscription = (bytes: Uint8Array | null): SubscriptionInfo | undefined => {
  if (bytes === null || versionOf(bytes) < version) return undefined
  const data = Message.decodeUnsafe(SubscriptionInfoData, version, bytes)
  const endPoint = untext.decode(data.userEndPoint)
  return {
    processId: hexOf(Uuid.toBytesUnsafe(data.processId)),
    endPoint: endPoint === "" ? undefined : endPoint,
    offsetSums: new Map(
      data.taskOffsetSums.map(({ offsetSum, partition, topicGroupId }) => [`${topicGroupId}_${partition}`, offsetSum])
    ),
    uniqueField: data.uniqueField,
    errorCode: data.errorCode,
    tags: new Map(data.clientTags.map(({ key, value }) => [untext.decode(key), untext.decode(value)]))
  }
}

/**
 * The bytes of what the leader tells; throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeAssignment = (info: AssignmentInfo): Uint8Array => {
  const topics = new Map<string, number>()
  const indexOf = (topic: string): number => {
    const index = topics.get(topic) ?? topics.size
    topics.set(topic, index)
    return index
  }
  const hosts = (given: ReadonlyArray<HostPartitions>) =>
    given.map(({ host, partitions, port }) => ({
      host,
      port,
      partitions: partitions.map(({ partition, topic }) => ({ topic: indexOf(topic), partition }))
    }))
  const activeByHost = hosts(info.activeByHost)
  const standbyByHost = hosts(info.standbyByHost)
  return write(AssignmentInfoData, {
    version,
    commonVersion: version,
    active: info.active.map((id) => ({ ...taskOf(id), topologyName: 0 })),
    standby: [...info.standby].map(([id, partitions]) => ({
      ...taskOf(id),
      topologyName: 0,
      partitions: partitions.map(({ partition, topic }) => ({ topic, partition }))
    })),
    topics: [...topics].map(([name, index]) => ({ name, index })),
    activeByHost,
    standbyByHost,
    errorCode: info.errorCode,
    nextRebalanceMs: info.nextRebalanceMs === Number.POSITIVE_INFINITY ? 2 ** 63 : info.nextRebalanceMs
  })
}

/**
 * Reads what the leader told; undefined if it is of an older version. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodeAssignment = (bytes: Uint8Array | null): AssignmentInfo | undefined => {
  if (bytes === null || versionOf(bytes) < version) return undefined
  const data = Message.decodeUnsafe(AssignmentInfoData, version, bytes)
  const topics = new Map(data.topics.map(({ index, name: topic }) => [index, topic]))
  const hosts = (given: typeof data.activeByHost): ReadonlyArray<HostPartitions> =>
    given.map(({ host, partitions, port }) => ({
      host,
      port,
      partitions: partitions.flatMap(({ partition, topic: index }) => {
        const topic = topics.get(index)
        return topic === undefined ? [] : [{ topic, partition }]
      })
    }))
  return {
    active: data.active.map(({ partition, subTopology }) => `${subTopology}_${partition}`),
    standby: new Map(
      data.standby.map(({ partition, partitions, subTopology }) => [`${subTopology}_${partition}`, partitions])
    ),
    activeByHost: hosts(data.activeByHost),
    standbyByHost: hosts(data.standbyByHost),
    errorCode: data.errorCode,
    nextRebalanceMs: data.nextRebalanceMs >= 2 ** 63 ? Number.POSITIVE_INFINITY : data.nextRebalanceMs
  }
}
