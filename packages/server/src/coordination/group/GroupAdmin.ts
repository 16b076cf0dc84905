/**
 * ListGroups, DescribeGroups and DeleteGroups, each for the groups of one partition.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { DescribeGroupsResponse } from "@millrace/core/protocol/messages/DescribeGroups"
import type { ListGroupsRequest, ListGroupsResponse } from "@millrace/core/protocol/messages/ListGroups"
import { answer, type Ticket } from "../shard/ShardDecision.ts"
import type { ClassicGroup, ClassicMember } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import * as Foreign from "./ForeignGroup.ts"
import type { GroupDecision } from "./GroupDraft.ts"
import type { GroupState } from "./GroupState.ts"
import * as OffsetRemovals from "./OffsetRemovals.ts"

type Listed = ListGroupsResponse["groups"][number]
type Described = DescribeGroupsResponse["groups"][number]

/** The first version that names a group that does not exist as an error. */
const notFoundSince = 6

/** Authorized operations that nobody asked for. */
const operationsNotAsked = -2147483648

/**
 * The groups that pass a request's filters; their names are compared without regard to case.
 *
 * @since 0.1.0
 */
export const list = (state: GroupState, request: ListGroupsRequest): ReadonlyArray<Listed> => {
  const all: Array<Listed> = []
  for (const group of state.groups.values()) {
    all.push({
      groupId: group.groupId,
      protocolType: group.protocolType ?? "",
      groupState: group.state,
      groupType: "classic"
    })
  }
  for (const [groupId, foreign] of state.foreign) {
    if (state.groups.has(groupId)) continue
    const { groupType } = foreign
    all.push({ groupId, protocolType: groupType, groupState: Foreign.isLive(foreign) ? "Stable" : "Empty", groupType })
  }
  const states = request.statesFilter.map((name) => name.toLowerCase())
  const types = request.typesFilter.map((name) => name.toLowerCase())
  return all.filter((group) =>
    (states.length === 0 || states.includes(group.groupState.toLowerCase())) &&
    (types.length === 0 || types.includes(group.groupType))
  )
}

/**
 * A group for DescribeGroups. Only classic groups are described; others are as if they did not exist.
 *
 * @since 0.1.0
 */
export const describe = (state: GroupState, groupId: string, apiVersion: number): Described => {
  const group = state.groups.get(groupId)
  if (group === undefined) {
    return apiVersion < notFoundSince
      ? undescribed(groupId, ErrorCode.NONE, null)
      : undescribed(
        groupId,
        ErrorCode.GROUP_ID_NOT_FOUND,
        state.foreign.has(groupId) ? `Group ${groupId} is not a classic group.` : `Group ${groupId} not found.`
      )
  }
  const stable = group.state === "Stable"
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? "",
    protocolData: stable ? group.protocolName ?? "" : "",
    members: [...group.members.values()].map((member) => describedMember(group, member)),
    authorizedOperations: operationsNotAsked
  }
}

/**
 * A group that cannot be described.
 *
 * @since 0.1.0
 */
export const undescribed = (groupId: string, errorCode: number, errorMessage: string | null): Described => ({
  errorCode,
  errorMessage,
  groupId,
  groupState: errorCode === ErrorCode.NONE || errorCode === ErrorCode.GROUP_ID_NOT_FOUND ? "Dead" : "",
  protocolType: "",
  protocolData: "",
  members: [],
  authorizedOperations: operationsNotAsked
})

const describedMember = (group: ClassicGroup, member: ClassicMember): Described["members"][number] => {
  const stable = group.state === "Stable"
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    memberMetadata: stable ? Classic.metadataOf(member, group.protocolName) : Classic.noBytes,
    memberAssignment: stable ? member.assignment : Classic.noBytes
  }
}

/**
 * Decides the deletion of a group; the answer is an error code.
 *
 * @since 0.1.0
 */
export const deleteGroup = (state: GroupState, groupId: string, ticket: Ticket<number>): GroupDecision => {
  const group = state.groups.get(groupId)
  const foreign = state.foreign.get(groupId)
  if (group === undefined && foreign === undefined) return answer(ticket, ErrorCode.GROUP_ID_NOT_FOUND)
  if (Foreign.isLive(foreign) || (group !== undefined && group.state !== "Empty")) {
    return answer(ticket, ErrorCode.NON_EMPTY_GROUP)
  }
  return {
    ...answer(ticket, ErrorCode.NONE),
    events: OffsetRemovals.groupDeleted(state, groupId),
    splittable: true
  }
}
