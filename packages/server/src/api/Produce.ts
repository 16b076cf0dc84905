/**
 * Produce (key 0): appends record batches to partitions.
 *
 * As Kafka: each partition is answered on its own; with acks=0 nothing is answered, and an error closes the connection.
 * Better than Kafka: acks=1 waits for what the durability policy protects, and records that are null get an error rather
 * than silence. Appending is done in the order of requests; waiting for durability overlaps (`Later`).
 * KIP-98 (transactions, verified by their coordinator), KIP-467 (errors of single records), KIP-516, KIP-890.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Message from "@millrace/core/protocol/Message"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import * as Compression from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Controller } from "../coordination/controller/Controller.ts"
import * as TopicName from "../coordination/controller/TopicName.ts"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { appendInlineMaxBytes, produceConcurrencyMax } from "../limits.ts"
import {
  type AppendOptions,
  type AppendResult,
  type Partition,
  PartitionError,
  type TransactionToVerify
} from "../replication/Partition.ts"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import * as Handler from "./Handler.ts"

type Response = Message.Input<typeof ProduceResponse>
type PartitionResponse = Response["responses"][number]["partitionResponses"][number]
type TopicData = ProduceRequest["topicData"][number]
type PartitionData = TopicData["partitionData"][number]

/** Whether appending may leave the event loop, so that others can go on: a large write, or a coordinator to be asked. */
const leavesLoop = ({ records }: PartitionData): boolean =>
  records !== null && (records.length > appendInlineMaxBytes
    || (records.length >= RecordBatch.headerSizeBytes && RecordBatch.isTransactional(records, 0)))

/** What became of the batch of one partition. */
type Outcome =
  | { readonly _tag: "Appended"; readonly partition: Partition; readonly index: number; readonly result: AppendResult }
  | { readonly _tag: "Refused"; readonly response: PartitionResponse }

const refused = (index: number, errorCode: number, errorMessage: string | null = null): Outcome => ({
  _tag: "Refused",
  response: {
    index,
    errorCode,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: [],
    errorMessage
  }
})

/**
 * Whether the request itself is wrong, so that it never reached the log: not exactly one batch of the current format, or
 * a codec that the version of the request does not know (of the codecs there are, that is zstd).
 */
const isMalformed = (records: Uint8Array, code: number): boolean => {
  const size = Records.nextBatch(records, 0, records.length)
  if (Result.isFailure(size) || size.success === 0) return true
  return size.success < records.length || RecordBatch.magic(records, 0) !== RecordBatch.magicCurrent
    || (code === ErrorCode.UNSUPPORTED_COMPRESSION_TYPE && Compression.isCodec(RecordBatch.codec(records, 0)))
}

/** What is refused by the log, not before it; the answer then says where the log begins. */
const refusedByLog: ReadonlySet<number> = new Set([
  ErrorCode.INVALID_RECORD,
  ErrorCode.INVALID_TIMESTAMP,
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.UNKNOWN_SERVER_ERROR,
  ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
])

/** A duplicate is answered with the time of the batch, as Kafka does. */
const original = (result: AppendResult, records: Uint8Array): AppendResult =>
  result.duplicate ? { ...result, logAppendTimeMs: RecordBatch.maxTimestamp(records, 0) } : result

/** From this version of Produce on, producers speak the second transaction protocol: partitions join by being written to. */
const transactionVersion2Since = 12

/** What is refused by the coordinator of a transaction says so in its message. */
const notVerified = "the transaction may not write here"

/** Not every producer tries again after these; after NOT_ENOUGH_REPLICAS they do, without asking for metadata. */
const passing: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR
])

/** Of what is refused by the coordinator, this comes with words. */
const explainedRefusals: ReadonlySet<number> = new Set([ErrorCode.INVALID_TXN_STATE, ErrorCode.NOT_ENOUGH_REPLICAS])

/** What a producer is told when a coordinator refuses: in the second protocol, that the transaction before is still ending. */
const refusalOf = (code: number, version: number): number =>
  passing.has(code) || (code === ErrorCode.CONCURRENT_TRANSACTIONS && version < transactionVersion2Since)
    ? ErrorCode.NOT_ENOUGH_REPLICAS
    : code

const failed = ({ index, records }: PartitionData, partition: Partition, error: PartitionError): PartitionResponse => {
  const verification = error.message === notVerified
  const logged = !verification && refusedByLog.has(error.code) && records !== null && !isMalformed(records, error.code)
  const explained = error.recordErrors.length > 0 || error.code === ErrorCode.INVALID_TIMESTAMP
    || (verification && explainedRefusals.has(error.code))
  return {
    index,
    errorCode: error.code,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: logged ? partition.logStartOffset : -1,
    recordErrors: error.recordErrors.map(({ batchIndex, message }) => ({
      batchIndex,
      batchIndexErrorMessage: message
    })),
    errorMessage: explained ? error.message : null
  }
}

const succeeded = (index: number, result: AppendResult): PartitionResponse => ({
  index,
  errorCode: 0,
  baseOffset: result.baseOffset,
  logAppendTimeMs: result.logAppendTimeMs,
  logStartOffset: result.logStartOffset,
  recordErrors: [],
  errorMessage: null
})

