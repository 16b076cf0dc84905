/**
 * DescribeGroups (key 15): the states and members of groups (KIP-345, KIP-1043).
 *
 * @since 0.1.0
 */
import { DescribeGroupsRequest, DescribeGroupsResponse } from "@millrace/core/protocol/messages/DescribeGroups"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of DescribeGroups.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeGroupsRequest,
  DescribeGroupsResponse,
  Effect.map(
    GroupCoordinator,
    (groups) => (request, context) => groups.describeGroups(request, coordinatorContext(context))
  )
)
