import * as Placement from "@millrace/client/streams/runtime/queries/Placement"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { assert, it } from "@effect/vitest"
import * as Result from "effect/Result"

const key = Serde.windowed(Serde.string, 10)
const counts = Topic.make("counts", { key, value: Serde.long })
const rows = Topic.make("rows", { key, value: Serde.long })

it("windowed keys are where their inner keys are, unless they come through a repartition topic", () => {
  const topology = Result.getOrThrow(Topology.resolve(
    Topology.make(
      KStream.from(counts).pipe(
        KStream.repartition({ name: "moved" }),
        KStream.groupByKey,
        KGroupedStream.count({ as: "moved-counts" })
      ),
      KTable.from(rows, { as: "rows" })
    ),
    { applicationId: "app" }
  ))
  const suffixBytesOf = (store: string, serde: Serde.Any) => {
    const subTopology = topology.subTopologies.find(({ stores }) => stores.includes(store))!
    return Placement.suffixBytesOf(topology, subTopology, serde)
  }
  assert.strictEqual(suffixBytesOf("rows", key), 8)
  assert.strictEqual(suffixBytesOf("moved-counts", key), 0)
  assert.strictEqual(suffixBytesOf("rows", Serde.string), 0)
})
