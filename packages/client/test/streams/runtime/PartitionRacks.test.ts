import { ClusterMetadata } from "@millrace/client/cluster/ClusterMetadata"
import * as PartitionRacks from "@millrace/client/streams/runtime/PartitionRacks"
import { assert, describe, it } from "@effect/vitest"

const metadata = new ClusterMetadata()
for (const [id, rack] of [[1, "r1"], [2, "r2"], [3, null]] as const) {
  metadata.nodes.set(id, { id, host: "host", port: id, rack })
}
const partitions = [[1, 2], [2], [1, 3], [1, 4]].map((replicas, partition) => ({
  partition,
  leaderId: 1,
  leaderEpoch: 0,
  replicas,
  isr: replicas,
  errorCode: 0
}))
metadata.topics.set("in", { name: "in", topicId: "", isInternal: false, partitions, updatedMs: 0 })

describe("PartitionRacks", () => {
  it("tells the racks of replicas, and none if one is in a rack that nobody knows", () => {
    const racksOf = PartitionRacks.of(metadata)
    const found = [0, 1, 2, 3, 4].map((partition) => [...racksOf({ topic: "in", partition })])
    assert.deepStrictEqual(found, [["r1", "r2"], ["r2"], [], [], []])
    assert.strictEqual(racksOf({ topic: "unknown", partition: 0 }).size, 0)
  })
})
