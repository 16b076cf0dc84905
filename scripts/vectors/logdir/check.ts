/** Asks our storage what Kafka's clients were asked, and compares line by line. */
import type { Partition } from "@millrace/server/replication/Partition"
import { ReplicaManager } from "@millrace/server/replication/ReplicaManager"
import * as LogConfig from "@millrace/server/storage/LogConfig"
import * as Effect from "effect/Effect"
import type { Report } from "../../vectors.ts"
import { groupOffsets, transactionStates } from "./coordinators.ts"
import type { Expected } from "./expected.ts"
import { committedOffsets, recordsOf } from "./records.ts"

/** An epoch beyond any in the archives. */
const leaderEpoch = 1000

const keyOf = (line: Expected): string => {
  switch (line.kind) {
    case "partition":
      return `partition ${line.topic}-${line.partition} ${line.isolation}`
    case "record":
    case "committed":
      return `${line.kind} ${line.topic}-${line.partition} ${line.offset}`
    case "offset":
      return `offset ${line.group} ${line.topic}-${line.partition}`
    case "transaction":
      return `transaction ${line.transactionalId}`
    case "producer":
      return `producer ${line.topic}-${line.partition} ${line.producerId}`
  }
}

/** JSON with sorted keys, so that equal lines have equal texts. */
const canonical = (line: Expected): string =>
  JSON.stringify(Object.entries(line).sort(([one], [other]) => one < other ? -1 : 1))

const partitionLines = (partition: Partition): ReadonlyArray<Expected> =>
  (["read_uncommitted", "read_committed"] as const).map((isolation) => ({
    kind: "partition",
    isolation,
    topic: partition.topic,
    partition: partition.partition,
    logStartOffset: partition.logStartOffset,
    endOffset: isolation === "read_committed" ? partition.lastStableOffset : partition.highWatermark
  }))

const producerLines = (partition: Partition): ReadonlyArray<Expected> =>
  partition.activeProducers().map((producer) => ({
    kind: "producer",
    topic: partition.topic,
    partition: partition.partition,
    producerId: producer.producerId,
    producerEpoch: producer.producerEpoch,
    lastSequence: producer.lastSequence,
    currentTransactionStartOffset: producer.currentTransactionStartOffset
  }))

const linesOf = Effect.fnUntraced(function*(partition: Partition, withProducers: boolean) {
  if (partition.topic === "__consumer_offsets") return yield* groupOffsets(partition)
  if (partition.topic === "__transaction_state") return yield* transactionStates(partition)
  if (partition.topic.startsWith("__")) return []
  return [
    ...partitionLines(partition),
    ...(yield* recordsOf(partition)),
    ...(yield* committedOffsets(partition)),
    ...(withProducers ? producerLines(partition) : [])
  ]
})

const compare = (expected: ReadonlyArray<Expected>, actual: ReadonlyArray<Expected>): Report => {
  const failures: Array<string> = []
  const found = new Map(actual.map((line) => [keyOf(line), canonical(line)]))
  for (const line of expected) {
    const text = found.get(keyOf(line))
    found.delete(keyOf(line))
    if (text !== canonical(line)) failures.push(`${keyOf(line)}: expected ${canonical(line)}, got ${text ?? "nothing"}`)
  }
  for (const key of found.keys()) failures.push(`${key}: not expected`)
  return { passed: Math.max(0, expected.length - failures.length), failed: failures.length, failures }
}

/** Takes over every log that was found, and compares all that it can tell. */
export const check = Effect.fnUntraced(function*(expected: ReadonlyArray<Expected>) {
  const replicas = yield* ReplicaManager
  const withProducers = new Set(
    expected.flatMap((line) => line.kind === "producer" ? [`${line.topic}-${line.partition}`] : [])
  )
  const actual: Array<Expected> = []
  for (const { partition, topic, topicId } of replicas.strays()) {
    const config = LogConfig.defaults
    const hosted = yield* replicas.create({ topic, partition, topicId: topicId ?? "", config, leaderEpoch })
    const lines: ReadonlyArray<Expected> = yield* linesOf(hosted, withProducers.has(`${topic}-${partition}`))
    for (const line of lines) actual.push(line)
  }
  return compare(expected, actual)
})
