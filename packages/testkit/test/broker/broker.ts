/**
 * A broker on a disk and a network in memory, and small requests to it.
 */
import { Kafka } from "@millrace/core/Kafka"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import * as PureCompression from "@millrace/core/records/PureCompression"
import { CreateTopicsRequest, CreateTopicsResponse } from "@millrace/core/protocol/messages/CreateTopics"
import { FetchRequest, FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as Broker from "@millrace/server/Broker"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { connect, type RawClient } from "./RawClient.ts"

/** A disk, a network and codecs in memory. */
export const ports = Layer.mergeAll(MemoryDisk.layer, MemoryNetwork.layer, PureCompression.layer)

/** A broker in memory, with Kafka's settings but for those given. */
export const broker = (config: Record<string, string> = {}) =>
  Broker.layerEmbedded({ config: { "group.initial.rebalance.delay.ms": "3000", ...config } })

/** A connection to the broker. */
export const client = Effect.flatMap(Kafka, ({ bootstrapServers }) => connect(bootstrapServers[0]!))

/** Creates a topic and gives its error code. */
export const createTopic = (client: RawClient, name: string, numPartitions = 1) =>
  Effect.map(
    client.call(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 1000
    }),
    ({ topics }) => topics[0]!.errorCode
  )

/** A batch of values without keys. */
export const batchOf = (...values: ReadonlyArray<string>): Uint8Array => {
  const builder = new RecordBatchBuilder()
  for (const value of values) builder.append(0, null, value)
  return builder.build()
}

/** A Produce request of one batch to one partition. */
export const produceInput = (topic: string, records: Uint8Array, acks = -1, index = 0) => ({
  acks,
  timeoutMs: 1000,
  topicData: [{ name: topic, partitionData: [{ index, records }] }]
})

/** Produces a batch and gives what the partition answered. */
export const produce = (client: RawClient, topic: string, ...values: ReadonlyArray<string>) =>
  Effect.map(
    client.call(ProduceRequest, ProduceResponse, 9, produceInput(topic, batchOf(...values))),
    ({ responses }) => responses[0]!.partitionResponses[0]!
  )

/** A Fetch request of one partition. */
export const fetchInput = (topic: string, fetchOffset: number, maxWaitMs = 0) => ({
  maxWaitMs,
  minBytes: 1,
  maxBytes: 1_000_000,
  sessionEpoch: -1,
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1_000_000 }] }]
})

/** Fetches from one partition and gives what it answered. */
export const fetch = (client: RawClient, topic: string, fetchOffset: number, maxWaitMs = 0) =>
  Effect.map(
    client.call(FetchRequest, FetchResponse, 12, fetchInput(topic, fetchOffset, maxWaitMs)),
    ({ responses }) => responses[0]!.partitions[0]!
  )
