/**
 * Our client as a contender.
 */
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import { Kafka, Serde, Topic } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import {
  batchBytes,
  chunksInFlight,
  chunksOf,
  type Contender,
  counter,
  fetchBytesPerPartition,
  lingerMs,
  type Load,
  partitions
} from "./contender.ts"

const topicOf = (load: Load) => Topic.make(load.topic, { key: Serde.bytes, value: Serde.bytes })

const platform = (load: Load) => Layer.merge(Kafka.layer({ bootstrapServers: load.bootstrap }), NodePlatform.layer)

const produce = Effect.fnUntraced(function*(load: Load, started: () => void) {
  const topic = topicOf(load)
  const producer = yield* Producer.make({ acks: "all", batchSize: batchBytes, linger: lingerMs })
  yield* producer.core.prepare([load.topic])
  const chunks = chunksOf(load)
  const lane = Effect.gen(function*() {
    for (const chunk of chunks) yield* producer.sendAll(topic, chunk)
  })
  started()
  yield* Effect.all(Array.from({ length: chunksInFlight }, () => lane), { concurrency: "unbounded", discard: true })
})

const consume = (load: Load, started: () => void) => {
  const count = counter(load, started)
  return Consumer.batches(topicOf(load), {
    groupId: `${load.topic}-${process.pid}`,
    autoOffsetReset: "earliest",
    fetchMinBytes: batchBytes,
    fetchMaxBytes: partitions * fetchBytesPerPartition,
    maxPartitionFetchBytes: fetchBytesPerPartition
  }).pipe(
    Stream.runForEach((batch) =>
      Effect.sync(() => {
        let bytes = 0
        for (const { value } of batch.records) bytes += value.length
        count.add(batch.records.length, bytes)
      })
    ),
    Effect.raceFirst(Effect.promise(() => count.done))
  )
}

export const contender: Contender = {
  produce: (load, started) =>
    Effect.runPromise(produce(load, started).pipe(Effect.scoped, Effect.provide(platform(load)))),
  consume: (load, started) => Effect.runPromise(consume(load, started).pipe(Effect.provide(platform(load))))
}