/** Asks the coordinator whether a transaction may write here, which the partition joins thereby in the second protocol. */
const verify = (
  transactions: TransactionCoordinator["Service"],
  transactionalId: string | null,
  version: number,
  { partition, producerEpoch, producerId, topic }: TransactionToVerify
): Effect.Effect<void, PartitionError> => {
  const refuse = (code: number) =>
    Effect.fail(new PartitionError({ code: refusalOf(code, version), message: notVerified, recordErrors: [] }))
  if (transactionalId === null) return refuse(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  const operation = version >= transactionVersion2Since ? "add" : version === 11 ? "abortable" : "default"
  const topics = [{ name: topic, partitions: [partition] }]
  return Effect.flatMap(
    transactions.verify({ transactionalId, producerId, producerEpoch, operation, topics }),
    (verified) => {
      const refusal = verified.find(({ errorCode }) => errorCode !== 0)
      return refusal === undefined ? Effect.void : refuse(refusal.errorCode)
    }
  )
}

/** The client id with which Kafka's own tools may write to internal topics. */
const adminClientId = "__admin_client"

/**
 * The handler of Produce.
 *
 * @since 0.1.0
 */
export const handler = Effect.map(
  Handler.make(
    ProduceRequest,
    ProduceResponse,
    Effect.gen(function*() {
      const { image } = yield* Controller
      const replicas = yield* ReplicaManager
      const transactions = yield* TransactionCoordinator

      const appendOne = (
        data: PartitionData,
        topic: string | null,
        options: AppendOptions,
        clientId: string | null,
        unknown: number
      ): Effect.Effect<Outcome> => {
        const { index, records } = data
        if (topic === null) return Effect.succeed(refused(index, unknown))
        if (TopicName.internalTopics.has(topic) && clientId !== adminClientId) {
          return Effect.succeed(
            refused(index, ErrorCode.INVALID_TOPIC_EXCEPTION, `Cannot append to internal topic ${topic}`)
          )
        }
        const partition = replicas.get(topic, index)
        if (partition === undefined) return Effect.succeed(refused(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
        if (records === null) return Effect.succeed(refused(index, ErrorCode.INVALID_RECORD, "no records"))
        return Effect.match(partition.append(records, options), {
          onSuccess: (result): Outcome => ({ _tag: "Appended", partition, index, result: original(result, records) }),
          onFailure: (error): Outcome => ({ _tag: "Refused", response: failed(data, partition, error) })
        })
      }

      const appendTopic = (
        { name, partitionData, topicId }: TopicData,
        options: AppendOptions,
        clientId: string | null,
        version: number
      ): Effect.Effect<ReadonlyArray<Outcome>> => {
        const topic = version >= 13 ? image.topicsById.get(topicId)?.name ?? null : image.topics.has(name) ? name : null
        const unknown = version >= 13 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return Effect.forEach(
          partitionData,
          (data) => appendOne(data, topic, options, clientId, unknown),
          { concurrency: partitionData.some(leavesLoop) ? produceConcurrencyMax : 1 }
        )
      }

      const waits = (outcome: Outcome): boolean =>
        outcome._tag === "Appended" && outcome.result.lastOffset >= outcome.partition.highWatermark

      const committed = (outcome: Outcome, timeoutMs: number): Effect.Effect<PartitionResponse> => {
        if (outcome._tag === "Refused") return Effect.succeed(outcome.response)
        const { index, partition, result } = outcome
        if (!waits(outcome)) return Effect.succeed(succeeded(index, result))
        return partition.awaitCommitted(result.lastOffset).pipe(
          Effect.match({
            onSuccess: () => succeeded(index, result),
            onFailure: (error) => failed({ index, records: null }, partition, error)
          }),
          Effect.timeoutOrElse({
            duration: Math.max(0, timeoutMs),
            orElse: () => Effect.succeed({ ...succeeded(index, result), errorCode: ErrorCode.REQUEST_TIMED_OUT })
          })
        )
      }

      return Effect.fnUntraced(function*(request, { clientId, version }) {
        const { acks, timeoutMs, topicData, transactionalId } = request
        if (acks < -1 || acks > 1) {
          const responses = topicData.map(({ name, partitionData, topicId }) => ({
            name,
            topicId,
            partitionResponses: partitionData.map(({ index }) => {
              const outcome = refused(index, ErrorCode.INVALID_REQUIRED_ACKS)
              return outcome._tag === "Refused" ? outcome.response : succeeded(index, outcome.result)
            })
          }))
          return { responses, throttleTimeMs: 0 }
        }
        const options: AppendOptions = {
          origin: "client",
          acksAll: acks === -1,
          zstdAllowed: version >= 7,
          transactionVersion: version >= transactionVersion2Since ? 2 : 0,
          verifyTransaction: (transaction) => verify(transactions, transactionalId, version, transaction),
          verifyRetry: transactions.verifyRetry
        }
        const outcomes: Array<ReadonlyArray<Outcome>> = []
        for (const topic of topicData) outcomes.push(yield* appendTopic(topic, options, clientId, version))
        if (acks === 0) {
          return outcomes.some((topic) => topic.some(({ _tag }) => _tag === "Refused"))
            ? Handler.close
            : Handler.noResponse
        }
        const response = Effect.gen(function*() {
          const responses: Array<Response["responses"][number]> = []
          for (const [i, { name, topicId }] of topicData.entries()) {
            const partitionResponses: Array<PartitionResponse> = []
            for (const outcome of outcomes[i]!) partitionResponses.push(yield* committed(outcome, timeoutMs))
            responses.push({ name, topicId, partitionResponses })
          }
          return { responses, throttleTimeMs: 0 }
        })
        return outcomes.some((topic) => topic.some(waits)) ? new Handler.Later(response) : yield* response
      })
    })
  ),
  Handler.keepingNoBytes
)
