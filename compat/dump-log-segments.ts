/**
 * Kafka's `DumpLogSegments` reads what our storage wrote: segments record by record, indexes checked against them,
 * producer snapshots, transaction indexes. Needs Java and Kafka's jars, but no running broker.
 */
import { NodeCompression, NodeDisk } from "@millrace/core/node"
import { Codec, Compression } from "@millrace/core/records/Compression"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import type { Partition } from "@millrace/server/replication/Partition"
import * as ReplicaManager from "@millrace/server/replication/ReplicaManager"
import * as LogConfig from "@millrace/server/storage/LogConfig"
import * as LogManager from "@millrace/server/storage/LogManager"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { check, finish, same } from "./lib/harness.ts"
import { runTool } from "./lib/java.ts"

const root = mkdtempSync(join(tmpdir(), "millrace-dump-"))
const codecs = [Codec.none, Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd]
const batches = 400
const recordsPerBatch = 10

const config = Result.getOrThrow(LogConfig.parse({ "internal.segment.bytes": "200000", "retention.ms": "-1" }))

const storage = ReplicaManager.layer.pipe(
  Layer.provideMerge(LogManager.layer({ logDirs: [root], nodeId: 1 })),
  Layer.provideMerge(Layer.merge(NodeDisk.layer, NodeCompression.layer))
)

const options = { origin: "client", acksAll: true } as const

const write = Effect.fnUntraced(function*(partition: Partition, transactional: boolean) {
  const builder = new RecordBatchBuilder(yield* Compression)
  let last = -1
  for (let index = 0; index < batches; index++) {
    for (let record = 0; record < recordsPerBatch; record++) {
      const value = new Uint8Array(500).map((_, at) => (index * 31 + record * 7 + at * at) & 0xff)
      builder.append(1_700_000_000_000 + index * 1000 + record, `key-${index}-${record}`, value)
    }
    const producer = { producerId: 5, producerEpoch: 0, baseSequence: index * recordsPerBatch, transactional }
    const batch = builder.build({ compression: codecs[index % codecs.length]!, ...producer })
    last = (yield* partition.append(batch, options)).lastOffset
    if (!transactional || index % 4 !== 3) continue
    const commit = index % 8 === 3
    const marker = { producerId: 5, producerEpoch: 0, coordinatorEpoch: 0, commit }
    last = (yield* partition.writeTransactionMarker(marker)).lastOffset
  }
  yield* partition.awaitCommitted(last)
})

const program = Effect.gen(function*() {
  const replicas = yield* ReplicaManager.ReplicaManager
  for (const topic of ["plain", "transactional"]) {
    const topicId = topic === "plain" ? "AAAAAAAAAAAAAAAAAAAABA" : "AAAAAAAAAAAAAAAAAAAABQ"
    const partition = yield* replicas.create({ topic, partition: 0, topicId, config, leaderEpoch: 3 })
    yield* write(partition, topic === "transactional")
  }
})

await Effect.runPromise(Effect.provide(program, storage))

const dump = (files: ReadonlyArray<string>, ...words: ReadonlyArray<string>): Promise<string> =>
  runTool("org.apache.kafka.tools.DumpLogSegments", ["--files", files.join(","), ...words])

for (const topic of ["plain", "transactional"]) {
  const directory = join(root, `${topic}-0`)
  const filesOf = (suffix: string) =>
    readdirSync(directory).filter((name) => name.endsWith(suffix)).map((name) => join(directory, name))

  await check(`${topic}: every record of every segment is read`, async () => {
    const segments = filesOf(".log")
    same(segments.length > 1, true, "the log has rolled")
    const output = await dump(segments, "--deep-iteration", "--print-data-log")
    same((output.match(/isvalid: true/gu) ?? []).length >= batches, true, "batches are valid")
    same(/isvalid: false/u.test(output), false, "no batch is invalid")
    same((output.match(/ key: key-/gu) ?? []).length, batches * recordsPerBatch, "records read")
  })
  await check(`${topic}: the indexes are sane and agree with the segments`, async () => {
    const indexes = [...filesOf(".index"), ...filesOf(".timeindex")]
    const sane = await dump(indexes, "--index-sanity-check")
    same((sane.match(/passed sanity check/gu) ?? []).length >= indexes.length / 2, true, sane)
    const verified = await dump(indexes, "--verify-index-only")
    same(/mismatch|Mismatches|not found|out of order/iu.test(verified), false, verified)
  })
  await check(`${topic}: producer snapshots are read`, async () => {
    const output = await dump(filesOf(".snapshot"))
    same(/producerId: 5 producerEpoch: 0/u.test(output), true, output)
  })
}

await check("transactional: aborted transactions are indexed", async () => {
  const directory = join(root, "transactional-0")
  const files = readdirSync(directory).filter((name) => name.endsWith(".txnindex")).map((name) => join(directory, name))
  const output = await dump(files)
  same((output.match(/producerId: 5/gu) ?? []).length, batches / 8, "aborted transactions")
})

rmSync(root, { recursive: true, force: true })
finish()
