/**
 * How fast messages are written and read, on one core, beside kafkajs and @platformatic/kafka.
 *
 * Each contender speaks the latest version that it knows, and gets bytes of that version to read, unless a case names the
 * version: of metadata kafkajs's lacks fields and flexibility, so both are measured in it, too. All cases run in one
 * process and share each codec's code, as they do in a broker, so that none profits from code specialised for it alone.
 * "with records": 100 records of 100 bytes per partition, built while writing, gone through one by one while reading;
 * without: 16 KB per partition that nobody copies or looks at, which the others can't do.
 * Flags: --rounds N (7), --round-ms N (100).
 */
import { NodeCompression } from "@millrace/core/node"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { FetchRequest, FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import { MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import * as Uuid from "@millrace/core/protocol/Uuid"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import { option } from "../compat/lib/harness.ts"
import { framePlatformatic, loadKafkaJs, loadPlatformatic, type Written } from "./lib/codecs.ts"
import { loadAlone } from "./lib/modules.ts"
import { printTable, report } from "./lib/report.ts"
import { type Case, compare } from "./lib/rounds.ts"

const kafkajs = await loadKafkaJs()
const platformatic = await loadPlatformatic()
const compression = NodeCompression.make
const clientId = "bench"
const topic = "orders"
const topicId = Uuid.fromInts(1, 2, 3, 4)
const perPartition = 100
const timestamp = 1_700_000_000_000
const controlTarget = 200_000

const many = <A>(count: number, of: (index: number) => A): Array<A> => Array.from({ length: count }, (_, i) => of(i))
const values = many(perPartition, (seed) => Buffer.from(many(100, (i) => (i * 31 + seed * 17) & 0xff)))
const key = Buffer.from("key-0123456789ab")

const encoded = <X extends Message.Any>(message: X, version: number, input: Message.Input<X>): Buffer =>
  Buffer.from(Message.encodeBytesUnsafe(message, version, input))

const messages = (
  what: string,
  contender: string,
  run: () => unknown,
  target?: number
): Case => ({ what, contender, unit: "messages", perCall: 1, run, ...(target === undefined ? {} : { target }) })

/** Reading a message of ours, and writing it with its header. */
const reading = <X extends Message.Any>(
  what: string,
  message: X,
  version: number,
  input: Message.Input<X>,
  target?: number
): Case => {
  const bytes = encoded(message, version, input)
  return messages(what, "millrace", () => Message.decodeUnsafe(message, version, bytes), target)
}

const writing = <X extends Message.Any>(
  what: string,
  message: X,
  version: number,
  input: Message.Input<X>,
  target?: number
): Case => {
  const options = { version, correlationId: 7, clientId }
  return messages(what, "millrace", () => Frame.encodeRequestUnsafe(message, options, input), target)
}

const readingKafkaJs = (what: string, bytes: Buffer, decode: (bytes: Buffer) => Promise<object>): Case =>
  messages(what, "kafkajs", () => decode(bytes))

const writingKafkaJs = (what: string, request: () => object): Case =>
  messages(what, "kafkajs", () => kafkajs.frame({ correlationId: 7, clientId, request: request() }))

const readingPlatformatic = (
  what: string,
  bytes: Buffer,
  { parseResponse }: { readonly parseResponse: (id: number, key: number, version: number, reader: object) => object }
): Case => messages(what, "@platformatic/kafka", () => parseResponse(7, 0, 0, platformatic.Reader.from(bytes)))

const writingPlatformatic = (what: string, apiKey: number, version: number, request: () => Written): Case =>
  messages(
    what,
    "@platformatic/kafka",
    () => framePlatformatic(platformatic, apiKey, version, clientId, request())
  )

const memberId = "consumer-billing-1-0f6a2d0e-5b3c-4e52-9a06-bd0a1f4e63a1"
const heartbeat = { groupId: "billing", generationId: 5, memberId }
const alive = { throttleTimeMs: 0, errorCode: 0 }
const heartbeatCases: ReadonlyArray<Case> = [
  writing("write a heartbeat", HeartbeatRequest, 4, heartbeat, controlTarget),
  writingKafkaJs(
    "write a heartbeat",
    () => kafkajs.heartbeat({ groupId: "billing", groupGenerationId: 5, memberId, groupInstanceId: null })
  ),
  writingPlatformatic(
    "write a heartbeat",
    HeartbeatRequest.apiKey,
    4,
    () => platformatic.heartbeatV4.createRequest("billing", 5, memberId, null)
  ),
  reading("read a heartbeat's answer", HeartbeatResponse, 4, alive, controlTarget),
  readingKafkaJs("read a heartbeat's answer", encoded(HeartbeatResponse, 3, alive), kafkajs.decodeHeartbeat),
  readingPlatformatic("read a heartbeat's answer", encoded(HeartbeatResponse, 4, alive), platformatic.heartbeatV4),
  reading("read a heartbeat", HeartbeatRequest, 4, heartbeat, controlTarget),
  messages(
    "write a heartbeat's answer",
    "millrace",
    () => Frame.encodeResponseUnsafe(HeartbeatResponse, { version: 4, correlationId: 7 }, alive),
    controlTarget
  )
]

const metadata: Message.Input<typeof MetadataResponse> = {
  brokers: many(3, (nodeId) => ({ nodeId, host: "broker.example", port: 9092, rack: null })),
  controllerId: 1,
  topics: [{
    errorCode: 0,
    name: topic,
    isInternal: false,
    partitions: many(100, (partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: 1,
      replicaNodes: [1, 2, 3],
      isrNodes: [1, 2, 3],
      offlineReplicas: []
    }))
  }]
}
const metadataCases: ReadonlyArray<Case> = [
  reading("read metadata of 100 partitions", MetadataResponse, 12, metadata),
  readingKafkaJs("read metadata of 100 partitions", encoded(MetadataResponse, 6, metadata), kafkajs.decodeMetadata),
  readingPlatformatic(
    "read metadata of 100 partitions",
    encoded(MetadataResponse, 12, metadata),
    platformatic.metadataV12
  ),
  reading("read metadata of 100 partitions, version 6", MetadataResponse, 6, metadata),
  readingKafkaJs(
    "read metadata of 100 partitions, version 6",
    encoded(MetadataResponse, 6, metadata),
    kafkajs.decodeMetadata
  )
]

const builder = new RecordBatchBuilder(compression, 32 * 1024)
const buildRecords = (): Uint8Array => {
  for (let i = 0; i < perPartition; i++) builder.append(timestamp + i, key, values[i]!)
  return builder.build()
}
const produce = (records: Uint8Array): Message.Input<typeof ProduceRequest> => ({
  acks: -1,
  timeoutMs: 30_000,
  topicData: [{ name: topic, partitionData: [{ index: 0, records }] }]
})
const produced: Message.Input<typeof ProduceResponse> = {
  responses: [{ name: topic, partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 123_456_789 }] }]
}
const opaque = new Uint8Array(16 * 1024)
const produceMany = {
  ...produce(opaque),
  topicData: [{ name: topic, partitionData: many(100, (index) => ({ index, records: opaque })) }]
}
const produceOptions = { version: 11, correlationId: 7, clientId }
const produceCases: ReadonlyArray<Case> = [
  messages(
    "write a produce request with records",
    "millrace",
    () => Frame.encodeRequestUnsafe(ProduceRequest, produceOptions, produce(buildRecords()))
  ),
  writingKafkaJs("write a produce request with records", () =>
    kafkajs.produce({
      acks: -1,
      timeout: 30_000,
      topicData: [{
        topic,
        partitions: [{ partition: 0, messages: values.map((value, i) => ({ timestamp: timestamp + i, key, value })) }]
      }]
    })),
  writingPlatformatic(
    "write a produce request with records",
    ProduceRequest.apiKey,
    11,
    () =>
      platformatic.produceV11.createRequest(
        -1,
        30_000,
        values.map((value, i) => ({ topic, partition: 0, timestamp: BigInt(timestamp + i), key, value })),
        {}
      )
  ),
  reading("read a produce's answer", ProduceResponse, 11, produced, controlTarget),
  readingKafkaJs("read a produce's answer", encoded(ProduceResponse, 7, produced), kafkajs.decodeProduce),
  readingPlatformatic("read a produce's answer", encoded(ProduceResponse, 11, produced), platformatic.produceV11),
  reading("read a produce request", ProduceRequest, 11, produce(opaque), controlTarget),
  reading("read a produce request of 100 partitions", ProduceRequest, 11, produceMany),
  writing("write a produce request of 100 partitions", ProduceRequest, 11, produceMany)
]

