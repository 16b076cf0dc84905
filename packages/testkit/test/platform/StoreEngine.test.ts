import { assert, describe, it } from "@effect/vitest"
import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import * as NodeStoreEngine from "@millrace/core/platform/node/NodeStoreEngine"
import { StoreEngine, type TableWrites } from "@millrace/core/platform/StoreEngine"
import { MemoryDisk } from "@millrace/testkit"
import * as LogStoreEngine from "@millrace/testkit/platform/LogStoreEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => NodeFs.mkdtempSync(`${NodeOs.tmpdir()}/millrace-store-`)),
  (path) => Effect.sync(() => NodeFs.rmSync(path, { recursive: true, force: true }))
)

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
/** Keys around the length that LMDB can hold and beyond it, which begin as others do. */
const Key = Schema.Struct({
  ones: Schema.Literals([0, 0, 1, 1975, 1976, 1977, 1978, 4000]),
  rest: Schema.Array(Byte).check(Schema.isMaxLength(3))
})
type Key = typeof Key.Type
const bytesOf = ({ ones, rest }: Key) => Uint8Array.from([...new Uint8Array(ones).fill(1), ...rest])

const Put = Schema.Struct({
  table: Schema.Literals(["a", "b"]),
  key: Key,
  value: Schema.NullOr(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))))
})
const Batch = Schema.Struct({ clear: Schema.NullOr(Schema.Literals(["a", "b"])), puts: Schema.Array(Put) })
type Batch = typeof Batch.Type

type Model = ReadonlyMap<string, BytesMap<Uint8Array>>

const empty = (): Model => new Map([["a", new BytesMap()], ["b", new BytesMap()]])

const writesOf = ({ clear, puts }: Batch): ReadonlyArray<TableWrites> =>
  ["a", "b"].map((table) => ({
    table,
    clear: clear === table,
    entries: puts.filter((put) => put.table === table)
      .map(({ key, value }) => [bytesOf(key), value === null ? null : Uint8Array.from(value)] as const)
  }))

