import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"

const text = { key: Serde.string, value: Serde.string }
const topic = (name: string) => Topic.make(name, text)
const stream = (name: string) => KStream.from(topic(name))
const problems = (topology: Topology.Topology<unknown, unknown>, options?: Topology.DescribeOptions) =>
  Topology.validate(topology, options).map(({ reason, where }) => [reason, where])

describe("Topology.validate", () => {
  it("finds nothing in a topology that can be resolved", () => {
    assert.deepStrictEqual(problems(Topology.make(stream("in").pipe(KStream.to(topic("out"))))), [])
  })

  it("finds everything at once, each with what to do", () => {
    const topology = Topology.make(
      stream("in").pipe(KStream.filter(() => true, { name: "same" }), KStream.to(topic("out"), { name: "same" })),
      stream("in").pipe(KStream.peek(() => {}, { name: "no name" })),
      KTable.from(topic("table"), { as: "store" }),
      stream("counted").pipe(KStream.groupByKey, KGroupedStream.count({ as: "store" })),
      stream("table"),
      stream("many").pipe(KStream.repartition({ partitions: 0 }))
    )
    const found = Topology.validate(topology)
    assert.sameDeepMembers(found.map(({ reason, where }) => [reason, where]), [
      ["DuplicateName", "same"],
      ["InvalidName", "no name"],
      ["DuplicateName", "store"],
      ["OverlappingSources", "table"],
      ["InvalidPartitions", "KSTREAM-SOURCE-0000000010"]
    ])
    for (const { detail, hint } of found) assert.isTrue(detail.length > 0 && hint.length > 0)
  })

  it("asks for names of what is stored or repartitioned, if it is told to", () => {
    const topology = Topology.make(
      stream("in").pipe(KStream.groupBy((_key, value) => value, Serde.string), KGroupedStream.count())
    )
    assert.deepStrictEqual(problems(topology), [])
    assert.deepStrictEqual(problems(topology, { ensureExplicitNames: true }), [
      ["NameNotExplicit", "KSTREAM-AGGREGATE-STATE-STORE-0000000002"]
    ])
  })

  it("lets each topic be read by one pattern or source alone", () => {
    const pattern = (pattern: RegExp) => KStream.fromPattern(pattern, text)
    assert.deepStrictEqual(problems(Topology.make(pattern(/a-.*/), pattern(/b-.*/), stream("c"))), [])
    assert.deepStrictEqual(problems(Topology.make(pattern(/a-.*/), pattern(/a-.*/))), [], "one source for both")
    assert.deepStrictEqual(problems(Topology.make(pattern(/a-.*/), stream("a-1"))), [["OverlappingSources", "a-.*"]])
    assert.deepStrictEqual(problems(Topology.make(stream("a-1"), pattern(/a-.*/))), [["OverlappingSources", "a-.*"]])
    assert.deepStrictEqual(problems(Topology.make(pattern(/a-.*/), pattern(/a-.*b/))).map(([reason]) => reason), [
      "OverlappingSources"
    ])
  })
})
