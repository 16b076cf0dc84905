/**
 * Bugs of groups: who owns a partition, and where the group is in it.
 */
import { client, type Mutant, server } from "./Mutant.ts"

const group = `${server}/coordination/group`

export const groups: ReadonlyArray<Mutant> = [
  {
    name: "zombie-members-commit",
    does: "takes commits of members of an older generation, and of those that are gone",
    causes: ["duplicate", "streams-output"],
    seedsMax: 400,
    edits: [{
      file: `${group}/OffsetCommits.ts`,
      find:
        "    if (invalid !== ErrorCode.NONE) return invalid\n    if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION\n",
      replace:
        "    if (invalid === ErrorCode.NONE && generationId > group.generationId) return ErrorCode.ILLEGAL_GENERATION\n"
    }]
  },
  {
    name: "drop-offsets-of-transactions",
    does: "drops the offsets of a transaction when it is committed",
    causes: ["duplicate", "streams-output"],
    seedsMax: 100,
    edits: [{
      file: `${group}/GroupState.ts`,
      find: "    if (!marker.committed) continue\n",
      replace: "    if (!marker.committed || state.order >= 0) continue\n"
    }]
  },
  {
    name: "markers-not-replayed",
    does: "passes over markers when it reads the log of a group again",
    causes: ["stuck", "duplicate", "streams-output", "unseen"],
    seedsMax: 500,
    edits: [{
      file: `${server}/coordination/shard/Shard.ts`,
      find: "        marker: (marker) => machine.applyMarker(state, marker)\n",
      replace: "        marker: () => {}\n"
    }]
  },
  {
    name: "sessions-forgotten-on-load",
    does: "does not watch over the members of the groups that it reads from its log",
    causes: ["stuck", "unseen", "streams-output"],
    seedsMax: 300,
    edits: [{
      file: `${group}/GroupMachine.ts`,
      find:
        "    for (const member of draft.group.members.values()) draft.renewSession(member.memberId, member.sessionTimeoutMs)\n",
      replace: ""
    }]
  },
  {
    name: "assign-a-partition-twice",
    does: "gives each partition to all members of a group",
    causes: ["duplicate", "streams-output"],
    seedsMax: 150,
    edits: [{
      file: `${client}/consumer/assignor/Range.ts`,
      find: "  for (const cut of cuts) cut.deal(assignment, false)\n",
      replace:
        "  for (const { members, topic } of cuts) {\n    for (const { memberId } of members) for (const partition of topic.racks.keys()) assignment.get(memberId)!.push({ topic: topic.name, partition })\n  }\n"
    }]
  },
  {
    name: "no-revoke",
    does: "does not tell the application that its partitions are being taken away",
    causes: ["duplicate", "streams-output", "defect", "stuck"],
    seedsMax: 500,
    edits: [{
      file: `${client}/consumer/PollEngine.ts`,
      find: "      restore(this.#listener.onRevoked?.(partitions) ?? Effect.void),\n",
      replace: "      restore(Effect.void),\n"
    }]
  },
  {
    name: "reset-to-latest",
    does: "begins at the end where a group has committed nothing",
    causes: ["unseen", "streams-output"],
    seedsMax: 60,
    edits: [{
      file: `${client}/consumer/PositionSearch.ts`,
      find: `one.search === "committed" ? offsetResetOf(state.topic) :`,
      replace: `one.search === "committed" ? offsetResetOf(state.topic) === "none" ? "none" : "latest" :`
    }]
  },
  {
    name: "commit-what-was-given-up",
    does: "commits a batch in a transaction although its partition was given up meanwhile",
    causes: ["duplicate"],
    seedsMax: 600,
    edits: [{
      file: `${client}/transaction/Transaction.ts`,
      find: "if (!producer.takers.areTakenOwned) {",
      replace: "if (producer.takers === undefined) {"
    }]
  }
]
