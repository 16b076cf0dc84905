/**
 * Texts as Kafka prints them; and the two orders of Java's collections that they depend on.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { resolve } from "node:path"
import { checkText } from "../../../../scripts/vectors/streams.ts"
import { specsOf } from "../../../../scripts/vectors/streams/specs.ts"
import * as TreeSet from "../../src/streams/internal/TreeSet.ts"

describe("a topology prints as in Kafka", () => {
  const specs = [...specsOf(resolve(import.meta.dirname, "../../../../vectors/streams"))]
  const areas = new Set(specs.map((spec) => spec.area))

  it("there are vectors", () => assert.isAbove(specs.length, 150))
  for (const area of areas) {
    it(area, () => {
      const wrong = specs.filter((spec) => spec.area === area).flatMap((spec) => {
        const outcome = checkText(spec)
        return outcome._tag === "Passed" ? [] : [{ name: spec.name, outcome }]
      })
      assert.deepStrictEqual(wrong, [])
    })
  }
})

it.effect.prop(
  "a tree set is sorted and has each item once",
  [Schema.Array(Schema.Int)],
  ([numbers]) =>
    Effect.sync(() => {
      const set = TreeSet.make<number>((a, b) => a - b)
      for (const number of numbers) TreeSet.add(set, number + 0)
      assert.deepStrictEqual(
        TreeSet.items(set),
        [...new Set(numbers.map((number) => number + 0))].sort((a, b) => a - b)
      )
    })
)

it("a tree set places an item by the shape of its tree when the order has changed", () => {
  // ranks as they are when the third item comes; a tree of two leans, one of three is balanced
  const rank = new Map([["a", 1], ["b", 2], ["c", 3], ["d", 4]])
  const set = TreeSet.make<string>((x, y) => rank.get(x)! - rank.get(y)!)
  for (const item of ["a", "b", "c"]) TreeSet.add(set, item)
  rank.set("a", 9)
  TreeSet.add(set, "d")
  assert.deepStrictEqual(TreeSet.items(set), ["a", "b", "c", "d"])
  rank.set("e", 0)
  TreeSet.add(set, "e")
  assert.deepStrictEqual(TreeSet.items(set), ["e", "a", "b", "c", "d"])
})
