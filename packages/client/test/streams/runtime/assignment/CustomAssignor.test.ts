import {
  type Assignment,
  fromCustom,
  InvalidAssignment
} from "@millrace/client/streams/runtime/assignment/CustomAssignor"
import type { Question } from "@millrace/client/streams/runtime/assignment/TaskAssignor"
import { assert, describe, it } from "@effect/vitest"

const client = (processId: string) => ({
  processId,
  threads: 1,
  lags: new Map(),
  tags: new Map(),
  rack: undefined,
  previousActive: [],
  previousStandby: []
})

const question: Question = {
  clients: [client("a"), client("b")],
  tasks: ["0_0", "1_0"],
  statefulTasks: new Set(["1_0"]),
  configs: {
    acceptableRecoveryLag: 0,
    maxWarmupReplicas: 0,
    numStandbyReplicas: 0,
    rackAwareAssignmentTags: [],
    rackAwareAssignmentStrategy: "none",
    rackAwareAssignmentTrafficCost: undefined,
    rackAwareAssignmentNonOverlapCost: undefined
  }
}

const answer = (processes: Readonly<Record<string, { active: Array<string>; standby?: Array<string> }>>) =>
  fromCustom((): Assignment => ({ processes: new Map(Object.entries(processes)) }))(question)

const refused = (processes: Parameters<typeof answer>[0]) => {
  try {
    answer(processes)
  } catch (cause) {
    if (cause instanceof InvalidAssignment) return cause.reason
  }
  return undefined
}

describe("an assignor of an app's own", () => {
  it("is followed; who is not named gets nothing", () => {
    const { clients, isProbingNeeded } = answer({ a: { active: ["0_0", "1_0"] } })
    assert.deepStrictEqual(clients.map(({ active }) => [...active]), [["0_0", "1_0"], []])
    assert.isFalse(isProbingNeeded)
    const spread = answer({ a: { active: ["0_0"], standby: ["1_0"] }, b: { active: ["1_0"] } })
    assert.deepStrictEqual(spread.clients.map(({ standby }) => [...standby]), [["1_0"], []])
  })

  it("is refused with what cannot be", () => {
    assert.strictEqual(refused({ c: { active: ["0_0", "1_0"] } }), "UnknownProcess")
    assert.strictEqual(refused({ a: { active: ["0_0", "1_0", "2_0"] } }), "UnknownTask")
    assert.strictEqual(refused({ a: { active: ["0_0", "1_0"] }, b: { active: [], standby: ["2_0"] } }), "UnknownTask")
    assert.strictEqual(refused({ a: { active: ["0_0", "1_0"] }, b: { active: ["0_0"] } }), "ActiveTwice")
    assert.strictEqual(refused({ a: { active: ["0_0"] } }), "NotActive")
    assert.strictEqual(
      refused({ a: { active: ["0_0", "1_0"] }, b: { active: [], standby: ["0_0"] } }),
      "InvalidStandby"
    )
    assert.strictEqual(refused({ a: { active: ["0_0", "1_0"], standby: ["1_0"] } }), "InvalidStandby")
    const throwing = fromCustom(() => {
      throw new RangeError("no")
    })
    assert.throws(() => throwing(question), InvalidAssignment, "it has thrown RangeError: no")
  })
})
