/**
 * Produce: appends record batches to partitions.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, records, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ProduceRequest = Message.request(Api.byName("Produce"), {
  transactionalId: string({ nullable: true, default: null }),
  acks: int16(),
  timeoutMs: int32(),
  topicData: array({
    name: string({ until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitionData: array({
      index: int32(),
      records: records({ nullable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ProduceRequest = Message.Type<typeof ProduceRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ProduceResponse = Message.response(Api.byName("Produce"), {
  responses: array({
    name: string({ until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitionResponses: array({
      index: int32(),
      errorCode: int16(),
      baseOffset: int64(),
      logAppendTimeMs: int64({ default: -1, ignorable: true }),
      logStartOffset: int64({ since: 5, default: -1, ignorable: true }),
      recordErrors: array({ since: 8, ignorable: true }, {
        batchIndex: int32(),
        batchIndexErrorMessage: string({ nullable: true, default: null })
      }),
      errorMessage: string({ since: 8, nullable: true, default: null, ignorable: true }),
      currentLeader: struct({ since: 10, tag: 0 }, {
        leaderId: int32({ default: -1 }),
        leaderEpoch: int32({ default: -1 })
      })
    })
  }),
  throttleTimeMs: int32({ default: 0, ignorable: true }),
  nodeEndpoints: array({ since: 10, tag: 0 }, {
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string({ nullable: true, default: null })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ProduceResponse = Message.Type<typeof ProduceResponse>
