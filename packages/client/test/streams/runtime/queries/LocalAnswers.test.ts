import { makeContext } from "@millrace/client/streams/engine/Flow"
import * as TaskStores from "@millrace/client/streams/engine/TaskStores"
import type { Instance } from "@millrace/client/streams/runtime/Instance"
import { LocalAnswers } from "@millrace/client/streams/runtime/queries/LocalAnswers"
import type { QueryFailure } from "@millrace/client/streams/runtime/queries/QueryError"
import { Turns } from "@millrace/client/streams/runtime/queries/Turns"
import { KGroupedStream, KStream, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import { question } from "./samples.ts"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const topology = Result.getOrThrow(Topology.resolve(
  Topology.make(KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" }))),
  { applicationId: "app" }
))

/** An instance with a copy of the stores of task 0_2, in a cluster that does not answer. */
const withCopy = (lag: number) => {
  const context = makeContext()
  const stores = TaskStores.make({
    topology,
    subTopology: 0,
    partition: 2,
    output: { send: () => {}, partitionCount: () => 4 },
    context
  })
  const thread = {
    status: { hasEnded: false },
    tasks: {
      tasks: new Map(),
      standbys: new Map([["0_2", { id: "0_2", partition: 2, context, stores, asked: stores }]])
    },
    restorer: { position: () => 5, lag: () => lag }
  }
  const instance = {
    topology,
    settings: { applicationId: "app" },
    state: { current: "RUNNING" },
    admin: { listConsumerGroupOffsets: () => Effect.never, listOffsets: () => Effect.never },
    cluster: { metadata: { topics: new Map([["words", { partitions: [{}, {}, {}, {}] }]]) } },
    globals: { stores: new Map() },
    turns: new Turns(),
    threads: () => [thread]
  } as unknown as Instance
  return { answers: new LocalAnswers(instance), thread }
}

const reasonOf = (failure: QueryFailure) => failure._tag === "QueryError" ? failure.reason : failure._tag

describe("LocalAnswers", () => {
  it.effect("answers from a copy only who allows it, in its time, even if the cluster does not answer", () =>
    Effect.gen(function*() {
      const { answers, thread } = withCopy(3)
      const ask = (more: Partial<typeof question>) =>
        Effect.flip(answers.answer({ ...question, ...more }, () => "an answer"))
      assert.strictEqual(reasonOf(yield* ask({})), "NotActive")
      assert.strictEqual(reasonOf(yield* ask({ lagMax: 2 })), "TooFarBehind")
      assert.strictEqual(reasonOf(yield* ask({ partition: 1 })), "NotPresent")
      assert.strictEqual(
        yield* answers.answer({ ...question, lagMax: 3, bound: new Map() }, () => "an answer"),
        "an answer"
      )
      const waiting = yield* Effect.forkChild(ask({ lagMax: 3, waitMs: 1000 }), { startImmediately: true })
      yield* TestClock.adjust(999)
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(2)
      assert.strictEqual(reasonOf(yield* Fiber.join(waiting)), "NotUpToBound")
      thread.status.hasEnded = true
      assert.strictEqual(reasonOf(yield* ask({ lagMax: 3 })), "NotPresent")
    }))
})
