/**
 * The group coordinator as a tenant of shards: how its state begins, and what its timers do.
 *
 * @since 0.1.0
 */
import type { Decision } from "../shard/ShardDecision.ts"
import { nothing } from "../shard/ShardDecision.ts"
import type { ShardMachine } from "../shard/ShardMachine.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import * as limits from "../../limits.ts"
import * as Foreign from "./ForeignGroup.ts"
import type { GroupConfig } from "./GroupConfig.ts"
import { type GroupDecision, GroupDraft, type GroupTimer } from "./GroupDraft.ts"
import type { GroupEvent } from "./GroupEvent.ts"
import * as Event from "./GroupEvent.ts"
import type { GroupState } from "./GroupState.ts"
import * as State from "./GroupState.ts"
import * as OffsetRemovals from "./OffsetRemovals.ts"
import * as Rebalance from "./Rebalance.ts"
import * as Session from "./Session.ts"

/**
 * The machine of the group coordinator.
 *
 * @since 0.1.0
 */
export type GroupMachine = ShardMachine<GroupState, GroupEvent, GroupTimer, never>

/**
 * A machine with these settings.
 *
 * @since 0.1.0
 */
export const make = (config: GroupConfig): GroupMachine => ({
  name: "group",
  empty: State.empty,
  encode: Event.encode,
  decode: Event.decode,
  apply: State.apply,
  applyMarker: State.applyMarker,
  loaded: (state, now) => loaded(state, now, config),
  fired: (state, timer, now, cautiousNow) =>
    timer.type === "ExpireOffsets"
      ? OffsetRemovals.expire(state, now, cautiousNow, config)
      : fired(state, timer, now, config)
})

/** The groups of the log come to life: all members have a full session ahead of them. */
const loaded = (state: GroupState, now: number, config: GroupConfig): GroupDecision => {
  const decisions: Array<GroupDecision> = []
  for (const [groupId, value] of state.stored) {
    const draft = new GroupDraft(Classic.ofValue(groupId, value), now, config)
    for (const member of draft.group.members.values()) draft.renewSession(member.memberId, member.sessionTimeoutMs)
    if (draft.group.members.size > config.sizeMax) Rebalance.prepare(draft)
    decisions.push(draft.decision())
  }
  const simple = new Set([...state.offsets.keys(), ...state.pending.keys()])
  for (const groupId of simple) {
    if (state.stored.has(groupId) || state.foreign.has(groupId)) continue
    decisions.push({ ...nothing, events: [changed(Classic.empty(groupId, -1))] })
  }
  const sessions = [...state.foreign]
    .filter(([, group]) => Foreign.isLive(group))
    .map(([groupId]) => Foreign.sessionTimer(groupId, now + limits.foreignGroupSessionMs))
  const expire = OffsetRemovals.expireTimer(now + config.offsetsRetentionCheckIntervalMs)
  return joined([...decisions, { ...nothing, timers: [expire, ...sessions] }])
}

const changed = (group: ClassicGroup): GroupEvent => ({ type: "GroupChanged", groupId: group.groupId, group })

const joined = <E, T, A>(decisions: ReadonlyArray<Decision<E, T, A>>): Decision<E, T, A> => ({
  events: decisions.flatMap((decision) => decision.events),
  completions: decisions.flatMap((decision) => decision.completions),
  timers: decisions.flatMap((decision) => decision.timers),
  actions: decisions.flatMap((decision) => decision.actions)
})

const fired = (
  state: GroupState,
  timer: Exclude<GroupTimer, { readonly type: "ExpireOffsets" }>,
  now: number,
  config: GroupConfig
): GroupDecision => {
  if (timer.type === "ForeignSession") {
    const foreign = state.foreign.get(timer.groupId)
    return foreign === undefined ? nothing : { ...nothing, events: Foreign.membersRemoved(timer.groupId, foreign) }
  }
  const group = state.groups.get(timer.groupId)
  if (group === undefined) return nothing
  const draft = new GroupDraft(group, now, config)
  switch (timer.type) {
    case "Session":
      return Session.sessionTimedOut(draft, timer.memberId)
    case "InitialJoin":
      Rebalance.initialDelayOver(draft, timer.delayMs, timer.remainingMs)
      return draft.decision()
    case "Join":
      Rebalance.completeJoin(draft)
      return draft.decision()
    case "Sync":
      Rebalance.syncTimedOut(draft, timer.generationId)
      return draft.decision()
  }
}
