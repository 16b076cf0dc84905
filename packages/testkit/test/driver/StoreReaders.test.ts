import { assert, describe, it } from "@effect/vitest"
import * as StoreReader from "@millrace/client/streams/engine/stores/StoreReader"
import {
  KGroupedStream,
  KStream,
  Serde,
  SessionWindowedKStream,
  SessionWindows,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const grouped = KStream.from(words).pipe(KStream.groupByKey)

const topology = Topology.make(
  grouped.pipe(KGroupedStream.count({ as: "counts" })),
  grouped.pipe(
    KGroupedStream.windowedBy(TimeWindows.tumbling(10, { grace: 1_000 })),
    TimeWindowedKStream.count({ as: "windows" })
  ),
  grouped.pipe(
    KGroupedStream.windowedBy(SessionWindows.withGap(5, { grace: 1_000 })),
    SessionWindowedKStream.count({ as: "sessions" })
  )
)

const driverOf = (...keys: ReadonlyArray<readonly [key: string, timestamp: number]>) => {
  const driver = TopologyTestDriver.make(topology)
  for (const [key, timestamp] of keys) driver.pipe(words, { key, value: "v", timestamp })
  return driver
}

const keysOf = <K>(entries: Iterable<{ readonly key: K }>): ReadonlyArray<K> => Array.from(entries, ({ key }) => key)
const windowsOf = (
  entries: Iterable<
    { readonly key: { readonly key: string; readonly start: number; readonly end: number }; readonly value: number }
  >
) => Array.from(entries, ({ key, value }) => [key.key, key.start, key.end, value])

const input = [["ab", 0], ["b", 1], ["a", 2], ["ab", 25], ["abc", 26], ["b", 27], ["b", 12]] as const

describe("store readers", () => {
  it("give keys in both directions, within bounds, and below a prefix", () => {
    const store = driverOf(...input).keyValueStore<string, number>("counts")
    assert.deepStrictEqual(keysOf(store.range()), ["a", "ab", "abc", "b"])
    assert.deepStrictEqual(keysOf(store.range("ab", "abd")), ["ab", "abc"])
    assert.deepStrictEqual(keysOf(store.reverseRange(undefined, "abc")), ["abc", "ab", "a"])
    assert.deepStrictEqual(keysOf(store.prefixScan("ab", Serde.string)), ["ab", "abc"])
    assert.deepStrictEqual(keysOf(store.prefixScan("c", Serde.string)), [])
    assert.strictEqual(store.get("b")?.value, 3)
  })

  it("give windows of a key in both directions, and of a range of keys", () => {
    const store = driverOf(...input).windowStore<string, number>("windows")
    assert.deepStrictEqual(windowsOf(store.fetch("b", 0, 20)), [["b", 0, 10, 1], ["b", 10, 20, 1], ["b", 20, 30, 1]])
    assert.deepStrictEqual(windowsOf(store.backwardFetch("b", 5, 20)), [["b", 20, 30, 1], ["b", 10, 20, 1]])
    assert.deepStrictEqual(windowsOf(store.fetchRange("ab", "abd", 0, 20)), [
      ["ab", 0, 10, 1],
      ["ab", 20, 30, 1],
      ["abc", 20, 30, 1]
    ])
  })

  it("give the sessions of a key that touch a time", () => {
    const store = driverOf(...input).sessionStore<string, number>("sessions")
    assert.deepStrictEqual(windowsOf(store.fetch("b")), [["b", 1, 1, 1], ["b", 12, 12, 1], ["b", 27, 27, 1]])
    assert.deepStrictEqual(windowsOf(store.findSessions("b", 5, 20)), [["b", 12, 12, 1]])
  })

  it("give what several tasks have, one after the other", () => {
    const [one, two] = [driverOf(["a", 0], ["c", 1]), driverOf(["b", 0])]
    const counts = StoreReader.keyValueOfAll([one, two].map((each) => each.keyValueStore<string, number>("counts")))
    assert.deepStrictEqual(keysOf(counts.reverseRange()), ["c", "a", "b"])
    assert.deepStrictEqual(keysOf(counts.prefixScan("b", Serde.string)), ["b"])
    const windows = StoreReader.windowOfAll([one, two].map((each) => each.windowStore<string, number>("windows")))
    assert.deepStrictEqual(windowsOf(windows.fetchRange("b", undefined, 0, 5)), [["c", 0, 10, 1], ["b", 0, 10, 1]])
    assert.deepStrictEqual(windowsOf(windows.backwardFetch("b", 0, 5)), [["b", 0, 10, 1]])
    const sessions = StoreReader.sessionOfAll([one, two].map((each) => each.sessionStore<string, number>("sessions")))
    assert.deepStrictEqual(windowsOf(sessions.all()), [["a", 0, 0, 1], ["c", 1, 1, 1], ["b", 0, 0, 1]])
    assert.deepStrictEqual(windowsOf(sessions.findSessions("c", 0, 5)), [["c", 1, 1, 1]])
  })
})
