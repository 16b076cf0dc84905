import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Serde from "../../src/serde/Serde.ts"
import * as KGroupedStream from "../../src/streams/KGroupedStream.ts"
import * as KGroupedTable from "../../src/streams/KGroupedTable.ts"
import * as KStream from "../../src/streams/KStream.ts"
import * as KTable from "../../src/streams/KTable.ts"
import type { Node, Processor, ResolvedTopology } from "../../src/streams/ResolvedTopology.ts"
import * as Suppressed from "../../src/streams/Suppressed.ts"
import * as TimeWindowedKStream from "../../src/streams/TimeWindowedKStream.ts"
import * as TimeWindows from "../../src/streams/TimeWindows.ts"
import * as Topic from "../../src/streams/Topic.ts"
import * as Topology from "../../src/streams/Topology.ts"

const strings = { key: Serde.string, value: Serde.string }
const input = Topic.make("input", strings)
const other = Topic.make("other", strings)
const output = Topic.make("output", strings)
const longs = Topic.make("longs", { key: Serde.string, value: Serde.long })

const resolve = (
  topology: Topology.Topology<any, any>, // oxlint-disable-line typescript/no-explicit-any
  options: Topology.DescribeOptions = {}
): ResolvedTopology => Result.getOrThrow(Topology.resolve(topology, { applicationId: "app", ...options }))

const names = (topology: ResolvedTopology) => topology.nodes.map((node) => node.name)

const processors = <T extends Processor["_tag"]>(
  topology: ResolvedTopology,
  tag: T
): ReadonlyArray<Extract<Processor, { readonly _tag: T }>> =>
  topology.nodes.flatMap((node: Node) => node._tag === "Processor" && is(node.processor, tag) ? [node.processor] : [])

const is = <T extends Processor["_tag"]>(
  processor: Processor,
  tag: T
): processor is Extract<Processor, { readonly _tag: T }> => processor._tag === tag

const reasons = (
  topology: Topology.Topology<any, any>, // oxlint-disable-line typescript/no-explicit-any
  options?: Topology.DescribeOptions
) => Topology.validate(topology, options).map((problem) => `${problem.reason} ${problem.where}`)

describe("numbering", () => {
  it("follows the order in which the program made things, not the order of the arguments of make", () => {
    const first = KStream.from(input)
    const second = KStream.from(other)
    const sink = KStream.to(first, output)
    assert.deepStrictEqual(names(resolve(Topology.make(second, sink))), [
      "KSTREAM-SOURCE-0000000000",
      "KSTREAM-SOURCE-0000000001",
      "KSTREAM-SINK-0000000002"
    ])
  })

  it("makes an argument before the operator that takes it", () => {
    const topology = resolve(Topology.make(
      KStream.from(input).pipe(KStream.merge(KStream.from(other)), KStream.to(output))
    ))
    assert.deepStrictEqual(names(topology), [
      "KSTREAM-SOURCE-0000000000",
      "KSTREAM-SOURCE-0000000001",
      "KSTREAM-MERGE-0000000002",
      "KSTREAM-SINK-0000000003"
    ])
  })

  it("is a topology's own, whatever was made besides", () => {
    const make = () => Topology.make(KStream.from(input).pipe(KStream.peek(() => {}), KStream.to(output)))
    const text = Topology.describe(make())
    KStream.from(other)
    assert.strictEqual(Topology.describe(make()), text)
  })

  it("a value used twice is one node", () => {
    const stream = KStream.from(input)
    const topology = resolve(Topology.make(stream, KStream.to(stream, output), KStream.foreach(stream, () => {})))
    assert.strictEqual(topology.nodes.filter((node) => node._tag === "Source").length, 1)
  })

  it("merge numbers the first topology's nodes first", () => {
    const a = Topology.make(KStream.from(input).pipe(KStream.to(output)))
    const b = Topology.make(KStream.from(other).pipe(KStream.to(longs2)))
    assert.deepStrictEqual(
      resolve(Topology.merge(b, a)).nodes.flatMap((node) => node._tag === "Source" ? node.topics : []),
      [
        "other",
        "input"
      ]
    )
    assert.strictEqual(Topology.describe(Topology.merge(a, a)), Topology.describe(a))
  })

  it("keeps all parts of a split, and their numbers, even those that nobody reads", () => {
    const [short] = KStream.from(input).pipe(KStream.split([(value) => value.length < 2, () => true], { rest: "rest" }))
    const topology = resolve(Topology.make(KStream.to(short, output)))
    const [branch] = processors(topology, "Branch")
    assert.deepStrictEqual(branch?.branches.map((each) => each.child), [
      "KSTREAM-BRANCH-00000000011",
      "KSTREAM-BRANCH-00000000012"
    ])
    assert.strictEqual(branch?.otherwise, "KSTREAM-BRANCH-0000000001rest")
    assert.include(names(topology), "KSTREAM-SINK-0000000005")
  })
})

