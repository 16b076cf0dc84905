import * as GlobalState from "@millrace/client/streams/engine/GlobalState"
import * as StoreReader from "@millrace/client/streams/engine/stores/StoreReader"
import * as GlobalStoreUpdater from "@millrace/client/streams/runtime/GlobalStoreUpdater"
import { GlobalKTable, KStream, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { FakeCluster } from "./FakeCluster.ts"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const prices = Topic.make("prices", { key: Serde.string, value: Serde.int })
const priced = Topology.make(
  KStream.from(lines).pipe(
    KStream.leftJoin(
      GlobalKTable.from(prices, { as: "prices" }),
      (_key, line) => line,
      (line, price) => `${line}:${price}`
    ),
    KStream.to(lines)
  )
)
const topology = Result.getOrThrow(Topology.resolve(priced, { applicationId: "app" }))
const partitions = [{ topic: "prices", partition: 0 }, { topic: "prices", partition: 1 }]

const setUp = () => {
  const cluster = new FakeCluster(new Map([["prices", 2]]), () => "none")
  const put = (partition: number, key: string, value: number | null) => {
    const bytes = Serde.toBytesUnsafe(Serde.int, value)
    cluster.log({ topic: "prices", partition }).push({
      key: Serde.string.serializeUnsafe(key),
      value: bytes,
      timestamp: 0
    })
  }
  const state = GlobalState.makeUnsafe({ topology, currentTimeMillis: () => 0 })
  const status = { isStopping: false }
  const consumer = cluster.consumer<never>()
  const updater = GlobalStoreUpdater.make({ applicationId: "app", status, state, partitions, consumer })
  const contents = () => {
    const reader = StoreReader.keyValue<string, number>(state.stores.get("prices")!)!
    return [...reader.range()].map(({ key, value }) => `${key}=${value}`)
  }
  return { cluster, put, status, updater, contents }
}

describe("GlobalStoreUpdater", () => {
  it.effect("has read all partitions to their ends when tasks may start, and follows them from then on", () =>
    Effect.gen(function*() {
      const { contents, put, updater } = setUp()
      for (let i = 0; i < 10; i++) put(i % 2, `k${i}`, i)
      put(0, "k4", null)
      yield* updater.bootstrap
      assert.deepStrictEqual(contents(), [0, 1, 2, 3, 5, 6, 7, 8, 9].map((i) => `k${i}=${i}`))
      put(1, "k1", 11)
      const following = yield* Effect.forkChild(updater.follow)
      while (!contents().includes("k1=11")) yield* Effect.yieldNow
      put(0, "k0", null)
      while (contents().includes("k0=0")) yield* Effect.yieldNow
      yield* Fiber.interrupt(following)
    }))

  it.effect("needs no records to begin, and ends when the app is asked to stop", () =>
    Effect.gen(function*() {
      const empty = setUp()
      yield* empty.updater.bootstrap
      assert.deepStrictEqual(empty.contents(), [])
      const stopped = setUp()
      stopped.put(0, "k", 1)
      stopped.status.isStopping = true
      yield* stopped.updater.bootstrap
      assert.deepStrictEqual(stopped.contents(), [])
    }))

  it.effect("fails with the record that its topic's serde cannot read", () =>
    Effect.gen(function*() {
      const { cluster, updater } = setUp()
      cluster.log({ topic: "prices", partition: 1 }).push({
        key: new Uint8Array(1),
        value: new Uint8Array(3),
        timestamp: 0
      })
      const failure = yield* Effect.flip(updater.bootstrap)
      assert.strictEqual(failure.reason, "Processing")
      assert.match(failure.detail, /task global: Deserialize in KSTREAM-SOURCE-\d+, record prices-1 at offset 0/)
    }))
})
