import { makeContext } from "@millrace/client/streams/engine/Flow"
import { BytesMap, compareBytes } from "@millrace/client/streams/engine/stores/BytesMap"
import * as CachingKeyValueStore from "@millrace/client/streams/engine/stores/cache/CachingKeyValueStore"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import * as LruKeyValueStore from "@millrace/client/streams/engine/stores/LruKeyValueStore"
import * as MappedKeyValueStore from "@millrace/client/streams/engine/stores/MappedKeyValueStore"
import { PackedMap } from "@millrace/client/streams/engine/stores/PackedMap"
import { type KeyValueStore, noLog, type Stored } from "@millrace/client/streams/engine/stores/StateStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { checkScan } from "../scanning.ts"

/** More than there are keys. */
const entriesMax = 100

const inners: Record<string, () => KeyValueStore> = {
  "in memory": () => MappedKeyValueStore.make("s", new PackedMap(), noLog),
  "in memory, the last used": () => LruKeyValueStore.make("s", entriesMax, noLog, undefined)
}

/** Many are others and zeros after them. */
const Key = Schema.Array(Schema.Literals([0, 1, 255])).check(Schema.isMaxLength(2))
const Put = Schema.Struct({ key: Key, isDeletion: Schema.Boolean, isHeld: Schema.Boolean })

/** What happens to a store while it is scanned. */
const Change = Schema.Struct({ key: Key, action: Schema.Literals(["put", "put", "delete", "get", "flush"]) })

function* textual(entries: Iterable<readonly [Uint8Array, Stored]>): Generator<readonly [Uint8Array, string]> {
  for (const [key, { value }] of entries) yield [key, value.toString()]
}

const answers = (store: KeyValueStore, low: Uint8Array, high: Uint8Array) => ({
  ranges: [false, true].map((reverse) =>
    ([[low, high], [low, undefined], [undefined, high], [undefined, undefined]] as const).map(([from, to]) =>
      Array.from(store.range(from, to, reverse), ([key, { timestamp, value }]) => [[...key], [...value], timestamp])
    )
  ),
  values: [low, high].flatMap((key) => [store.peek?.(key) ?? store.get(key), store.get(key)])
    .map((stored) => stored && [[...stored.value], stored.timestamp])
})

describe("CachingKeyValueStore", () => {
  for (const [name, makeInner] of Object.entries(inners)) {
    it.effect.prop(`${name}: shows what it will when all is flushed, in the order of the keys' bytes`, [
      Schema.Array(Put).check(Schema.isMinLength(5)),
      Key,
      Key
    ], ([puts, from, to]) =>
      Effect.sync(() => {
        const inner = makeInner()
        const cached = CachingKeyValueStore.make(inner, new RecordCache(1_000_000), makeContext())
        for (const [index, { isDeletion, isHeld, key }] of puts.entries()) {
          const store = isHeld ? cached : inner
          store.put(Uint8Array.from(key), isDeletion ? null : Uint8Array.of(index), index)
        }
        const bounds = [Uint8Array.from(from), Uint8Array.from(to)] as const
        const shown = answers(cached, ...bounds)
        const keys = Array.from(cached.range(undefined, undefined), ([key]) => key)
        assert.isTrue(keys.every((key, at) => at === 0 || compareBytes(keys[at - 1]!, key) < 0))
        cached.flush()
        assert.deepStrictEqual(shown, answers(inner, ...bounds))
      }), { arbitrary: { runs: 100, seed: "stores" } })

    it.effect.prop(`${name}: scans what is there, also while it changes and entries leave the cache`, [
      Schema.Array(Change).check(Schema.isMinLength(10)),
      Schema.Array(Change),
      Schema.Literals([1, 150, 400, 1_000_000]),
      Schema.Boolean
    ], ([first, meanwhile, cacheBytes, reverse]) =>
      Effect.sync(() => {
        const cached = CachingKeyValueStore.make(makeInner(), new RecordCache(cacheBytes), makeContext())
        const model = new BytesMap<Uint8Array>()
        let count = 0
        const apply = ({ action, key: bytes }: typeof Change.Type) => {
          const key = Uint8Array.from(bytes)
          if (action === "get") cached.get(key)
          else if (action === "flush") cached.flush()
          else {
            const value = action === "delete" ? null : Uint8Array.of(++count)
            cached.put(key, value, 0)
            if (value === null) model.delete(key)
            else model.set(key, value)
          }
        }
        first.forEach(apply)
        checkScan({
          scan: textual(cached.range(undefined, undefined, reverse)),
          before: Array.from(model.range(undefined, undefined, reverse), ([key]) => key),
          compare: (a, b) => reverse ? compareBytes(b, a) : compareBytes(a, b),
          valueOf: (key) => model.get(key)?.toString()
        }, meanwhile.map((each) => () => apply(each)).values())
      }), { arbitrary: { runs: 200, seed: "scans" } })
  }

  it("uses the entries that a scan comes to, as Kafka's does", () => {
    const [a, b, c] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]
    const inner = MappedKeyValueStore.make("s", new PackedMap(), noLog)
    // an entry takes 1 + 1 + 45 + 8 bytes
    const cached = CachingKeyValueStore.make(inner, new RecordCache(120), makeContext())
    cached.put(b, Uint8Array.of(1), 0)
    cached.flush()
    cached.put(a, Uint8Array.of(1), 0)
    assert.lengthOf([...cached.range(undefined, undefined)], 2)
    assert.isUndefined(inner.get(a))
    cached.put(c, Uint8Array.of(1), 0)
    assert.isDefined(inner.get(a))
  })
})