const longs2 = Topic.make("output-2", strings)

describe("both forms of an operator make the same node", () => {
  const stream = KStream.from(input)
  const f = (value: string) => value
  const key = (_key: string | null, value: string) => value
  const pairs: ReadonlyArray<readonly [string, Topology.Part<never, never>, Topology.Part<never, never>]> = [
    ["filter", KStream.filter(stream, () => true), stream.pipe(KStream.filter(() => true))],
    ["mapValues", KStream.mapValues(stream, f, Serde.string), stream.pipe(KStream.mapValues(f, Serde.string))],
    ["selectKey", KStream.selectKey(stream, key, { name: "n" }), stream.pipe(KStream.selectKey(key, { name: "n" }))],
    ["merge", KStream.merge(stream, stream), stream.pipe(KStream.merge(stream))],
    ["repartition", KStream.repartition(stream), stream.pipe(KStream.repartition())],
    ["groupBy", KStream.groupBy(stream, key, Serde.string), stream.pipe(KStream.groupBy(key, Serde.string))],
    ["toTable", KStream.toTable(stream), stream.pipe(KStream.toTable())],
    ["to", KStream.to(stream, output), stream.pipe(KStream.to(output))]
  ]
  for (const [name, first, last] of pairs) {
    it(name, () => {
      const shape = (part: Topology.Part<never, never>) =>
        JSON.stringify([part.node.operation, part.node.inputs.length])
      assert.strictEqual(shape(first), shape(last))
    })
  }
})

describe("names", () => {
  it("naming a node leaves the numbers of the others as they were", () => {
    const plain = KStream.from(input).pipe(KStream.peek(() => {}), KStream.to(output))
    const named = KStream.from(input, { name: "in" }).pipe(KStream.peek(() => {}, { name: "look" }), KStream.to(output))
    assert.deepStrictEqual(names(resolve(Topology.make(named))), ["in", "look", "KSTREAM-SINK-0000000002"])
    assert.strictEqual(names(resolve(Topology.make(plain)))[2], "KSTREAM-SINK-0000000002")
  })

  it("internal topics carry the application id", () => {
    const topology = resolve(Topology.make(
      KStream.from(input).pipe(KStream.groupBy((_key, value) => value, Serde.string), KGroupedStream.count({ as: "c" }))
    ))
    assert.deepStrictEqual(topology.repartitionTopics.map((each) => each.topic), ["app-c-repartition"])
    assert.deepStrictEqual(topology.changelogTopics, [{
      topic: "app-c-changelog",
      store: "c",
      subTopology: 1,
      config: { "cleanup.policy": "compact", "message.timestamp.type": "CreateTime" }
    }])
    assert.deepStrictEqual(topology.subTopologies.map(({ sinkTopics, sourceTopics }) => [sourceTopics, sinkTopics]), [
      [["input"], ["app-c-repartition"]],
      [["app-c-repartition"], []]
    ])
  })

  it("windowed changelogs keep records for the retention and a day", () => {
    const topology = resolve(Topology.make(
      KStream.from(input).pipe(
        KStream.groupByKey,
        KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute", { grace: "10 seconds" })),
        TimeWindowedKStream.count({ as: "w" })
      )
    ))
    assert.strictEqual(topology.changelogTopics[0]?.config["retention.ms"], String(70_000 + 86_400_000))
    assert.strictEqual(topology.changelogTopics[0]?.config["cleanup.policy"], "compact,delete")
  })

  it("ensureExplicitNames refuses those that were generated", () => {
    const counted = (as?: string) =>
      Topology.make(KStream.from(input).pipe(KStream.groupByKey, KGroupedStream.count(as === undefined ? {} : { as })))
    assert.deepStrictEqual(reasons(counted(), { ensureExplicitNames: true }), [
      "NameNotExplicit KSTREAM-AGGREGATE-STATE-STORE-0000000001"
    ])
    assert.deepStrictEqual(reasons(counted("named"), { ensureExplicitNames: true }), [])
  })
})