const apply = (model: Model, batch: Batch): void => {
  for (const { clear, entries, table: name } of writesOf(batch)) {
    const table = model.get(name)!
    if (clear) table.clear()
    for (const [key, value] of entries) {
      if (value === null) table.delete(key)
      else table.set(key, value)
    }
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

const entriesOf = (entries: Iterable<readonly [Uint8Array, Uint8Array]>) =>
  Array.from(entries, ([key, value]) => [hex(key), hex(value)])

/** How many beginnings keys have of the length at which an engine may count several as one. */
const headsOf = (map: BytesMap<Uint8Array>) =>
  new Set(Array.from(map.range(undefined, undefined), ([key]) => hex(key.subarray(0, 1977)))).size

const contentsOf = (model: Model) =>
  [...model].map(([name, table]) => [name, entriesOf(table.range(undefined, undefined))])

const open = Effect.fnUntraced(function*(directory: string) {
  const database = yield* (yield* StoreEngine).open(directory)
  return {
    ...database,
    contents: () =>
      ["a", "b"].map((name) => [name, entriesOf(database.tableUnsafe(name).rangeUnsafe(undefined, undefined))])
  }
})

const contract = (
  name: string,
  layer: () => Layer.Layer<StoreEngine>,
  root: Effect.Effect<string, never, Scope.Scope>,
  runs: number
) =>
  describe(name, () => {
    it.effect.prop("is the map that its batches make, also when it is opened again", [Schema.Array(Batch), Key, Key], (
      [batches, from, to]
    ) =>
      Effect.gen(function*() {
        const [directory, model] = [yield* root, empty()]
        const half = Math.floor(batches.length / 2)
        yield* Effect.scoped(Effect.gen(function*() {
          const database = yield* open(directory)
          for (const batch of batches.slice(0, half)) {
            yield* database.write(writesOf(batch))
            apply(model, batch)
            assert.deepStrictEqual(database.contents(), contentsOf(model))
          }
        }))
        const database = yield* open(directory)
        assert.deepStrictEqual(database.contents(), contentsOf(model))
        for (const batch of batches.slice(half)) {
          yield* database.write(writesOf(batch))
          apply(model, batch)
        }
        const [first, last] = [bytesOf(from), bytesOf(to)]
        for (const [name, held] of model) {
          const table = database.tableUnsafe(name)
          assert.isAtMost(table.sizeUnsafe(), held.size)
          assert.isAtLeast(table.sizeUnsafe(), headsOf(held))
          assert.deepStrictEqual(entriesOf(table.rangeUnsafe(first, last)), entriesOf(held.range(first, last)))
          assert.deepStrictEqual(
            entriesOf(table.rangeUnsafe(first, undefined, true)),
            entriesOf(held.range(first, undefined, true))
          )
          assert.deepStrictEqual(
            entriesOf(table.rangeUnsafe(undefined, last, true)),
            entriesOf(held.range(undefined, last, true))
          )
          const value = table.getUnsafe(first)
          assert.deepStrictEqual(value === undefined ? undefined : [...value], held.get(first) && [...held.get(first)!])
        }
      }).pipe(Effect.scoped, Effect.provide(layer())), { arbitrary: { runs, seed: "stores" } })

    it.effect.each([1, 4000])("gives bytes that stay as they are, of keys of %d bytes", (length) =>
      Effect.gen(function*() {
        const database = yield* open(yield* root)
        const key = new Uint8Array(length)
        const entry = (value: number) =>
          [{ table: "a", clear: false, entries: [[key, Uint8Array.of(value)]] }] as const
        yield* database.write(entry(1))
        const table = database.tableUnsafe("a")
        const [read, range] = [table.getUnsafe(key)!, table.rangeUnsafe(undefined, undefined)]
        const iterator = range[Symbol.iterator]()
        const [, ranged] = iterator.next().value!
        yield* database.write(entry(2))
        assert.deepStrictEqual([[...read], [...ranged]], [[1], [1]])
        assert.deepStrictEqual([...table.getUnsafe(key)!], [2])
        assert.deepStrictEqual([read.constructor, ranged.constructor], [Uint8Array, Uint8Array])
      }).pipe(Effect.scoped, Effect.provide(layer())))
  })

let directories = 0

contract("NodeStoreEngine", () => NodeStoreEngine.layer, temporaryDirectory, 30)
contract(
  "LogStoreEngine",
  () => Layer.succeed(StoreEngine, LogStoreEngine.make(MemoryDisk.make().disk)),
  Effect.sync(() => `stores-${++directories}`),
  200
)

describe("a store engine", () => {
  const batch = (value: number): Batch => ({
    clear: value % 3 === 0 ? "a" : null,
    puts: [{ table: "a", key: { ones: 0, rest: [value % 4] }, value: [value] }, {
      table: "b",
      key: { ones: 0, rest: [value % 4] },
      value: Array(40).fill(value)
    }]
  })

  it.effect("has each batch whole or not at all, whenever the machine goes down", () =>
    Effect.gen(function*() {
      for (let operation = 0;; operation++) {
        const memory = MemoryDisk.make()
        const engine = Layer.succeed(StoreEngine, LogStoreEngine.make(memory.disk))
        const models = [contentsOf(empty())]
        const model = empty()
        let acknowledged = 0
        memory.failAt(operation, "Io")
        const written = yield* Effect.exit(
          Effect.scoped(Effect.gen(function*() {
            const database = yield* open("state")
            for (let value = 0; value < 12; value++) {
              apply(model, batch(value))
              models.push(contentsOf(model))
              yield* database.write(writesOf(batch(value)))
              acknowledged++
            }
          })).pipe(Effect.provide(engine))
        )
        memory.crash()
        const found = yield* Effect.scoped(Effect.map(open("state"), (database) => database.contents())).pipe(
          Effect.provide(engine)
        )
        const last = models.findLastIndex((each) => JSON.stringify(each) === JSON.stringify(found))
        assert.isAtLeast(last, acknowledged, `after operation ${operation}`)
        if (written._tag === "Success") break
      }
    }))
})
