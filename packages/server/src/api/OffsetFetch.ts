/**
 * OffsetFetch (key 9): how far groups have read (KIP-88, KIP-447, KIP-709, KIP-848).
 *
 * @since 0.1.0
 */
import { OffsetFetchRequest, OffsetFetchResponse } from "@millrace/core/protocol/messages/OffsetFetch"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of OffsetFetch.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  OffsetFetchRequest,
  OffsetFetchResponse,
  Effect.map(
    GroupCoordinator,
    (groups) => (request, context) => groups.offsetFetch(request, coordinatorContext(context))
  )
)
