/**
 * OffsetCommit and TxnOffsetCommit: who may commit, and what is stored.
 *
 * Keeps true: a member of an old generation commits nothing; a group that has members takes no commits from outside. A
 * commit of a member is a sign of life.
 * Leaves to others: topics that do not exist (`GroupCoordinator`), when a transaction's offsets count (`GroupState`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { answer, type Ticket } from "../shard/ShardDecision.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import * as Foreign from "./ForeignGroup.ts"
import type { GroupConfig } from "./GroupConfig.ts"
import type { GroupDecision } from "./GroupDraft.ts"
import type { CommittedOffset, GroupEvent } from "./GroupEvent.ts"
import type { GroupState } from "./GroupState.ts"
import * as Session from "./Session.ts"

/**
 * One offset that is to be committed. `topicId` zero where it is not known.
 *
 * @since 0.1.0
 */
export interface OffsetToCommit {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string | null
}

/**
 * A commit as it is decided. `retentionMs` -1: by the setting. `unknownGroupCode` is what a member of a group that does
 * not exist is told.
 *
 * @since 0.1.0
 */
export interface CommitInput {
  readonly groupId: string
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
  readonly retentionMs: number
  readonly transactional: boolean
  readonly unknownGroupCode: number
  readonly offsets: ReadonlyArray<OffsetToCommit>
}

/**
 * Decides a commit; the answer is an error code for each offset.
 *
 * @since 0.1.0
 */
export const commit = (
  state: GroupState,
  input: CommitInput,
  now: number,
  config: GroupConfig,
  ticket: Ticket<ReadonlyArray<number>>
): GroupDecision => {
  const existing = state.groups.get(input.groupId)
  const refusal = refusalOf(state, existing, input)
  if (refusal !== ErrorCode.NONE) return answer(ticket, input.offsets.map(() => refusal))
  const events: Array<GroupEvent> = []
  if (existing === undefined && !state.foreign.has(input.groupId)) {
    events.push({ type: "GroupChanged", groupId: input.groupId, group: Classic.empty(input.groupId, now) })
  }
  const codes = input.offsets.map((offset) => {
    if (metadataBytes(offset) > config.offsetMetadataMaxBytes) return ErrorCode.OFFSET_METADATA_TOO_LARGE
    events.push({ type: "OffsetCommitted", groupId: input.groupId, offset: committed(offset, input, now) })
    return ErrorCode.NONE
  })
  const timers = input.transactional || existing === undefined ? [] : signOfLife(existing, input.memberId, now)
  return { ...answer(ticket, codes), events, timers }
}

const signOfLife = (group: ClassicGroup, memberId: string, now: number): GroupDecision["timers"] =>
  group.state === "Stable" || group.state === "PreparingRebalance" ? Session.renewed(group, memberId, now) : []

/** Kafka counts UTF-16 units here, whatever the setting's name says. */
const metadataBytes = (offset: OffsetToCommit): number => offset.metadata?.length ?? 0

const committed = (offset: OffsetToCommit, input: CommitInput, now: number): CommittedOffset => ({
  topic: offset.topic,
  partition: offset.partition,
  offset: offset.offset,
  leaderEpoch: offset.leaderEpoch,
  metadata: offset.metadata ?? "",
  commitTimestampMs: now,
  expireTimestampMs: input.retentionMs < 0 ? -1 : now + input.retentionMs,
  topicId: offset.topicId
})

const refusalOf = (state: GroupState, group: ClassicGroup | undefined, input: CommitInput): number => {
  const { generationId, groupInstanceId, memberId, transactional } = input
  if (group === undefined) {
    const foreign = state.foreign.get(input.groupId)
    if (generationId < 0 && !Foreign.isLive(foreign)) return ErrorCode.NONE
    // The members of a group of another kind are not known here.
    return foreign === undefined ? input.unknownGroupCode : ErrorCode.UNKNOWN_MEMBER_ID
  }
  if (generationId < 0 && group.state === "Empty") return ErrorCode.NONE
  if (generationId >= 0 || memberId !== "" || groupInstanceId !== null) {
    const invalid = Classic.validateMember(group, memberId, groupInstanceId)
    if (invalid !== ErrorCode.NONE) return invalid
    if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  } else if (!transactional && group.state !== "Empty") return ErrorCode.UNKNOWN_MEMBER_ID
  // The member has the new generation, but not its assignment: whatever it read belongs to the old one.
  return !transactional && group.state === "CompletingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}
