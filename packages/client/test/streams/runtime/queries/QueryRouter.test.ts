import * as limits from "@millrace/client/limits"
import * as Position from "@millrace/client/streams/Position"
import type { Instance } from "@millrace/client/streams/runtime/Instance"
import type { Answer, LocalAnswers, Question } from "@millrace/client/streams/runtime/queries/LocalAnswers"
import * as Query from "@millrace/client/streams/runtime/queries/Query"
import { NotUpToBound, QueryError, type QueryFailure } from "@millrace/client/streams/runtime/queries/QueryError"
import type { QueryPeers } from "@millrace/client/streams/runtime/queries/QueryPeers"
import { QueryRouter } from "@millrace/client/streams/runtime/queries/QueryRouter"
import { KGroupedStream, KStream, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const topology = Result.getOrThrow(Topology.resolve(
  Topology.make(KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" }))),
  { applicationId: "app" }
))
const counts = Query.keyValueStore<string, number>("counts")

const host = (name: string) => ({
  host: name,
  port: 1,
  partitions: [0, 1].map((partition) => ({ topic: "words", partition }))
})

const answerOf = (position: Position.Position, entries: Answer["entries"], isLast = true): Answer => ({
  entries,
  isLast,
  isActive: true,
  position
})

const entry = (key: string, count: number) => ({
  key: Serde.string.serializeUnsafe(key),
  value: Serde.long.serializeUnsafe(count),
  timestamp: 0,
  start: 0,
  end: 0
})

/** An instance that has nothing, among others: `active` runs all tasks, `standby` has copies. Others answer by their name. */
const among = (
  answer: (name: string, question: Question) => Effect.Effect<Answer, QueryFailure>,
  isHere: "active" | "copy" | "no" = "no"
) => {
  const asked: Array<string> = []
  const state = { current: "RUNNING" }
  const instance = {
    topology,
    settings: { applicationId: "app", applicationServer: "here:1" },
    state,
    cluster: { metadata: { topics: new Map([["words", { partitions: [{}, {}] }]]) } },
    threads: () => [{ plan: { activeByHost: [host("active")], standbyByHost: [host("standby"), host("here")] } }]
  } as unknown as Instance
  const ask = (name: string, question: Question) =>
    Effect.suspend(() => {
      asked.push(`${name} ${question.partition} ${question.waitMs}`)
      return answer(name, question)
    })
  const local: Pick<LocalAnswers, "answer" | "has" | "isActive"> = {
    answer: (question, read) => Effect.map(ask("here", question), read),
    has: () => isHere !== "no",
    isActive: () => isHere === "active"
  }
  const peers: Pick<QueryPeers, "ask"> = { ask: (address, question) => ask(address.host, question) }
  return { router: new QueryRouter(instance, local as LocalAnswers, peers), asked, state }
}

const failed = ({ partition, store }: Question, reason: QueryError["reason"]) =>
  Effect.fail(new QueryError({ reason, store, partition, detail: "as told" }))

/** Lets time pass until an effect has ended; how it ended, and after how many milliseconds. */
const elapsed = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Effect.result(effect), { startImmediately: true })
    let ms = 0
    while (fiber.pollUnsafe() === undefined && ms < 600_000) {
      yield* TestClock.adjust(10)
      ms += 10
    }
    return { result: yield* Fiber.join(fiber), ms }
  })

const reasonOf = <A>(result: Result.Result<A, QueryFailure>) =>
  Result.isSuccess(result)
    ? "found"
    : result.failure._tag === "QueryError"
    ? result.failure.reason
    : result.failure._tag

