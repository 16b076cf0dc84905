/**
 * DeleteGroups (key 42): deletes groups that are empty (KIP-229).
 *
 * @since 0.1.0
 */
import { DeleteGroupsRequest, DeleteGroupsResponse } from "@millrace/core/protocol/messages/DeleteGroups"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of DeleteGroups.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DeleteGroupsRequest,
  DeleteGroupsResponse,
  Effect.map(
    GroupCoordinator,
    (groups) => (request, context) => groups.deleteGroups(request, coordinatorContext(context))
  )
)
