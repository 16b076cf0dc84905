import { makeContext } from "@millrace/client/streams/engine/Flow"
import { BytesMap, equalBytes } from "@millrace/client/streams/engine/stores/BytesMap"
import * as CachingWindowStore from "@millrace/client/streams/engine/stores/cache/CachingWindowStore"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import * as InMemoryWindowStore from "@millrace/client/streams/engine/stores/InMemoryWindowStore"
import * as SegmentedWindowStore from "@millrace/client/streams/engine/stores/SegmentedWindowStore"
import {
  noLog,
  type WindowEntry,
  type WindowPlace,
  type WindowStore
} from "@millrace/client/streams/engine/stores/StateStore"
import * as TimeOrderedWindowStore from "@millrace/client/streams/engine/stores/TimeOrderedWindowStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { checkScan } from "../scanning.ts"

/** Nothing expires; there are two segments. */
const retentionMs = 200_000
const segmentMs = 100_000
const stepMs = 50_000

const inners: Record<string, () => WindowStore> = {
  "in memory": () => InMemoryWindowStore.make("w", retentionMs, noLog),
  "in memory, in segments": () => InMemoryWindowStore.make("w", retentionMs, noLog, segmentMs),
  "on disk": () => SegmentedWindowStore.make("w", retentionMs, noLog, { map: new BytesMap() }),
  "on disk, in order of time": () => TimeOrderedWindowStore.make("w", retentionMs, noLog, new BytesMap(), segmentMs)
}

const Step = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
/** Many are others and zeros after them. */
const Key = Schema.Array(Schema.Literals([0, 1])).check(Schema.isMaxLength(2))
/** Few keys and starts, so that many windows are put again. */
const Put = Schema.Struct({ key: Key, start: Step, isDeletion: Schema.Boolean, isHeld: Schema.Boolean })

/** What happens to a store while it is scanned. */
const Change = Schema.Struct({
  key: Key,
  start: Step,
  action: Schema.Literals(["put", "put", "delete", "get", "flush"])
})

const nameOf = ({ key, windowStart }: WindowPlace) => `${key} at ${windowStart}`

function* textual(entries: Iterable<WindowEntry>): Generator<readonly [WindowPlace, string]> {
  for (const entry of entries) yield [entry, entry.stored.value.toString()]
}

const show = ({ key, stored, windowStart }: WindowEntry) =>
  [[...key].join(""), windowStart, ...stored.value, stored.timestamp].join()

/** What is between two keys and two starts, in either direction. */
const answers = (store: WindowStore, low: Uint8Array, high: Uint8Array, from: number, to: number) =>
  [false, true].map((reverse) => ({
    ofKey: Array.from(store.fetch(low, from, to, reverse), show),
    ofKeys: Array.from(store.fetchRange(low, high, from, to, reverse), show),
    ofAll: Array.from(store.fetchRange(undefined, undefined, from, to, reverse), show),
    afterLow: Array.from(store.fetchRange(undefined, high, 0, to, reverse, { key: low, windowStart: from }), show)
  }))

/** What follows a place, looked for among all. */
const following = (store: WindowStore, after: WindowPlace, keyTo: Uint8Array, to: number) =>
  [false, true].map((reverse) =>
    [...store.fetchRange(undefined, keyTo, 0, to, reverse)]
      .filter((entry) => (reverse ? -1 : 1) * store.compare(entry, after) > 0)
      .map(show)
  )

const isAscending = (entries: ReadonlyArray<WindowEntry>, compare: WindowStore["compare"]) =>
  entries.every((entry, at) => at === 0 || compare(entries[at - 1]!, entry) < 0)

describe("CachingWindowStore", () => {
  for (const [name, makeInner] of Object.entries(inners)) {
    it.effect.prop(`${name}: shows what it will when all is flushed, in the order of the store`, [
      Schema.Array(Put).check(Schema.isMinLength(5)),
      Key,
      Key,
      Step,
      Step
    ], ([puts, keyFrom, keyTo, from, to]) =>
      Effect.sync(() => {
        const inner = makeInner()
        const cached = CachingWindowStore.make(inner, new RecordCache(1_000_000), makeContext())
        for (const [index, { isDeletion, isHeld, key, start }] of puts.entries()) {
          const store = isHeld ? cached : inner
          store.put(Uint8Array.from(key), isDeletion ? null : Uint8Array.of(index), start * stepMs, index)
        }
        const bounds = [Uint8Array.from(keyFrom), Uint8Array.from(keyTo), from * stepMs, to * stepMs] as const
        const shown = answers(cached, ...bounds)
        cached.flush()
        assert.deepStrictEqual(shown, answers(inner, ...bounds))
        const after = { key: bounds[0], windowStart: bounds[2] }
        assert.deepStrictEqual(shown.map(({ afterLow }) => afterLow), following(inner, after, bounds[1], bounds[3]))
        assert.isTrue(isAscending([...inner.fetchRange(undefined, undefined, 0, retentionMs)], inner.compare))
        const ofKey = [...inner.fetch(bounds[0], 0, retentionMs)]
        assert.isTrue(ofKey.every(({ windowStart }, at) => at === 0 || ofKey[at - 1]!.windowStart < windowStart))
        assert.isTrue(isAscending(ofKey, inner.compare))
      }), { arbitrary: { runs: 100, seed: "stores" } })

    it.effect.prop(`${name}: scans what is there, also while it changes and entries leave the cache`, [
      Schema.Array(Change).check(Schema.isMinLength(10)),
      Schema.Array(Change),
      Schema.Literals([1, 150, 400, 1_000_000]),
      Schema.Boolean,
      Schema.Boolean
    ], ([first, meanwhile, cacheBytes, ofOneKey, reverse]) =>
      Effect.sync(() => {
        const cached = CachingWindowStore.make(makeInner(), new RecordCache(cacheBytes), makeContext())
        const model = new Map<string, { readonly place: WindowPlace; readonly value: string }>()
        let count = 0
        const apply = ({ action, key: bytes, start }: typeof Change.Type) => {
          const place = { key: Uint8Array.from(bytes), windowStart: start * stepMs }
          if (action === "get") cached.get(place.key, place.windowStart)
          else if (action === "flush") cached.flush()
          else {
            const value = action === "delete" ? null : Uint8Array.of(++count)
            cached.put(place.key, value, place.windowStart, 0)
            if (value === null) model.delete(nameOf(place))
            else model.set(nameOf(place), { place, value: value.toString() })
          }
        }
        first.forEach(apply)
        const places = Array.from(model.values(), ({ place }) => place)
        const one = places[0]?.key ?? new Uint8Array(0)
        const compare: WindowStore["compare"] = (a, b) => reverse ? cached.compare(b, a) : cached.compare(a, b)
        checkScan({
          scan: textual(
            ofOneKey
              ? cached.fetch(one, 0, retentionMs, reverse)
              : cached.fetchRange(undefined, undefined, 0, retentionMs, reverse)
          ),
          before: places.filter(({ key }) => !ofOneKey || equalBytes(key, one)).sort(compare),
          compare,
          valueOf: (place) => model.get(nameOf(place))?.value
        }, meanwhile.map((each) => () => apply(each)).values())
      }), { arbitrary: { runs: 200, seed: "scans" } })
  }
})
