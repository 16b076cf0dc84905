import { BytesMap, compareBytes } from "@millrace/client/streams/engine/stores/BytesMap"
import { DiskMap } from "@millrace/client/streams/engine/stores/DiskMap"
import { assert, describe, it } from "@effect/vitest"
import type { StoreTable, TableWrites } from "@millrace/core/platform/StoreEngine"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { checkScan } from "./scanning.ts"

/** A table in memory, whose scans give what it was when they began. */
const makeTable = (): StoreTable & { readonly write: (writes: TableWrites) => void } => {
  const map = new BytesMap<Uint8Array>()
  return {
    name: "t",
    getUnsafe: (key) => map.get(key),
    rangeUnsafe: (from, to, reverse) => [...map.range(from, to, reverse)],
    sizeUnsafe: () => map.size,
    write: ({ clear, entries }) => {
      if (clear) map.clear()
      for (const [key, value] of entries) {
        if (value === null) map.delete(key)
        else map.set(key, value)
      }
    }
  }
}

const Key = Schema.Array(Schema.Literals([0, 1, 255])).check(Schema.isMaxLength(2))
const Change = Schema.Struct({ key: Key, action: Schema.Literals(["put", "put", "delete", "commit", "clear"]) })

function* textual(
  entries: Iterable<readonly [Uint8Array, Uint8Array]>
): Generator<readonly [Uint8Array, string]> {
  for (const [key, value] of entries) yield [key, value.toString()]
}

describe("DiskMap", () => {
  it.effect.prop("scans what is there, also while it changes and is written to the table", [
    Schema.Array(Change).check(Schema.isMinLength(10)),
    Schema.Array(Change),
    Schema.Boolean
  ], ([first, meanwhile, reverse]) =>
    Effect.sync(() => {
      const table = makeTable()
      const map = new DiskMap(table)
      const model = new BytesMap<Uint8Array>()
      let count = 0
      const commit = () => {
        const writes = map.writes()
        if (writes !== undefined) table.write(writes)
        map.noteWritten()
      }
      const apply = ({ action, key: bytes }: typeof Change.Type) => {
        const key = Uint8Array.from(bytes)
        if (action === "commit") return commit()
        if (action === "clear") return [map, model].forEach((each) => each.clear())
        if (action === "delete") return [map, model].forEach((each) => each.delete(key))
        count++
        return [map, model].forEach((each) => each.set(key, Uint8Array.of(count)))
      }
      first.forEach(apply)
      checkScan({
        scan: textual(map.range(undefined, undefined, reverse)),
        before: Array.from(model.range(undefined, undefined, reverse), ([key]) => key),
        compare: (a, b) => reverse ? compareBytes(b, a) : compareBytes(a, b),
        valueOf: (key) => model.get(key)?.toString()
      }, meanwhile.map((each) => () => apply(each)).values())
      assert.deepStrictEqual(
        [...textual(map.range(undefined, undefined))],
        [...textual(model.range(undefined, undefined))]
      )
    }), { arbitrary: { runs: 300, seed: "scans" } })
})
