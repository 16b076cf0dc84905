/**
 * LeaveGroup (key 13): members leave (KIP-345, KIP-800).
 *
 * @since 0.1.0
 */
import { LeaveGroupRequest, LeaveGroupResponse } from "@millrace/core/protocol/messages/LeaveGroup"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of LeaveGroup.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  LeaveGroupRequest,
  LeaveGroupResponse,
  Effect.map(
    GroupCoordinator,
    (groups) => (request, context) => groups.leaveGroup(request, coordinatorContext(context))
  )
)
