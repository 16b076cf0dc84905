/**
 * FindCoordinator: asks which broker coordinates a group, a transaction or a share partition.
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
export const FindCoordinatorRequest = Message.request(Api.byName("FindCoordinator"), {
  key: string({ until: 3 }),
  keyType: int8({ since: 1, default: 0 }),
  coordinatorKeys: array({ since: 4 }, string())
})

/** What decoding gives. @since 0.1.0 */
export type FindCoordinatorRequest = Message.Type<typeof FindCoordinatorRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const FindCoordinatorResponse = Message.response(Api.byName("FindCoordinator"), {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16({ until: 3 }),
  errorMessage: string({ since: 1, until: 3, nullable: true, ignorable: true }),
  nodeId: int32({ until: 3 }),
  host: string({ until: 3 }),
  port: int32({ until: 3 }),
  coordinators: array({ since: 4 }, {
    key: string(),
    nodeId: int32(),
    host: string(),
    port: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: true, ignorable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type FindCoordinatorResponse = Message.Type<typeof FindCoordinatorResponse>
