/**
 * How fast messages are read and written, on one core.
 *
 *     node bench/protocol.ts
 *
 * Every figure is the median of several runs that take turns. All cases run in one process and share the codec's code, as
 * they do in a broker, so that none of them profits from code specialised for it alone. Records are 16 KB per partition and
 * are not copied in either direction.
 */
import * as Message from "@millrace/core/protocol/Message"
import { FetchRequest, FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import { MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as NodeOs from "node:os"

const rounds = 7
const roundMs = 120

interface Case {
  readonly name: string
  readonly run: () => unknown
}

const cases = <X extends Message.Any>(
  name: string,
  message: X,
  version: number,
  input: Message.Input<X>
): Array<Case> => {
  const bytes = Message.encodeBytesUnsafe(message, version, input)
  return [
    { name: `${name}: read`, run: () => Message.decodeUnsafe(message, version, bytes) },
    { name: `${name}: write`, run: () => Message.encodeUnsafe(message, version, input) }
  ]
}

const records = new Uint8Array(16 * 1024)
const topicId = Uuid.fromInts(1, 2, 3, 4)
const partitions = <A>(count: number, of: (index: number) => A): Array<A> =>
  Array.from({ length: count }, (_, i) => of(i))

const produceRequest = (count: number): Message.Input<typeof ProduceRequest> => ({
  acks: -1,
  timeoutMs: 30_000,
  topicData: [{ name: "orders", partitionData: partitions(count, (index) => ({ index, records })) }]
})

const all: ReadonlyArray<Case> = [
  ...cases("Heartbeat request", HeartbeatRequest, 4, {
    groupId: "billing",
    generationId: 5,
    memberId: "consumer-billing-1-0f6a2d0e-5b3c-4e52-9a06-bd0a1f4e63a1"
  }),
  ...cases("Heartbeat response", HeartbeatResponse, 4, { throttleTimeMs: 0, errorCode: 0 }),
  ...cases("Produce request, 1 partition", ProduceRequest, 11, produceRequest(1)),
  ...cases("Produce request, 100 partitions", ProduceRequest, 11, produceRequest(100)),
  ...cases("Produce response, 1 partition", ProduceResponse, 11, {
    responses: [{ name: "orders", partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 123_456_789 }] }]
  }),
  ...cases("Fetch request, 100 partitions", FetchRequest, 17, {
    maxWaitMs: 500,
    minBytes: 1,
    topics: [{
      topicId,
      partitions: partitions(100, (partition) => ({ partition, fetchOffset: 1_000_000, partitionMaxBytes: 1 << 20 }))
    }]
  }),
  ...cases("Fetch response, 100 partitions", FetchResponse, 17, {
    throttleTimeMs: 0,
    responses: [{
      topicId,
      partitions: partitions(100, (partitionIndex) => ({
        partitionIndex,
        errorCode: 0,
        highWatermark: 1_000_000,
        lastStableOffset: 1_000_000,
        abortedTransactions: null,
        records
      }))
    }]
  }),
  ...cases("Metadata response, 100 partitions", MetadataResponse, 12, {
    brokers: partitions(3, (nodeId) => ({ nodeId, host: "broker.example", port: 9092, rack: null })),
    controllerId: 1,
    topics: [{
      errorCode: 0,
      name: "orders",
      topicId,
      isInternal: false,
      partitions: partitions(100, (partitionIndex) => ({
        errorCode: 0,
        partitionIndex,
        leaderId: 1,
        leaderEpoch: 7,
        replicaNodes: [1, 2, 3],
        isrNodes: [1, 2, 3],
        offlineReplicas: []
      }))
    }]
  })
]

/** Messages per second in one round. */
const measure = ({ run }: Case): number => {
  let count = 0
  const start = performance.now()
  let elapsed = 0
  while (elapsed < roundMs) {
    for (let i = 0; i < 100; i++) run()
    count += 100
    elapsed = performance.now() - start
  }
  return count / elapsed * 1000
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

for (const one of all) measure(one)
const figures = all.map((): Array<number> => [])
for (let round = 0; round < rounds; round++) all.forEach((one, i) => figures[i]!.push(measure(one)))

const machine = `${NodeOs.cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`
const results = all.map(({ name }, i) => ({ name, perSecond: Math.round(median(figures[i]!)) }))
const print = (line: string): boolean => process.stdout.write(`${line}\n`)
for (const { name, perSecond } of results) print(JSON.stringify({ bench: "protocol", name, perSecond, machine }))
print(`\n${machine}`)
for (const { name, perSecond } of results) {
  const rate = (perSecond / 1000).toFixed(0).padStart(7)
  print(`${name.padEnd(42)} ${rate} k/s ${(1e9 / perSecond).toFixed(0).padStart(7)} ns`)
}
