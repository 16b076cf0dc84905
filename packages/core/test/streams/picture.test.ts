/**
 * Pictures of topologies: what they show, and that nothing in them overlaps.
 */
import { KGroupedStream, KStream, KTable, ProcessorApi, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { resolve } from "node:path"
import { build, resolveOptions } from "../../../../scripts/vectors/streams/build.ts"
import { specsOf } from "../../../../scripts/vectors/streams/specs.ts"
import * as Layout from "../../src/streams/picture/Layout.ts"
import * as Picture from "../../src/streams/picture/Picture.ts"

const text = { key: Serde.string, value: Serde.string }

const counting = () =>
  Topology.make(
    KStream.from(Topic.make("lines", text)).pipe(
      KStream.selectKey((value) => value, Serde.string),
      KStream.groupByKey,
      KGroupedStream.count({ as: "counts" }),
      KTable.toStream,
      KStream.to(Topic.make("totals", { key: Serde.string, value: Serde.long }))
    )
  )

describe("a picture of a topology", () => {
  it("has topics between sub-topologies, as a flowchart", () => {
    assert.strictEqual(
      Topology.toMermaid(counting()),
      `flowchart TD
  n1(["lines"])
  n5(["counts-repartition"])
  n11(["totals"])
  subgraph g0["Sub-topology 0"]
    n0[/"KSTREAM-SOURCE-0000000000"\\]
    n2["KSTREAM-KEY-SELECT-0000000001"]
    n3["counts-repartition-filter"]
    n4[\\"counts-repartition-sink"/]
  end
  subgraph g1["Sub-topology 1"]
    n6[/"counts-repartition-source"\\]
    n7["KSTREAM-AGGREGATE-0000000002"]
    n8[("counts")]
    n9["KTABLE-TOSTREAM-0000000006"]
    n10[\\"KSTREAM-SINK-0000000007"/]
  end
  n1 --> n0
  n0 --> n2
  n2 --> n3
  n4 --> n5
  n3 --> n4
  n5 --> n6
  n6 --> n7
  n7 -.- n8
  n7 --> n9
  n10 --> n11
  n9 --> n10
`
    )
  })

  it("escapes names", () => {
    const topics = [Topic.make("in", text), Topic.make("out", text)] as const
    const topology = Topology.make(ProcessorApi.sink("to", ProcessorApi.source("from <&>", topics[0]), topics[1]))
    assert.include(Topology.toMermaid(topology), "from #60;#38;#62;")
    assert.include(Topology.toSvg(topology), "from &lt;&amp;&gt;")
  })

  it("is the same each time, and has each box once, as SVG", () => {
    const svg = Topology.toSvg(counting())
    assert.strictEqual(svg, Topology.toSvg(counting(), {}))
    assert.strictEqual(svg.match(/<rect class="box/g)?.length, svg.match(/<text x=/g)?.length)
  })

  it("has topics above and below the sub-topology that reads and writes them, each box as near to its source as can be", () => {
    const topic = (name: string) => Topic.make(name, text)
    const left = KStream.from(topic("left"))
    const right = KStream.from(topic("right"))
    const topology = Topology.make(
      KStream.to(KStream.filter(right, () => true, { name: "of-right" }), topic("out")),
      KStream.to(KStream.filter(left, () => true, { name: "of-left" }), topic("out")),
      KStream.to(KStream.merge(left, right, { name: "both" }), topic("out"))
    )
    const { boxes, groups } = Layout.of(
      Picture.of(Result.getOrThrow(Topology.resolve(topology, { applicationId: "app" })))
    )
    const at = (label: string) => {
      const { x, width, y } = [...boxes].find(([id]) => id.endsWith(` ${label}`))![1]
      return { middle: x + width / 2, y }
    }
    const [group] = [...groups.values()]
    assert.isBelow(at("left").y, group!.y)
    assert.isAbove(at("out").y, group!.y + group!.height)
    const leftIsFirst = at("left").middle < at("right").middle
    assert.strictEqual(at("of-left").middle < at("of-right").middle, leftIsFirst)
  })

  it("shows every node and arrow of any topology, and nothing overlaps", () => {
    for (const spec of specsOf(resolve(import.meta.dirname, "../../../../vectors/streams"), { every: 5 })) {
      if (spec.error?.at === "build") continue
      const resolved = Topology.resolve(build(spec), { ...resolveOptions(spec), applicationId: "app" })
      if (Result.isFailure(resolved)) continue
      const picture = Picture.of(resolved.success)
      const { boxes, groups } = Layout.of(picture)
      const shown = new Set(picture.boxes.map(({ label }) => label))
      for (const node of resolved.success.nodes) assert.isTrue(shown.has(node.name), spec.name)
      for (const { from, to } of picture.arrows) assert.isTrue(boxes.has(from) && boxes.has(to), spec.name)
      const overlaps = (a: Layout.Place, b: Layout.Place) =>
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
      for (const places of [[...boxes.values()], [...groups.values()]]) {
        for (const [index, place] of places.entries()) {
          for (const other of places.slice(index + 1)) assert.isFalse(overlaps(place, other), spec.name)
          assert.isAtLeast(Math.min(place.x, place.y), 0, spec.name)
        }
      }
      for (const { group, id } of picture.boxes) {
        const place = boxes.get(id)!
        const isInside = [...groups].filter(([, other]) => overlaps(place, other)).map(([other]) => other)
        assert.deepStrictEqual(isInside, group === undefined ? [] : [group], spec.name)
      }
    }
  })
})
