import { TaskManager } from "@millrace/client/streams/runtime/TaskManager"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const copies = Topic.make("copies", { key: Serde.string, value: Serde.string })
const copying = Topology.make(KStream.from(lines).pipe(KStream.to(copies)))

const perTask = 2500
const tasksCount = 4
const msPerRecord = 0.01

/** Tasks with records that each take a while by a clock that says nothing of the time of day. */
const start = (wallMs: number) => {
  let monotonicMs = 5
  const tasks = new TaskManager({
    topology: Result.getOrThrow(Topology.resolve(copying, { applicationId: "app" })),
    output: {
      partitionCount: () => tasksCount,
      send: () => {
        monotonicMs += msPerRecord
      }
    },
    effects: { run: () => () => {} },
    maxTaskIdleMs: 0,
    emitIntervalMs: 0,
    currentTimeMillis: () => wallMs,
    measuring: { nanoTime: () => monotonicMs * 1e6 }
  })
  tasks.addUnsafe(Array.from({ length: tasksCount }, (_, partition) => ({ topic: "lines", partition })))
  for (const managed of tasks.tasks.values()) {
    managed.state = "running"
    let taken = -1
    const record = {
      get offset() {
        return taken
      },
      timestamp: 0,
      key: () => null,
      value: () => Serde.string.serializeUnsafe("a"),
      headers: () => []
    }
    const cursor = () => ({ next: () => ++taken < perTask, record })
    managed.task.addUnsafe(managed.task.queueOf("lines")!, {
      cursor,
      nextOffset: perTask,
      leaderEpoch: 0,
      sizeInBytes: 1
    })
  }
  return tasks
}

describe("TaskManager", () => {
  for (const wallMs of [0, 1_800_000_000_000]) {
    it(`lets tasks work for as long as they may, whatever the time of day (${wallMs})`, () => {
      assert.strictEqual(start(wallMs).processUnsafe(1000), tasksCount * perTask)
      // The task that is at work when the time is over has its turn of a thousand records.
      assert.strictEqual(start(wallMs).processUnsafe(15), 2000)
    })
  }

  it("goes on with the task after the last one that had its turn", () => {
    const tasks = start(0)
    const done = [1, 2, 3, 4].map(() => tasks.processUnsafe(1))
    assert.deepStrictEqual(done, [1000, 1000, 1000, 1000])
    assert.deepStrictEqual([...tasks.tasks.values()].map(({ task }) => task.measures.processed), [
      1000,
      1000,
      1000,
      1000
    ])
  })
})
