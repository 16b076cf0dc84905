import { makeContext } from "@millrace/client/streams/engine/Flow"
import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import * as CachingSessionStore from "@millrace/client/streams/engine/stores/cache/CachingSessionStore"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import * as InMemorySessionStore from "@millrace/client/streams/engine/stores/InMemorySessionStore"
import * as SegmentedSessionStore from "@millrace/client/streams/engine/stores/SegmentedSessionStore"
import {
  noLog,
  type SessionEntry,
  type SessionPlace,
  type SessionStore
} from "@millrace/client/streams/engine/stores/StateStore"
import * as TimeOrderedSessionStore from "@millrace/client/streams/engine/stores/TimeOrderedSessionStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Nothing expires; there are two segments. */
const retentionMs = 200_000
const segmentMs = 100_000
const stepMs = 50_000

const inners: Record<string, () => SessionStore> = {
  "in memory": () => InMemorySessionStore.make("s", retentionMs, undefined, noLog),
  "in memory, in segments": () => InMemorySessionStore.make("s", retentionMs, segmentMs, noLog),
  "on disk": () => SegmentedSessionStore.make("s", retentionMs, noLog, new BytesMap()),
  "on disk, in order of time": () => TimeOrderedSessionStore.make("s", retentionMs, segmentMs, noLog, new BytesMap())
}

const Step = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
const Key = Schema.Array(Schema.Literals([0, 1])).check(Schema.isMaxLength(2))
/** Few keys and times, so that sessions end together and many are put again. */
const Put = Schema.Struct({
  key: Key,
  start: Step,
  end: Step,
  isDeletion: Schema.Boolean,
  isHeld: Schema.Boolean
})

const show = ({ key, session: { end, start, value } }: SessionEntry) => [[...key].join(""), start, end, ...value].join()

const placeOf = (key: Uint8Array, at: number): SessionPlace => ({ key, session: { start: at, end: at } })

/** What follows a place, looked for among all. */
const following = (store: SessionStore, after: SessionPlace, latestStart: number) =>
  [...store.findRange(undefined, undefined, 0, latestStart)]
    .filter((entry) => store.compare(entry, after) > 0)
    .map(show)

const answers = (store: SessionStore, key: Uint8Array, from: number, to: number) => ({
  found: store.find(key, from, to).map((session) => show({ key, session })),
  ofKeys: Array.from(store.findRange(key, undefined, from, to), show),
  all: Array.from(store.findRange(undefined, undefined, 0, retentionMs), show),
  afterFrom: Array.from(store.findRange(undefined, undefined, 0, to, placeOf(key, from)), show),
  ofKeysAfterFrom: Array.from(store.findRange(undefined, key, 0, to, placeOf(key, from)), show),
  ended: store.endedBetween(from, to).map(show)
})

const isAscending = (entries: ReadonlyArray<SessionEntry>, compare: SessionStore["compare"]) =>
  entries.every((entry, at) => at === 0 || compare(entries[at - 1]!, entry) < 0)

describe("CachingSessionStore", () => {
  for (const [name, makeInner] of Object.entries(inners)) {
    it.effect.prop(`${name}: shows what it will when all is flushed, in the order of the store`, [
      Schema.Array(Put).check(Schema.isMinLength(5)),
      Key,
      Step,
      Step,
      Schema.Literals([0, 2, 4])
    ], ([puts, ofKey, from, to, readAt]) =>
      Effect.sync(() => {
        const inner = makeInner()
        const cached = CachingSessionStore.make(inner, true, new RecordCache(1_000_000), makeContext())
        for (const [index, { end, isDeletion, isHeld, key, start }] of puts.entries()) {
          const value = isDeletion ? null : Uint8Array.of(index)
          const store = isHeld ? cached : inner
          if (index === readAt) {
            assert.isTrue(isAscending([...inner.findRange(undefined, undefined, 0, 1)], inner.compare))
          }
          store.put(Uint8Array.from(key), Math.min(start, end) * stepMs, end * stepMs, value, index)
        }
        const key = Uint8Array.from(ofKey)
        const shown = answers(cached, key, from * stepMs, to * stepMs)
        cached.flush()
        assert.deepStrictEqual(shown, answers(inner, key, from * stepMs, to * stepMs))
        const sessions = inner.find(key, 0, retentionMs)
        assert.isTrue(sessions.every(({ end }, at) => at === 0 || sessions[at - 1]!.end <= end))
        assert.isTrue(isAscending(sessions.map((session) => ({ key, session })), cached.compare))
        assert.isTrue(isAscending([...inner.findRange(undefined, undefined, 0, retentionMs)], cached.compare))
        assert.deepStrictEqual(shown.afterFrom, following(inner, placeOf(key, from * stepMs), to * stepMs))
        assert.isTrue(isAscending(inner.endedBetween(0, retentionMs), cached.compareEnded))
      }), { arbitrary: { runs: 100, seed: "stores" } })
  }
})
