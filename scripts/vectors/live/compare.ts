/**
 * Holds what an application left on its broker against what Kafka Streams left: internal topics and their settings, sinks,
 * changelogs, records in each repartition partition, committed offsets.
 */
import { Admin } from "@millrace/client"
import { Serde } from "@millrace/core"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import * as Effect from "effect/Effect"
import { type Header, headerText, toJson } from "../streams/execute.ts"
import type { Known } from "../streams/races.ts"
import { applicationId, type Read, readTopic } from "./app.ts"
import { masked } from "./mask.ts"
import { type LiveSpec, same, serdesOf, type SinkKey, type SinkRecord } from "./spec.ts"

const hex = (bytes: Uint8Array | null) => bytes === null ? null : Buffer.from(bytes).toString("hex")

const textHeader = ({ key, value }: RecordHeader): Header => [key, value === null ? null : headerText(value)]

interface Found extends SinkRecord {
  readonly key: unknown
}

/** The records of a topic by key, in order. */
const recordsByKey = Effect.fnUntraced(function*(spec: LiveSpec, topic: string) {
  const serdes = serdesOf(spec, topic)
  const byKey = new Map<string, Array<Found>>()
  for (const { headers, key, partition, timestamp, value } of yield* readTopic(topic, spec.partitions[topic]!)) {
    const record: Found = {
      key: toJson(Serde.fromBytesUnsafe(serdes.key, key)),
      value: toJson(Serde.fromBytesUnsafe(serdes.value, value)),
      timestamp,
      partition,
      ...(headers.length === 0 ? {} : { headers: headers.map(textHeader) })
    }
    const name = JSON.stringify(record.key)
    const known = byKey.get(name)
    if (known === undefined) byKey.set(name, [record])
    else known.push(record)
  }
  return byKey
})

const knownOf = (spec: LiveSpec, topic: string): Known =>
  spec.known?.[topic] ?? (spec.finalOnly === true ? "last" : "order")

const sorted = (records: ReadonlyArray<SinkRecord>): ReadonlyArray<string> =>
  records.map(({ partition, timestamp, value }) => JSON.stringify([value, timestamp, partition])).sort()

const compareKey = (spec: LiveSpec, topic: string, expected: SinkKey, found: ReadonlyArray<Found>) => {
  const name = JSON.stringify(expected.key)
  const known = knownOf(spec, topic)
  if (known === "values") {
    return same(
      `records of ${name} in any order in ${topic}`,
      sorted(found.map(({ headers: _, key: __, ...record }) => record)),
      sorted(expected.records ?? [])
    )
  }
  if (known !== "last") {
    const comparable = masked(spec, topic)
    return same(
      `records of ${name} in ${topic}`,
      found.map(({ key: _, ...record }) => comparable(record)),
      expected.records?.map(comparable)
    )
  }
  const last = found.at(-1)
  const { partition, timestamp, value } = expected
  return same(
    `the last record of ${name} in ${topic}`,
    [last?.value, last?.partition, timestamp === undefined ? undefined : last?.timestamp],
    [value, partition, timestamp]
  )
}

const compareSinks = Effect.fnUntraced(function*(spec: LiveSpec) {
  for (const [topic, expected] of Object.entries(spec.sinks ?? {})) {
    const byKey = yield* recordsByKey(spec, topic)
    for (const key of expected) yield* compareKey(spec, topic, key, byKey.get(JSON.stringify(key.key)) ?? [])
    const isLast = knownOf(spec, topic) === "last"
    const living = [...byKey.values()].filter((records) => !isLast || records.at(-1)!.value !== null)
    yield* same(`the number of keys in ${topic}`, living.length, expected.length)
  }
})

const compareChangelogs = Effect.fnUntraced(function*(spec: LiveSpec, counts: ReadonlyMap<string, number>) {
  for (const [topic, expected] of Object.entries(spec.changelogs ?? {})) {
    const last = new Map<string, Read>()
    for (const record of yield* readTopic(topic, counts.get(topic) ?? 0)) {
      last.set(`${record.partition}:${hex(record.key)}`, record)
    }
    const found = [...last.values()].filter((record) => record.value !== null)
      .sort((a, b) => a.partition - b.partition || Buffer.compare(a.key!, b.key!))
      .map(({ headers, key, partition, timestamp, value }, index) => ({
        partition,
        keyHex: hex(key),
        valueHex: hex(value),
        ...(expected[index]?.timestamp === undefined ? {} : { timestamp }),
        ...(headers.length === 0 ? {} : { headers: headers.map((each) => [each.key, hex(each.value)]) })
      }))
    yield* same(`the changelog ${topic}`, found, expected)
  }
})

const compareInternalTopics = Effect.fnUntraced(function*(
  admin: Admin.AdminShape,
  spec: LiveSpec,
  counts: ReadonlyMap<string, number>
) {
  const names = [...counts.keys()].sort()
  const configs = yield* admin.describeConfigs(names.map((name) => ({ type: "topic", name })))
  const found = names.map((name) => {
    const entries = configs.find((config) => config.name === name)!.entries.filter((entry) => entry.source === "topic")
    return {
      name,
      partitions: counts.get(name),
      config: Object.fromEntries(entries.map((entry) => [entry.name, entry.value]))
    }
  })
  const expected = spec.internalTopics!.toSorted((a, b) => a.name < b.name ? -1 : 1)
  yield* same("internal topics", found, expected)
})

/** Compares all that the vector tells. */
export const compare = Effect.fnUntraced(function*(spec: LiveSpec) {
  const admin = yield* Admin.make
  const internal = (yield* admin.listTopics).filter(({ name }) => name.startsWith(`${applicationId}-`))
  const counts = new Map(internal.map(({ name, partitions }) => [name, partitions.length]))
  if (spec.internalTopics !== undefined) yield* compareInternalTopics(admin, spec, counts)
  yield* compareSinks(spec)
  yield* compareChangelogs(spec, counts)
  for (const [topic, expected] of Object.entries(spec.repartitionCounts ?? {})) {
    const found = expected.map(() => 0)
    for (const { partition } of yield* readTopic(topic, expected.length)) found[partition]!++
    yield* same(`the records in ${topic}`, found, expected)
  }
  const committed = yield* admin.listConsumerGroupOffsets(applicationId)
  for (const [topic, expected] of Object.entries(spec.committed ?? {})) {
    const found = expected.map((_, partition) =>
      committed.find((each) => each.topic === topic && each.partition === partition)?.offset ?? null
    )
    yield* same(`committed offsets of ${topic}`, found, expected)
  }
}, Effect.scoped)
