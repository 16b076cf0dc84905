/**
 * OffsetDelete (key 47): forgets how far a group has read (KIP-496).
 *
 * @since 0.1.0
 */
import { OffsetDeleteRequest, OffsetDeleteResponse } from "@millrace/core/protocol/messages/OffsetDelete"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of OffsetDelete.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  Effect.map(
    GroupCoordinator,
    (groups) => (request, context) => groups.offsetDelete(request, coordinatorContext(context))
  )
)
