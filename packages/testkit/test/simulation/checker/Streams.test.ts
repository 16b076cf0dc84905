import { assert, describe, it } from "@effect/vitest"
import * as Serde from "@millrace/core/serde/Serde"
import * as KGroupedStream from "@millrace/core/streams/KGroupedStream"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Topic from "@millrace/core/streams/Topic"
import * as Topology from "@millrace/core/streams/Topology"
import * as Streams from "@millrace/testkit/simulation/checker/Streams"
import { History, type Seen } from "@millrace/testkit/simulation/History"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })

const counting = Topology.make(
  KStream.from(words).pipe(
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count(),
    KTable.toStream,
    KStream.to(counts)
  )
)

const record = (offset: number, key: string | null, value: string): Seen => ({ offset, key, value, timestamp: 0 })

const referenceOf = (
  processingGuarantee: Streams.App["processingGuarantee"],
  output: ReadonlyArray<Seen>,
  newest: Streams.App["newest"] = []
) => {
  const history = new History()
  history.read("words", 0, [record(0, null, "a"), record(1, null, "b")])
  history.read("words", 1, [record(0, null, "a")])
  history.read("counts", 0, output)
  const app = { topology: counting, inputs: [words], outputs: [counts], newest, processingGuarantee }
  return new Streams.Reference(app, history)
}

const problems = (processingGuarantee: Streams.App["processingGuarantee"], output: ReadonlyArray<Seen>) =>
  [...referenceOf(processingGuarantee, output).check()].map(({ detail, name }) => `${name}: ${detail}`)

const right = [record(0, "b", "1"), record(1, "a", "1"), record(2, "a", "2")]

describe("the reference run", () => {
  it("takes what it gives itself, whatever the order of keys", () => {
    assert.deepStrictEqual(problems("exactly_once", right), [])
    assert.isTrue(referenceOf("exactly_once", right).isReached)
    assert.isFalse(referenceOf("exactly_once", right.slice(1)).isReached)
  })

  it("tells what is missing, too much or in disorder, once for each key", () => {
    assert.deepStrictEqual(problems("exactly_once", right.slice(0, 2)), [
      "streams-output: counts: value 1 of a should be 2, and is nothing"
    ])
    assert.deepStrictEqual(problems("exactly_once", [...right, record(3, "b", "1")]), [
      "streams-output: counts: value 1 of b should be nothing, and is 1"
    ])
    assert.deepStrictEqual(problems("exactly_once", [right[0]!, record(1, "a", "2"), record(2, "a", "1")]), [
      "streams-output: counts: value 0 of a should be 1, and is 2"
    ])
  })

  it("lets results be left out where only the newest are told, but not the last, and none come again", () => {
    const newest = (output: ReadonlyArray<Seen>) => {
      const reference = referenceOf("exactly_once", output, [counts])
      return { isReached: reference.isReached, problems: [...reference.check()].map(({ detail }) => detail) }
    }
    const [b1, a1, a2] = right as [Seen, Seen, Seen]
    assert.deepStrictEqual(newest(right), { isReached: true, problems: [] })
    assert.deepStrictEqual(newest([b1, a2]), { isReached: true, problems: [] })
    assert.deepStrictEqual(newest([b1, a1]), {
      isReached: false,
      problems: ["counts: value 1 of a should be 2, and is nothing"]
    })
    assert.deepStrictEqual(newest([b1, a2, a2]).problems, ["counts: value 1 of a should be nothing, and is 2"])
    assert.deepStrictEqual(newest([b1, a2, a1]).problems.length, 1)
  })

  it("lets results come again where they come at least once, but lets none be missing or wrong", () => {
    const again = [...right, record(3, "a", "1"), record(4, "a", "2")]
    assert.deepStrictEqual(problems("at_least_once", again), [])
    assert.strictEqual(problems("at_least_once", right.slice(0, 2)).length, 1)
    assert.strictEqual(problems("at_least_once", [...right, record(3, "a", "3")]).length, 1)
    assert.isFalse(referenceOf("at_least_once", right.slice(0, 2)).isReached)
  })
})
