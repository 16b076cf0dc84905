/**
 * AddPartitionsToTxn: adds partitions to a transaction.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

const AddPartitionsToTxnTopic = {
  name: string(),
  partitions: array(int32())
}

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AddPartitionsToTxnRequest = Message.request(Api.byName("AddPartitionsToTxn"), {
  transactions: array({ since: 4 }, {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    verifyOnly: boolean({ default: false }),
    topics: array(AddPartitionsToTxnTopic)
  }),
  v3AndBelowTransactionalId: string({ until: 3 }),
  v3AndBelowProducerId: int64({ until: 3 }),
  v3AndBelowProducerEpoch: int16({ until: 3 }),
  v3AndBelowTopics: array({ until: 3 }, AddPartitionsToTxnTopic)
})

/** What decoding gives. @since 0.1.0 */
export type AddPartitionsToTxnRequest = Message.Type<typeof AddPartitionsToTxnRequest>

const AddPartitionsToTxnPartitionResult = {
  partitionIndex: int32(),
  partitionErrorCode: int16()
}

const AddPartitionsToTxnTopicResult = {
  name: string(),
  resultsByPartition: array(AddPartitionsToTxnPartitionResult)
}

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AddPartitionsToTxnResponse = Message.response(Api.byName("AddPartitionsToTxn"), {
  throttleTimeMs: int32(),
  errorCode: int16({ since: 4, ignorable: true }),
  resultsByTransaction: array({ since: 4 }, {
    transactionalId: string(),
    topicResults: array(AddPartitionsToTxnTopicResult)
  }),
  resultsByTopicV3AndBelow: array({ until: 3 }, AddPartitionsToTxnTopicResult)
})

/** What decoding gives. @since 0.1.0 */
export type AddPartitionsToTxnResponse = Message.Type<typeof AddPartitionsToTxnResponse>
