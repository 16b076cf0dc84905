/**
 * ListGroups (key 16): the groups of this broker (KIP-518, KIP-848).
 *
 * @since 0.1.0
 */
import { ListGroupsRequest, ListGroupsResponse } from "@millrace/core/protocol/messages/ListGroups"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of ListGroups.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  ListGroupsRequest,
  ListGroupsResponse,
  Effect.map(
    GroupCoordinator,
    (groups) => (request, context) => groups.listGroups(request, coordinatorContext(context))
  )
)
