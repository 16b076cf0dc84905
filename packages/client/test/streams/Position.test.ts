import * as Position from "@millrace/client/streams/Position"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Few = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
const Records = Schema.Array(Schema.Struct({ topic: Schema.Literals(["a", "b"]), partition: Few, offset: Few }))

const textOf = (position: Position.Position) => Position.format(position)

describe("Position", () => {
  it.effect.prop(
    "merges to the least position that has both, in any order, as often as one likes",
    [Records, Records, Records],
    ([first, second, third]) =>
      Effect.sync(() => {
        const [a, b, c] = [first, second, third].map(Position.fromComponents) as [
          Position.Position,
          Position.Position,
          Position.Position
        ]
        const merged = Position.merge(a, b)
        assert.isTrue(Position.covers(merged, a) && Position.covers(merged, b))
        assert.strictEqual(textOf(merged), textOf(Position.merge(b, a)))
        assert.strictEqual(textOf(Position.merge(a, a)), textOf(a))
        assert.strictEqual(textOf(Position.merge(merged, c)), textOf(Position.merge(a, Position.merge(b, c))))
        assert.strictEqual(textOf(Position.merge(a, Position.empty)), textOf(a))
        if (Position.covers(c, a) && Position.covers(c, b)) assert.isTrue(Position.covers(c, merged))
      })
  )

  it.effect.prop(
    "covers what has no record that it lacks, of all partitions or of those of one number",
    [Records, Records, Few],
    ([records, wanted, number]) =>
      Effect.sync(() => {
        const position = Position.fromComponents(records)
        const bound = Position.fromComponents(wanted)
        const has = ({ offset, partition, topic }: Position.Component) =>
          records.some((each) => each.topic === topic && each.partition === partition && each.offset >= offset)
        assert.strictEqual(Position.covers(position, bound), wanted.every(has))
        const ofNumber = wanted.filter(({ partition }) => partition === number)
        assert.strictEqual(Position.covers(position, bound, number), ofNumber.every(has))
        const ofTopic = Position.fromComponents(records.filter(({ topic }) => topic === "a"))
        assert.strictEqual(textOf(Position.ofTopics(position, ["a"])), textOf(ofTopic))
      })
  )
})
