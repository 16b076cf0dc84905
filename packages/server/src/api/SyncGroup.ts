/**
 * SyncGroup (key 14): members fetch their assignments, the leader brings them (KIP-345, KIP-559).
 *
 * @since 0.1.0
 */
import { SyncGroupRequest, SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of SyncGroup.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  SyncGroupRequest,
  SyncGroupResponse,
  Effect.map(GroupCoordinator, (groups) => (request, context) => groups.syncGroup(request, coordinatorContext(context)))
)
