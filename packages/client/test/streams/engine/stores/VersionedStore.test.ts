import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import { noLog, notPut, validToUndefined } from "@millrace/client/streams/engine/stores/StateStore"
import * as VersionedStore from "@millrace/client/streams/engine/stores/VersionedStore"
import { VersionList } from "@millrace/client/streams/engine/stores/VersionedValue"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const retentionMs = 40

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Values come at even times and deletions at odd ones: Kafka forgets when a key's only version was deleted at its own time. */
const Put = Schema.Struct({
  key: Schema.Literals([1, 2]),
  at: between(0, 100),
  value: Schema.NullOr(between(0, 255))
})

const keyOf = (key: number) => Uint8Array.of(key)

describe("VersionedStore", () => {
  it.effect.prop(
    "gives what a list of all puts gives, for any time within the history, whatever the segments",
    [Schema.Array(Put), between(1, 60)],
    ([puts, segmentMs]) =>
      Effect.sync(() => {
        const store = VersionedStore.make("store", retentionMs, segmentMs, noLog, new BytesMap())
        const all = new Map<number, Map<number, number | null>>([[1, new Map()], [2, new Map()]])
        let streamTime = -1
        const valueAt = (key: number, asOf: number) => {
          const times = [...all.get(key)!.keys()].filter((time) => time <= asOf)
          return times.length === 0 ? null : all.get(key)!.get(Math.max(...times)) ?? null
        }
        for (const { at, key, value } of puts) {
          const timestamp = 2 * at + (value === null ? 1 : 0)
          const answer = store.put(keyOf(key), value === null ? null : Uint8Array.of(value), timestamp)
          if (timestamp < streamTime - retentionMs) {
            assert.strictEqual(answer, notPut)
            continue
          }
          streamTime = Math.max(streamTime, timestamp)
          all.get(key)!.set(timestamp, value)
          const later = [...all.get(key)!.keys()].filter((time) => time > timestamp)
          assert.strictEqual(answer, later.length === 0 ? validToUndefined : Math.min(...later))
          for (const each of [1, 2]) {
            assert.strictEqual(store.get(keyOf(each))?.value[0] ?? null, valueAt(each, Number.POSITIVE_INFINITY))
            for (let asOf = Math.max(0, streamTime - retentionMs); asOf <= streamTime + 1; asOf++) {
              const found = store.get(keyOf(each), asOf)
              assert.strictEqual(found?.value[0] ?? null, valueAt(each, asOf), `${each} at ${asOf}`)
              if (found === undefined) continue
              assert.isAtMost(found.timestamp, asOf)
              assert.isAbove(found.validTo ?? Number.POSITIVE_INFINITY, asOf)
            }
          }
        }
      }),
    { arbitrary: { runs: 200, seed: "versioned" } }
  )

  it("forgets whole segments, but never the latest value", () => {
    const store = VersionedStore.make("store", retentionMs, 10, noLog, new BytesMap())
    const put = (value: number | null, timestamp: number) =>
      store.put(keyOf(1), value === null ? null : Uint8Array.of(value), timestamp)
    put(1, 0)
    put(2, 10)
    put(3, 90)
    store.put(keyOf(2), Uint8Array.of(9), 95)
    assert.strictEqual(store.get(keyOf(1), 60)?.value[0], 2)
    assert.strictEqual(store.get(keyOf(1), 10), undefined)
    assert.deepStrictEqual([...store.versions(keyOf(1))].map(({ timestamp, validTo }) => [timestamp, validTo]), [
      [10, 90],
      [90, undefined]
    ])
    store.put(keyOf(2), Uint8Array.of(8), 10_000)
    assert.strictEqual(store.get(keyOf(1), 60), undefined)
    assert.strictEqual(store.get(keyOf(1), 9_000)?.value[0], 3)
    assert.strictEqual(put(4, 95), notPut)
  })

  it("keeps lists of versions in Kafka's bytes", () => {
    const list = VersionList.of(Uint8Array.of(0xaa), 1, 5)
    list.addNewest(null, 5, 6)
    list.addNewest(Uint8Array.of(0xbb, 0xcc), 7, 9)
    const int64 = (value: number) => value.toString(16).padStart(16, "0")
    const bytes = Buffer.from(list.toBytes()).toString("hex")
    // end, begin; from the newest to the oldest time and length; from the oldest to the newest value
    const entries = [[7, "00000002"], [6, "ffffffff"], [5, "ffffffff"], [1, "00000001"]] as const
    const texts = entries.map(([time, length]) => int64(time) + length)
    assert.strictEqual(bytes, `${int64(9)}${int64(1)}${texts.join("")}aabbcc`)
    assert.deepStrictEqual(
      VersionList.fromBytes(list.toBytes()).versions.map(({ timestamp, value }) => [timestamp, value?.length]),
      [
        [7, 2],
        [6, undefined],
        [5, undefined],
        [1, 1]
      ]
    )
  })
})