const fetch: Message.Input<typeof FetchRequest> = {
  maxWaitMs: 500,
  minBytes: 1,
  topics: [{
    topicId,
    partitions: many(100, (partition) => ({ partition, fetchOffset: 1_000_000, partitionMaxBytes: 1 << 20 }))
  }]
}
const fetched = (records: Uint8Array, partitions: number): Message.Input<typeof FetchResponse> => ({
  throttleTimeMs: 0,
  responses: [{
    topic: topic,
    topicId,
    partitions: many(partitions, (partitionIndex) => ({
      partitionIndex,
      errorCode: 0,
      highWatermark: 1_000_000,
      lastStableOffset: 1_000_000,
      abortedTransactions: [],
      records
    }))
  }]
})
const cursor = new RecordCursor(compression)
const fullBytes = encoded(FetchResponse, 17, fetched(buildRecords(), 10))
const readRecords = (look: (cursor: RecordCursor) => number): number => {
  let sum = 0
  for (const { partitions } of Message.decodeUnsafe(FetchResponse, 17, fullBytes).responses) {
    for (const { records } of partitions) {
      cursor.openUnsafe(records!, 0)
      while (cursor.next()) sum += look(cursor)
    }
  }
  return sum
}
const lengths = (one: RecordCursor): number => one.offset + one.keyLength + one.valueLength
const views = (one: RecordCursor): number => one.key()!.length + one.value()!.length
const fetchCases: ReadonlyArray<Case> = [
  writing("write a fetch of 100 partitions", FetchRequest, 17, fetch),
  writingKafkaJs("write a fetch of 100 partitions", () =>
    kafkajs.fetch({
      replicaId: -1,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: 0x7fffffff,
      topics: [{
        topic,
        partitions: many(100, (partition) => ({ partition, fetchOffset: 1_000_000, maxBytes: 1 << 20 }))
      }]
    })),
  writingPlatformatic("write a fetch of 100 partitions", FetchRequest.apiKey, 17, () => {
    const partitions = many(100, (partition) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: 1_000_000n,
      lastFetchedEpoch: -1,
      partitionMaxBytes: 1 << 20
    }))
    const topics = [{ topicId: "00000001-0000-0002-0000-000300000004", partitions }]
    return platformatic.fetchV17.createRequest(500, 1, 0x7fffffff, 0, 0, -1, topics, [], "")
  }),
  messages("read a fetch's answer with records", "millrace", () => readRecords(lengths)),
  messages("read a fetch's answer with records", "millrace, key and value views", () => readRecords(views)),
  readingKafkaJs(
    "read a fetch's answer with records",
    encoded(FetchResponse, 11, fetched(buildRecords(), 10)),
    kafkajs.decodeFetch
  ),
  readingPlatformatic("read a fetch's answer with records", fullBytes, platformatic.fetchV17),
  reading("read a fetch's answer of 100 partitions", FetchResponse, 17, fetched(opaque, 100)),
  messages(
    "write a fetch's answer of 100 partitions",
    "millrace",
    () => Frame.encodeResponseUnsafe(FetchResponse, { version: 17, correlationId: 7 }, fetched(opaque, 100))
  )
]

const cases = [...heartbeatCases, ...metadataCases, ...produceCases, ...fetchCases]
await compare("protocol", cases, { rounds: Number(option("rounds") ?? 7), roundMs: Number(option("round-ms") ?? 100) })
for (const module of ["protocol/messages/Heartbeat", "protocol/Frame", "records/Records"]) {
  const { modules, ms, tables } = loadAlone(`@millrace/core/${module}`)
  report({ bench: "protocol", what: `import ${module}`, contender: "millrace", modules, tables, ms: Math.round(ms) })
}
printTable()
