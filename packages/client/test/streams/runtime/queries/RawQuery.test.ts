import { makeContext } from "@millrace/client/streams/engine/Flow"
import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import type { OrderedMap } from "@millrace/client/streams/engine/stores/OrderedMap"
import { noLog, type SessionStore, type WindowStore } from "@millrace/client/streams/engine/stores/StateStore"
import * as TaskStores from "@millrace/client/streams/engine/TaskStores"
import {
  executeUnsafe,
  type Place,
  type RawEntry,
  type RawQuery
} from "@millrace/client/streams/runtime/queries/RawQuery"
import { Serde } from "@millrace/core"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const base = {
  name: "store",
  subTopology: 0,
  changelog: { _tag: "None" },
  format: "Timestamped",
  key: Serde.string,
  value: Serde.string
} as const

const Type = Schema.Literals(["memory", "persistent"])
const Time = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 200_000 }))
/** The stores' own bytes after a key may be before or after the zeros of another. */
const Key = Schema.Literals(["", "a", "a\0", "a\0\0", "ab", "b"])
const Put = Schema.Struct({ key: Key, time: Time, isHeld: Schema.Boolean })
const Paging = Schema.Struct({
  entriesMax: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
  bytesMax: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))
})

const bytesOf = (text: string) => Serde.string.serializeUnsafe(text)
const all: RawQuery = {
  kind: "range",
  key: null,
  keyTo: null,
  from: -Number.MAX_SAFE_INTEGER,
  to: Number.MAX_SAFE_INTEGER,
  isReverse: false
}
const boundless = { entriesMax: 1_000_000, bytesMax: 1_000_000 }

/** A store, some of what is put in it held back by a cache; a persistent one is on disk if there is one. */
const storeOf = (definition: Resolved.StateStore, hasDisk = false) => {
  const context = makeContext()
  const made = TaskStores.makeStore(definition, noLog, context, hasDisk ? () => new BytesMap() : undefined)
  const cached = TaskStores.cached(new Map([["store", made]]), new RecordCache(1_000_000), context).get("store")!
  return { made, cached }
}

const show = ({ end, key, start, timestamp, value }: RawEntry) =>
  [Serde.string.deserializeUnsafe(key), Serde.string.deserializeUnsafe(value), start, end, timestamp].join()

/** What a query finds, read page after page; each page begins after what the last one ended with. */
const paged = (store: TaskStores.TaskStore, query: RawQuery, limits: typeof Paging.Type): ReadonlyArray<string> => {
  const found: Array<string> = []
  let after: Place | undefined
  while (true) {
    const page = executeUnsafe(store, query, after, limits)!
    assert.isAtMost(page.entries.length, limits.entriesMax)
    assert.isAtMost(found.length, 1000, "it goes on for ever")
    found.push(...page.entries.map(show))
    if (page.isLast) return found
    assert.isAbove(page.entries.length, 0)
    after = page.entries.at(-1)!
  }
}

const whole = (store: TaskStores.TaskStore, query: RawQuery) =>
  executeUnsafe(store, query, undefined, boundless)!.entries.map(show)

