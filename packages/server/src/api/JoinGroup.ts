/**
 * JoinGroup (key 11): a member comes, or comes again: waits until the group has a new generation (KIP-394, KIP-345, KIP-800, KIP-814).
 *
 * @since 0.1.0
 */
import { JoinGroupRequest, JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of JoinGroup.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  JoinGroupRequest,
  JoinGroupResponse,
  Effect.map(GroupCoordinator, (groups) => (request, context) => groups.joinGroup(request, coordinatorContext(context)))
)
