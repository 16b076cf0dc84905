/**
 * ElectLeaders: elects leaders of partitions, preferred or unclean.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ElectLeadersRequest = Message.request(Api.byName("ElectLeaders"), {
  electionType: int8({ since: 1 }),
  topicPartitions: array({ nullable: true }, {
    topic: string(),
    partitions: array(int32())
  }),
  timeoutMs: int32({ default: 60000 })
})

/** What decoding gives. @since 0.1.0 */
export type ElectLeadersRequest = Message.Type<typeof ElectLeadersRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ElectLeadersResponse = Message.response(Api.byName("ElectLeaders"), {
  throttleTimeMs: int32(),
  errorCode: int16({ since: 1 }),
  replicaElectionResults: array({
    topic: string(),
    partitionResult: array({
      partitionId: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ElectLeadersResponse = Message.Type<typeof ElectLeadersResponse>