describe("tables", () => {
  it("have a store and old values only where something needs them", () => {
    const plain = resolve(Topology.make(KTable.from(input).pipe(KTable.toStream, KStream.to(output))))
    assert.deepStrictEqual(processors(plain, "TableSource"), [
      { _tag: "TableSource", store: undefined, sendOldValues: false }
    ])
    const grouped = resolve(Topology.make(
      KTable.from(input).pipe(KTable.groupBy((key, value) => [value, key], strings), KGroupedTable.count())
    ))
    assert.deepStrictEqual(processors(grouped, "TableSource"), [
      { _tag: "TableSource", store: "input-STATE-STORE-0000000000", sendOldValues: true }
    ])
  })

  it("are looked up through what has no store", () => {
    const table = KTable.from(other).pipe(
      KTable.mapValues((value) => value.length),
      KTable.filter((length) => length > 1)
    )
    const topology = resolve(Topology.make(KStream.from(input).pipe(KStream.join(table, (value, n) => value + n))))
    const view = processors(topology, "StreamTableJoin")[0]?.table
    assert.strictEqual(view?._tag, "Filter")
    const join = topology.nodes.find((node) => node.name.startsWith("KSTREAM-JOIN"))
    assert.deepStrictEqual(join?._tag === "Processor" ? join.stores : [], ["other-STATE-STORE-0000000000"])
    assert.deepStrictEqual(topology.subTopologies.map((each) => each.copartitionGroups), [[["input", "other"]]])
  })

  it("joins know their topics through sources that became one", () => {
    const join = (stream: KStream.KStream<string | null, string>) =>
      KStream.join(stream, KTable.from(other), (a, b) => a + b)
    const groups = (...parts: ReadonlyArray<Topology.Part<never, never>>) =>
      resolve(Topology.make(...parts)).subTopologies.map((each) => each.copartitionGroups)
    const twice = [KStream.from(input), join(KStream.from(input).pipe(KStream.repartition({ name: "moved" })))]
    assert.deepStrictEqual(groups(KStream.from(input), join(KStream.from(input))), [[["input", "other"]]])
    assert.deepStrictEqual(groups(...twice), [[], [["app-moved-repartition", "other"]]])
  })

  it("with reuse, a source topic is the changelog", () => {
    const make = () => Topology.make(KTable.from(input, { as: "t" }))
    const [own] = resolve(make()).stores
    const [reused] = resolve(make(), { optimization: ["reuse.ktable.source.topics"] }).stores
    assert.deepStrictEqual(own?.changelog, { _tag: "Topic", topic: "app-t-changelog" })
    assert.deepStrictEqual(reused?.changelog, { _tag: "Source", topic: "input" })
  })
})

describe("null keys", () => {
  const rekeyed = KStream.from(input).pipe(KStream.selectKey((_key, value) => value, Serde.string))

  it("are dropped before a repartition, except above a left join", () => {
    const inner = rekeyed.pipe(KStream.join(KTable.from(other), (a, b) => a + b))
    const left = rekeyed.pipe(KStream.leftJoin(KTable.from(other), (a, b) => a + b))
    assert.deepStrictEqual(processors(resolve(Topology.make(inner)), "NullKeyFilter").map((each) => each.relaxed), [
      false
    ])
    assert.deepStrictEqual(processors(resolve(Topology.make(left)), "NullKeyFilter").map((each) => each.relaxed), [
      true
    ])
  })

  it("a null value is a value only of nullable serdes", () => {
    const nullable = Topic.make("maybe", { key: Serde.string, value: Serde.nullable(Serde.string) })
    const topology = resolve(Topology.make(KStream.from(input), KStream.from(nullable), KTable.from(other)))
    const values = topology.nodes.flatMap((node) => node._tag === "Source" ? [node.nullValue] : [])
    assert.deepStrictEqual(values, ["Drop", "Keep", "Keep"])
  })
})

