/** What storage tests share: batches to write, logs on a disk in memory, brokers that die. */
import { NodeCompression } from "@millrace/core/node"
import { Disk } from "@millrace/core/platform/Disk"
import * as Compression from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { type BuildOptions, RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as Records from "@millrace/core/records/Records"
import * as ReplicaManager from "@millrace/server/replication/ReplicaManager"
import * as LogConfig from "@millrace/server/storage/LogConfig"
import * as LogLoader from "@millrace/server/storage/LogLoader"
import * as LogManager from "@millrace/server/storage/LogManager"
import type { LogContext, PartitionLog } from "@millrace/server/storage/PartitionLog"
import * as LogReader from "@millrace/server/storage/LogReader"
import type { MemoryDisk } from "@millrace/testkit/platform/MemoryDisk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"

export const topicId = "AAAAAAAAAAAAAAAAAAAABA"

/** A batch of `count` records with values of `size` bytes, filled with `mark`. */
export const batchOf = (
  count: number,
  options: BuildOptions & { readonly size?: number; readonly mark?: number; readonly timestamp?: number } = {}
): Uint8Array => {
  const builder = new RecordBatchBuilder()
  const { mark = 0, size = 10, timestamp = 0 } = options
  for (let index = 0; index < count; index++) {
    builder.append(timestamp + index, `key-${mark}-${index}`, new Uint8Array(size).fill(mark))
  }
  return builder.build(options)
}

/** A small configuration, so that segments roll and indexes fill in a short test. */
export const configOf = (values: Readonly<Record<string, string>> = {}): LogConfig.LogConfig =>
  Result.getOrThrow(
    LogConfig.parse({ "internal.segment.bytes": "2000", "index.interval.bytes": "200", ...values })
  )

/** The context of logs on `disk`; files that leave a log are removed at once. */
export const contextOf = Effect.fnUntraced(function*(disk: MemoryDisk) {
  const compression = yield* Compression.Compression
  const context: LogContext = {
    disk: disk.disk,
    compression,
    clock: yield* Clock.Clock,
    producerExpirationMs: 86_400_000,
    sealAtRoll: true,
    discard: () => undefined
  }
  return context
})

/** Opens the log `t-0`, making it if it is not there. */
export const openLog = Effect.fnUntraced(function*(
  context: LogContext,
  clean: boolean,
  config: LogConfig.LogConfig,
  checkpoint = { recoveryPoint: 0, logStartOffset: 0 }
) {
  yield* context.disk.makeDirectory("data")
  yield* context.disk.syncDirectory(".")
  yield* Effect.provideService(LogLoader.prepare("data/t-0", topicId), Disk, context.disk)
  const log = yield* LogLoader.open(context, {
    topic: "t",
    partition: 0,
    directory: "data/t-0",
    config,
    clean,
    isSerial: false,
    jitter: 0,
    ...checkpoint
  })
  log.advanceHighWatermark(log.logEndOffset)
  return log
})

/** Appends as a client's produce request does. */
export const appendTo = (log: PartitionLog, records: Uint8Array) =>
  log.append(records, { origin: "client", leaderEpoch: 0, requestVersion: 13 })

/** Whatever the log holds from `offset` on, batch by batch. */
export const batchesFrom = Effect.fnUntraced(function*(log: PartitionLog, offset: number, maxBytes = 700) {
  const found: Array<Uint8Array> = []
  let next = offset
  for (;;) {
    const request = { offset: next, maxBytes, minOneMessage: true, end: log.logEndOffset, withAborted: false }
    const { records } = yield* LogReader.read(log, request)
    if (records.length === 0) return found
    for (let at = 0, size = 0; (size = Records.nextBatchUnsafe(records, at, records.length)) > 0; at += size) {
      found.push(records.slice(at, at + size))
      next = RecordBatch.nextOffset(records, at)
    }
  }
})

/** A broker's storage on a disk, ended in order by `stop`, or by a crash and never heard of again. */
export const startStorage = Effect.fnUntraced(function*(
  disk: MemoryDisk,
  options: Partial<LogManager.LogManagerOptions> = {}
) {
  const scope = yield* Scope.make()
  const layer = ReplicaManager.layer.pipe(
    Layer.provideMerge(LogManager.layer({ logDirs: ["data-1", "data-2"], nodeId: 1, ...options })),
    Layer.provide(Layer.merge(Layer.succeed(Disk)(disk.disk), NodeCompression.layer))
  )
  const context = yield* Layer.buildWithScope(layer, scope)
  return {
    replicas: Context.get(context, ReplicaManager.ReplicaManager),
    manager: Context.get(context, LogManager.LogManager),
    stop: (exit: Parameters<typeof Scope.close>[1]) => Scope.close(scope, exit)
  }
})

export const compression = NodeCompression.layer
