/**
 * The metadata log of an Apache Kafka 4.3.1 (`fixtures/cluster-metadata.log.gz`: one combined node that created topics,
 * grew one, set settings, and stopped), opened by our controller.
 */
import { assert, describe, it } from "@effect/vitest"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import { Disk, writeFileAtomic } from "@millrace/core/platform/Disk"
import { DescribeConfigsRequest, DescribeConfigsResponse } from "@millrace/core/protocol/messages/DescribeConfigs"
import { MetadataRequest, MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFs from "node:fs"
import * as NodeZlib from "node:zlib"
import { broker, client, createTopic } from "./broker.ts"

const fixture = NodeZlib.gunzipSync(NodeFs.readFileSync(new URL("fixtures/cluster-metadata.log.gz", import.meta.url)))

const text = (...lines: ReadonlyArray<string>) => new TextEncoder().encode(lines.join("\n"))

/** Puts the log where Kafka had it. */
const prepare = Effect.gen(function*() {
  const disk = yield* Disk
  const directory = "millrace-data/__cluster_metadata-0"
  yield* disk.makeDirectory(directory)
  yield* writeFileAtomic(
    "millrace-data/meta.properties",
    text("node.id=1", "directory.id=F0zWXLudSTe37WzeLNCRnA", "version=1", "cluster.id=millraceVectors0000000")
  )
  yield* writeFileAtomic(`${directory}/partition.metadata`, text("version: 0", "topic_id: AAAAAAAAAAAAAAAAAAAAAQ"))
  yield* writeFileAtomic(`${directory}/00000000000000000000.log`, new Uint8Array(fixture))
  yield* writeFileAtomic(
    `${directory}/quorum-state`,
    text(`{"leaderId":1,"leaderEpoch":2,"votedId":-1,"data_version":1}`)
  )
})

describe("the metadata log of Apache Kafka", () => {
  it.effect("says which topics there are, and goes on", () =>
    Effect.gen(function*() {
      const { disk } = MemoryDisk.make()
      const ports = Layer.mergeAll(Layer.succeed(Disk, disk), MemoryNetwork.layer, PureCompression.layer)
      yield* Effect.provideService(prepare, Disk, disk)
      const program = Effect.gen(function*() {
        const raw = yield* client
        const { clusterId, topics } = yield* raw.call(MetadataRequest, MetadataResponse, 12, { topics: null })
        assert.strictEqual(clusterId, "millraceVectors0000000")
        assert.deepStrictEqual(
          Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.map(({ leaderId }) => leaderId)])),
          {
            "plain": [1, 1, 1],
            "log-append": [1],
            "compacted": [1],
            "transactions": [1, 1],
            "trimmed": [1],
            "empty": [1, 1, 1, 1],
            "__transaction_state": [1, 1, 1],
            "__consumer_offsets": [1, 1, 1]
          }
        )
        const { results } = yield* raw.call(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
          resources: [{ resourceType: 2, resourceName: "plain", configurationKeys: ["segment.bytes"] }]
        })
        assert.strictEqual(results[0]!.configs[0]!.value, "1048576")
        assert.strictEqual(yield* createTopic(raw, "new"), 0)
      })
      for (let start = 0; start < 2; start++) {
        yield* (start === 0 ? program : Effect.flatMap(client, (raw) => createTopic(raw, "newer"))).pipe(
          Effect.scoped,
          Effect.provide(Layer.provideMerge(broker(), ports))
        )
      }
    }))
})
