import { assert, describe, it } from "@effect/vitest"
import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import { DiskMap, type Memory } from "@millrace/client/streams/engine/stores/DiskMap"
import * as MappedKeyValueStore from "@millrace/client/streams/engine/stores/MappedKeyValueStore"
import { noLog } from "@millrace/client/streams/engine/stores/StateStore"
import { MemoryDisk } from "@millrace/testkit"
import * as LogStoreEngine from "@millrace/testkit/platform/LogStoreEngine"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Key = Schema.Array(Schema.Literals([0, 1, 255])).check(Schema.isMaxLength(2))
const Operation = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Put"), key: Key, value: Schema.NullOr(Schema.Literals([1, 2, 3])) }),
  Schema.Struct({ _tag: Schema.tag("Range"), from: Key, to: Key, reverse: Schema.Boolean }),
  Schema.Struct({ _tag: Schema.Literals(["Commit", "Forget", "Clear"]) })
])

const entriesOf = (entries: Iterable<readonly [Uint8Array, Uint8Array]>) =>
  Array.from(entries, ([key, value]) => [[...key], [...value]])

const copyOf = (map: BytesMap<Uint8Array>) => {
  const copy = new BytesMap<Uint8Array>()
  for (const [key, value] of map.range(undefined, undefined)) copy.set(key, value)
  return copy
}

/** What an entry takes is about 40 bytes. */
const memories: Record<string, Memory> = {
  "all in memory": { maxBytes: 1024 * 1024, loadBytes: 1024 * 1024 },
  "some in memory": { maxBytes: 200, loadBytes: 8 },
  "little in memory": { maxBytes: 60, loadBytes: 1 }
}

const database = LogStoreEngine.make(MemoryDisk.make().disk)
let opened = 0

describe("DiskMap", () => {
  for (const [name, bounds] of Object.entries(memories)) {
    it.effect.prop(`is the map of its changes, and that of the last commit when it is opened anew: ${name}`, [
      Schema.Array(Operation)
    ], ([operations]) =>
      Effect.gen(function*() {
        const { tableUnsafe, write } = yield* database.open(`map-${++opened}`)
        let map = new DiskMap(tableUnsafe("m"), bounds)
        let model = new BytesMap<Uint8Array>()
        let committed = copyOf(model)
        for (const operation of operations) {
          if (operation._tag === "Put") {
            const key = Uint8Array.from(operation.key)
            const value = operation.value === null ? null : Uint8Array.of(operation.value)
            if (value === null) map.delete(key)
            else map.set(key, value)
            if (value === null) model.delete(key)
            else model.set(key, value)
          } else if (operation._tag === "Range") {
            const [from, to] = [Uint8Array.from(operation.from), Uint8Array.from(operation.to)]
            const { reverse } = operation
            assert.deepStrictEqual(entriesOf(map.range(from, to, reverse)), entriesOf(model.range(from, to, reverse)))
            assert.deepStrictEqual(map.get(from), model.get(from))
          } else if (operation._tag === "Commit") {
            const writes = map.writes()
            if (writes !== undefined) yield* write([writes])
            map.noteWritten()
            committed = copyOf(model)
          } else if (operation._tag === "Forget") {
            map = new DiskMap(tableUnsafe("m"), bounds)
            model = copyOf(committed)
          } else {
            map.clear()
            model.clear()
          }
        }
        assert.deepStrictEqual(entriesOf(map.range(undefined, undefined)), entriesOf(model.range(undefined, undefined)))
      }).pipe(Effect.scoped), { arbitrary: { runs: 300, seed: "stores" } })
  }

  it.effect("keeps values with their timestamps", () =>
    Effect.gen(function*() {
      const { tableUnsafe, write } = yield* database.open("timestamps")
      const map = new DiskMap(tableUnsafe("kv"))
      const store = MappedKeyValueStore.make("kv", map, noLog)
      const timestamps = [0, 1, -1, 0xffffffff, 1_700_000_000_000, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]
      for (const [at, timestamp] of timestamps.entries()) store.put(Uint8Array.of(at), Uint8Array.of(at, at), timestamp)
      yield* write([map.writes()!])
      map.noteWritten()
      const again = MappedKeyValueStore.make("kv", new DiskMap(tableUnsafe("kv")), noLog)
      const found = Array.from(again.range(undefined, undefined), ([, { timestamp, value }]) => [timestamp, [...value]])
      assert.deepStrictEqual(found, timestamps.map((timestamp, at) => [timestamp, [at, at]]))
      assert.strictEqual(again.approximateNumEntries, timestamps.length)
    }).pipe(Effect.scoped))
})