describe("QueryRouter", () => {
  it.effect("asks again while what is wrong may pass, and then says what was wrong last", () =>
    Effect.gen(function*() {
      for (const reason of ["Unreachable", "NotPresent", "NotActive"] as const) {
        const { asked, router } = among((_, question) => failed(question, reason))
        const { ms, result } = yield* elapsed(router.one(counts.get("a"), { timeout: "3 seconds" }))
        assert.strictEqual(reasonOf(result), reason)
        assert.isAtLeast(ms, 3000)
        assert.isAtMost(ms, 3000 + 2 * limits.queryBackoffMaxMs)
        assert.isAtLeast(asked.length, 10)
      }
      const { asked, router } = among((_, question) => failed(question, "StoreException"))
      const { ms, result } = yield* elapsed(router.one(counts.get("a"), {}))
      assert.deepStrictEqual([reasonOf(result), asked.length, ms], ["StoreException", 1, 0])
    }))

  it.effect("finds a task that has moved, and stops when its own instance does", () =>
    Effect.gen(function*() {
      let round = 0
      const moving = among((_, question) =>
        ++round < 4 ? failed(question, "NotPresent") : Effect.succeed(answerOf(Position.empty, [entry("a", 3)]))
      )
      const { result } = yield* elapsed(moving.router.one(counts.get("a"), {}))
      assert.isTrue(Result.isSuccess(result))
      if (Result.isSuccess(result)) {
        assert.deepStrictEqual([result.success.value?.value, result.success.host], [3, "active:1"])
      }
      const ending = among((_, question) => {
        ending.state.current = "NOT_RUNNING"
        return failed(question, "NotPresent")
      })
      assert.strictEqual(reasonOf((yield* elapsed(ending.router.one(counts.get("a"), {}))).result), "NotRunning")
    }))

  it.effect("asks copies only where that is allowed, and lets only the last one it asks wait for the bound", () =>
    Effect.gen(function*() {
      const early = (_: string, { bound, partition, store }: Question) =>
        Effect.delay(Effect.fail(new NotUpToBound({ store, partition, position: Position.empty, bound })), 500)
      const strict = among(early)
      const bound = Position.of({ topic: "words", partition: 0, offset: 5 }, {
        topic: "words",
        partition: 1,
        offset: 5
      })
      const options = { bound, waitUpTo: 800 } as const
      const first = yield* elapsed(strict.router.one(counts.get("a"), options))
      assert.strictEqual(reasonOf(first.result), "NotUpToBound")
      assert.deepStrictEqual(new Set(strict.asked.map((each) => each.split(" ")[0])), new Set(["active"]))
      const stale = among(early, "copy")
      const second = yield* elapsed(stale.router.one(counts.get("a"), { ...options, staleReads: true }))
      assert.strictEqual(reasonOf(second.result), "NotUpToBound")
      assert.deepStrictEqual(
        stale.asked.slice(0, 3).map((each) => [each.split(" ")[0], each.endsWith(" 0")]),
        [["here", true], ["active", true], ["standby", false]]
      )
      const active = among(early, "active")
      yield* elapsed(active.router.one(counts.get("a"), { bound }))
      assert.deepStrictEqual(active.asked.length, 1)
    }))

  it.effect("reads no more pages than are wanted, goes on after the last entry, and through all partitions in order", () =>
    Effect.gen(function*() {
      const { asked, router } = among((_, { after, partition }) => {
        const next = after === undefined ? 0 : Number(Serde.string.deserializeUnsafe(after.key)) + 1
        const entries = [next, next + 1].map((each) => entry(`${each}`, partition))
        return Effect.succeed(
          answerOf(Position.of({ topic: "words", partition, offset: next }), entries, next + 1 >= 5)
        )
      })
      const some = yield* Stream.runCollect(Stream.take(router.many(counts.range(), {}), 2))
      assert.deepStrictEqual(some.map(({ entries }) => entries.map(({ key }) => key)), [["0", "1"], ["2", "3"]])
      assert.strictEqual(asked.length, 2)
      const all = yield* Stream.runCollect(router.many(counts.range(), {}))
      assert.deepStrictEqual(
        all.flatMap(({ entries, partition }) => entries.map(({ key, value }) => [partition, key, value])),
        [0, 1].flatMap((partition) => [0, 1, 2, 3, 4, 5].map((key) => [partition, `${key}`, partition]))
      )
    }))

  it.effect("says that an answer cannot be read", () =>
    Effect.gen(function*() {
      const odd = among(() => Effect.succeed(answerOf(Position.empty, [{ ...entry("a", 1), value: Uint8Array.of(1) }])))
      assert.strictEqual(reasonOf((yield* elapsed(odd.router.one(counts.get("a"), {}))).result), "Serialization")
    }))
})