describe("validate", () => {
  it("finds all that is wrong at once", () => {
    const broken = Topology.make(
      KStream.from(input, { name: "not a name" }).pipe(
        KStream.groupByKey,
        KGroupedStream.windowedBy(TimeWindows.hopping("1 second", { advance: "2 seconds" })),
        TimeWindowedKStream.count({ as: "same", retention: "1 millis" })
      ),
      KStream.from(other).pipe(KStream.groupByKey, KGroupedStream.count({ as: "same" }))
    )
    assert.deepStrictEqual(reasons(broken), [
      "InvalidName not a name",
      "InvalidWindows not a name",
      "InvalidRetention same",
      "DuplicateName same"
    ])
    const error = Result.getOrThrow(Result.flip(Topology.resolve(broken, { applicationId: "app" })))
    assert.strictEqual(error._tag, "TopologyError")
    assert.strictEqual(error.problems.length, 4)
  })

  it("sources that share some topics but not all, or begin at different places", () => {
    const both = KStream.from([input, other])
    assert.deepStrictEqual(reasons(Topology.make(both, KStream.from(other))), ["OverlappingSources other"])
    assert.deepStrictEqual(
      reasons(Topology.make(KStream.from(input, { offsetReset: "latest" }), KStream.from(input))),
      ["ConflictingOffsetReset input"]
    )
    assert.deepStrictEqual(reasons(Topology.make(KTable.from(input), KStream.from(input))), [
      "OverlappingSources input"
    ])
  })

  it("finds nothing wrong with what is fine", () => {
    const fine = Topology.make(KStream.from(input).pipe(KStream.mapValues((value) => value.length), KStream.to(longs)))
    assert.deepStrictEqual(reasons(fine), [])
  })
})

it("a suppress knows the grace of the windows above it", () => {
  const topology = resolve(Topology.make(
    KStream.from(input).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute", { grace: "10 seconds" })),
      TimeWindowedKStream.count(),
      KTable.filter((count) => count > 1),
      KTable.suppress(Suppressed.untilWindowCloses())
    )
  ))
  assert.strictEqual(processors(topology, "TableSuppress")[0]?.graceMs, 10_000)
})

it("many diamonds one below the other are resolved in no time", () => {
  let stream: KStream.KStream<string | null, string> = KStream.from(input)
  for (let left = 200; left > 0; left--) {
    stream = KStream.merge(KStream.filter(stream, () => true), KStream.filterNot(stream, () => true))
  }
  const topology = resolve(Topology.make(stream.pipe(KStream.repartition(), KStream.to(output))), {
    optimization: "all"
  })
  assert.strictEqual(topology.nodes.length, 1 + 3 * 200 + 3 + 1)
})

const step = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))

it.effect.prop(
  "every topology has each node below its parents, once, in one sub-topology",
  [Schema.Array(step)],
  ([steps]) =>
    Effect.sync(() => {
      let stream: KStream.KStream<string | null, string> = KStream.from(input)
      const parts: Array<Topology.Part<never, never>> = [stream]
      for (const [index, which] of steps.entries()) {
        if (which === 0) stream = stream.pipe(KStream.filter(() => true))
        if (which === 1) stream = stream.pipe(KStream.selectKey((_key, value) => value, Serde.string))
        if (which === 2) stream = stream.pipe(KStream.merge(KStream.from(other)))
        if (which === 3) stream = stream.pipe(KStream.toTable({ as: `t${index}` }), KTable.toStream)
        if (which === 4) parts.push(stream.pipe(KStream.groupByKeyAs(strings), KGroupedStream.count()))
        if (which === 5) stream = stream.pipe(KStream.repartition())
        parts.push(stream)
      }
      for (const optimization of ["none", "all"] as const) {
        const result = Topology.resolve(Topology.make(...parts), { applicationId: "app", optimization })
        if (Result.isFailure(result)) {
          // diamonds of merges cannot be optimised, in Kafka neither
          assert.isTrue(result.failure.problems.every(({ reason }) => reason === "NotMergeable"))
          continue
        }
        const seen = new Set<string>()
        for (const node of result.success.nodes) {
          assert.isFalse(seen.has(node.name))
          seen.add(node.name)
          if (node._tag !== "Source") { for (const parent of node.parents) assert.isTrue(seen.has(parent)) }
        }
        assert.deepStrictEqual(
          result.success.subTopologies.flatMap((each) => each.nodes).sort(),
          [...seen].sort()
        )
      }
    })
)