describe("a query in pages", () => {
  it.effect.prop(
    "finds what it finds at once, in a key-value store",
    [Type, Schema.Boolean, Schema.Array(Put), Schema.NullOr(Key), Schema.NullOr(Key), Paging],
    ([type, hasDisk, puts, from, to, paging]) =>
      Effect.sync(() => {
        const { cached, made } = storeOf({
          ...base,
          _tag: "KeyValue",
          type,
          caching: true,
          entriesMax: undefined
        } as Resolved.KeyValueStore, hasDisk)
        for (const { isHeld, key, time } of puts) {
          const { store } = isHeld ? cached : made
          if (store.kind === "keyValue") store.put(bytesOf(key), time % 7 === 0 ? null : bytesOf(`${time}`), time)
        }
        const bounds = { key: from === null ? null : bytesOf(from), keyTo: to === null ? null : bytesOf(to) }
        for (const isReverse of [false, true]) {
          const query = { ...all, ...bounds, isReverse }
          assert.deepStrictEqual(paged(cached, query, paging), whole(cached, query))
        }
        const prefixed = { ...all, kind: "prefixScan", key: bytesOf(from ?? "") } as const
        assert.deepStrictEqual(paged(cached, prefixed, paging), whole(cached, prefixed))
      })
  )

  it.effect.prop(
    "finds what it finds at once, in a window store",
    [Type, Schema.Boolean, Schema.Boolean, Schema.Array(Put), Schema.NullOr(Key), Schema.NullOr(Key), Paging],
    ([type, hasDisk, timeOrdered, puts, from, to, paging]) =>
      Effect.sync(() => {
        const { cached, made } = storeOf({
          ...base,
          _tag: "Window",
          type,
          caching: true,
          timeOrdered,
          retainDuplicates: false,
          retentionMs: 120_000,
          windowSizeMs: 10
        } as Resolved.WindowStore, hasDisk)
        for (const { isHeld, key, time } of puts) {
          const store = (isHeld ? cached : made).store as WindowStore
          store.put(bytesOf(key), bytesOf(`${time}`), time, time)
        }
        const bounds = { key: from === null ? null : bytesOf(from), keyTo: to === null ? null : bytesOf(to) }
        for (const isReverse of [false, true]) {
          const query = { ...all, ...bounds, kind: "windowFetchRange", isReverse } as const
          assert.deepStrictEqual(paged(cached, query, paging), whole(cached, query))
          const ofKey = { ...all, kind: "windowFetch", key: bytesOf(from ?? "a"), isReverse } as const
          assert.deepStrictEqual(paged(cached, ofKey, paging), whole(cached, ofKey))
        }
      })
  )

  it.effect.prop(
    "finds what it finds at once, in a session store",
    [Type, Schema.Boolean, Schema.Boolean, Schema.Array(Put), Key, Paging],
    ([type, hasDisk, timeOrdered, puts, key, paging]) =>
      Effect.sync(() => {
        const { cached, made } = storeOf({
          ...base,
          _tag: "Session",
          type,
          caching: true,
          timeOrdered,
          retentionMs: 120_000
        } as Resolved.SessionStore, hasDisk)
        for (const { isHeld, key: of, time } of puts) {
          const store = (isHeld ? cached : made).store as SessionStore
          // several sessions end at a time
          store.put(bytesOf(of), time, Math.ceil(time / 50_000) * 50_000, bytesOf(`${time}`), time)
        }
        const every = { ...all, kind: "sessionAll" } as const
        assert.deepStrictEqual(paged(cached, every, paging), whole(cached, every))
        const ofKey = { ...all, kind: "sessionFind", key: bytesOf(key) } as const
        assert.deepStrictEqual(paged(cached, ofKey, paging), whole(cached, ofKey))
      })
  )

  it("reads on from where a page of sessions ended", () => {
    for (const timeOrdered of [false, true]) {
      const map = new BytesMap<Uint8Array>()
      let read = 0
      const counting: OrderedMap = {
        get size() {
          return map.size
        },
        get: (key) => map.get(key),
        set: (key, value) => map.set(key, value),
        delete: (key) => map.delete(key),
        clear: () => map.clear(),
        *range(from, to, reverse) {
          for (const entry of map.range(from, to, reverse)) {
            read++
            yield entry
          }
        }
      }
      const definition = {
        ...base,
        _tag: "Session",
        type: "persistent",
        caching: false,
        timeOrdered,
        retentionMs: 120_000
      }
      const made = TaskStores.makeStore(definition as Resolved.SessionStore, noLog, makeContext(), () => counting)
      for (let time = 0; time < 300; time++) {
        const store = made.store as SessionStore
        store.put(bytesOf(`${time % 7}`), time, time, bytesOf(`${time}`), time)
      }
      read = 0
      const every = { ...all, kind: "sessionAll" } as const
      assert.lengthOf(paged(made, every, { entriesMax: 10, bytesMax: 1_000_000 }), 300)
      assert.isBelow(read, 3 * 300)
    }
  })

  it.effect.prop(
    "finds what it finds at once, in a versioned store; and each version as of its own time",
    [Schema.Array(Put), Key, Time, Time, Paging],
    ([puts, key, from, to, paging]) =>
      Effect.sync(() => {
        const { made } = storeOf({
          ...base,
          _tag: "Versioned",
          type: "memory",
          caching: false,
          historyRetentionMs: 100_000,
          segmentIntervalMs: 20_000
        } as Resolved.VersionedStore)
        for (const { key: of, time } of puts) {
          if (made.store.kind === "versioned") {
            made.store.put(bytesOf(of), time % 5 === 0 ? null : bytesOf(`${time}`), time)
          }
        }
        const versions = { ...all, kind: "versions", key: bytesOf(key) } as const
        assert.deepStrictEqual(paged(made, versions, paging), whole(made, versions))
        const backward = { ...versions, isReverse: true }
        assert.deepStrictEqual(paged(made, backward, paging), whole(made, backward))
        assert.deepStrictEqual(whole(made, backward), whole(made, versions).toReversed())
        const validBetween = executeUnsafe(made, versions, undefined, boundless)!.entries
          .filter(({ end, start }) => start <= to && end > from)
        assert.deepStrictEqual(whole(made, { ...versions, from, to }), validBetween.map(show))
        const latest = whole(made, { ...versions, kind: "versionedGet" })
        assert.deepStrictEqual(latest, whole(made, versions).filter((each) => each.includes(`${all.to}`)))
      })
  )

  it("is not asked of stores of another kind", () => {
    const { made } = storeOf({ ...base, _tag: "KeyValue", type: "memory", caching: true, entriesMax: undefined })
    assert.isUndefined(executeUnsafe(made, { ...all, kind: "sessionAll" }, undefined, boundless))
    assert.isUndefined(executeUnsafe(made, { ...all, kind: "windowFetch" }, undefined, boundless))
    assert.isUndefined(executeUnsafe(made, { ...all, kind: "versions" }, undefined, boundless))
  })
})
