/**
 * Heartbeat (key 12): a member is alive, and learns of a rebalance (KIP-345).
 *
 * @since 0.1.0
 */
import { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of Heartbeat.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  HeartbeatRequest,
  HeartbeatResponse,
  Effect.map(GroupCoordinator, (groups) => (request, context) => groups.heartbeat(request, coordinatorContext(context)))
)
