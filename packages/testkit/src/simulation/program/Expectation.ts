/**
 * What a topic has to hold in the end, and what is wrong with what it holds.
 *
 * Keeps true: pure; records are compared as bytes, so that what a serde does not tell apart is the same.
 * Leaves to others: reading topics (`Observer`), the run to compare with (`Run`, without faults).
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"
import type { ProducerRecord } from "@millrace/client/producer/TypedAppend"
import type * as Topic from "@millrace/core/streams/Topic"
import type * as Topology from "@millrace/core/streams/Topology"
import * as TopologyTestDriver from "../../driver/TopologyTestDriver.ts"
import type { Finding } from "./Finding.ts"
import type { StoredRecord } from "./Observer.ts"
import type { PlannedRecord } from "./Records.ts"

/**
 * A record of a topic, as its serdes read it.
 *
 * @since 0.1.0
 */
export interface Entry<out K, out V> {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: K | null
  readonly value: V | null
}

/**
 * What a topic has to hold. All that is given has to hold.
 *
 * @since 0.1.0
 */
export interface Expectation<K, V> {
  /**
   * The topic holds what a run of the same program without faults and with one instance leaves there: each record as
   * often as it is there, in any order. What such a run gets wrong as well, only the other ways of saying can find.
   */
  readonly exactlyOnce?: boolean | undefined
  /** The same, but for records that are there more often. */
  readonly atLeastOnce?: boolean | undefined
  /** The topic is a table: of each key only the last value counts, whatever came before it. */
  readonly asTable?: boolean | undefined
  /** Records for which this gives the same are in the order in which they are there without faults. */
  readonly orderedBy?: ((value: V, key: K | null) => unknown) | undefined
  /** These records, each as often as given, in any order; or what this topology makes of all that was produced. */
  readonly equals?: Iterable<ProducerRecord<K, V>> | Topology.Topology<unknown, never> | undefined
  /** Holds for each record. */
  readonly each?: ((entry: Entry<K, V>) => boolean) | undefined
  /** Holds for all records together, once everything has settled. */
  readonly eventually?: ((entries: ReadonlyArray<Entry<K, V>>) => boolean) | undefined
}

/**
 * What an expectation is held against.
 *
 * @since 0.1.0
 */
export interface Evidence {
  readonly actual: ReadonlyArray<StoredRecord>
  /** The same topic in a run without faults; undefined while that is being made. */
  readonly reference: ReadonlyArray<StoredRecord> | undefined
  /** All that was produced, with the topics, in order of time. */
  readonly produced: ReadonlyArray<PlannedRecord & { readonly topic: string }>
}

const hex = (bytes: Uint8Array | null): string => bytes === null ? "-" : Buffer.from(bytes).toString("hex")

/**
 * What two records that are the same have in common.
 *
 * @since 0.1.0
 */
export const identityOf = ({ key, value }: Pick<StoredRecord, "key" | "value">): string => `${hex(key)}/${hex(value)}`

/**
 * A record's place, as `partition@offset`.
 *
 * @since 0.1.0
 */
export const placeOf = ({ offset, partition }: Pick<StoredRecord, "partition" | "offset">): string =>
  `${partition}@${offset}`

/** Records by what they hold. */
const groupBy = <A>(records: ReadonlyArray<A>, keyOf: (record: A) => string): Map<string, Array<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const record of records) {
    const key = keyOf(record)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [record])
    else group.push(record)
  }
  return groups
}

/**
 * All that is wrong with what a topic holds.
 *
 * @since 0.1.0
 */
export const evaluate = <K, V>(
  topic: Topic.Topic<K, V>,
  expectation: Expectation<K, V>,
  evidence: Evidence
): ReadonlyArray<Finding> => {
  const { atLeastOnce, asTable, each, equals, eventually, exactlyOnce, orderedBy } = expectation
  const { produced } = evidence
  const viewOf = <A extends Bytes>(records: ReadonlyArray<A>) => asTable === true ? lastOf(records) : records
  const actual = viewOf(evidence.actual)
  const reference = evidence.reference === undefined ? undefined : viewOf(evidence.reference)
  const entries: Array<Entry<K, V>> = []
  for (const record of actual) {
    try {
      entries.push(entryOf(topic, record))
    } catch (error) {
      return [{ name: "unreadable-record", topic: topic.name, detail: `${placeOf(record)}: ${String(error)}` }]
    }
  }
  const findings: Array<Finding> = []
  if (reference !== undefined && (exactlyOnce === true || atLeastOnce === true)) {
    findings.push(...compare(topic.name, actual, reference, exactlyOnce === true))
  }
  if (reference !== undefined && orderedBy !== undefined) {
    findings.push(...compareOrder(topic, actual, reference, orderedBy))
  }
  if (equals !== undefined) {
    const expected = "_tag" in equals
      ? outputOf(topic, equals, produced)
      : [...equals].map((one) => bytesOf(topic, one))
    findings.push(...compare(topic.name, actual, viewOf(expected), true))
  }
  for (const entry of each === undefined ? [] : entries) {
    if (each!(entry)) continue
    findings.push({
      name: "broken-rule",
      topic: topic.name,
      detail: `a record breaks the rule for each: ${show(entry)}`
    })
  }
  if (eventually !== undefined && !eventually(entries)) {
    const detail = `what has to hold in the end does not hold for its ${entries.length} records`
    findings.push({ name: "broken-rule", topic: topic.name, detail })
  }
  return findings
}

/**
 * Reads a record with the topic's serdes; throws `SerdeError`.
 *
 * @since 0.1.0
 */
export const entryOf = <K, V>(topic: Topic.Topic<K, V>, record: StoredRecord): Entry<K, V> => ({
  partition: record.partition,
  offset: record.offset,
  timestamp: record.timestamp,
  key: Serde.fromBytesUnsafe(topic.key, record.key),
  value: Serde.fromBytesUnsafe(topic.value, record.value)
})

const show = <K, V>(entry: Entry<K, V>): string => `${JSON.stringify(entry.value)} at ${placeOf(entry)}`

type Bytes = Pick<StoredRecord, "key" | "value">

const bytesOf = <K, V>(topic: Topic.Topic<K, V>, { key, value }: ProducerRecord<K, V>): Bytes => ({
  key: Serde.toBytesUnsafe(topic.key, key),
  value: Serde.toBytesUnsafe(topic.value, value)
})

/** What a topology makes of all that was produced, record by record. */
const outputOf = <K, V>(
  topic: Topic.Topic<K, V>,
  topology: Topology.Topology<unknown, never>,
  produced: Evidence["produced"]
): ReadonlyArray<Bytes> => {
  const driver = TopologyTestDriver.make(topology)
  for (const { headers, key, timestamp, topic: name, value } of produced) {
    driver.pipeBytes(name, { key, value, timestamp, headers })
  }
  return driver.takeProduced().filter((record) => record.topic === topic.name)
}

/** The last record of each key: what a table holds, with its tombstones. */
const lastOf = <A extends Bytes>(records: ReadonlyArray<A>): ReadonlyArray<A> => {
  const last = new Map<string, A>()
  for (const record of records) last.set(hex(record.key), record)
  return [...last.values()]
}

const bytesIn = ({ key, value }: Bytes): Bytes => ({ key, value })

const compare = (
  topic: string,
  actual: ReadonlyArray<StoredRecord>,
  expected: ReadonlyArray<Bytes>,
  isExact: boolean
): ReadonlyArray<Finding> => {
  const there = groupBy(actual, identityOf)
  const wanted = groupBy(expected, identityOf)
  const findings: Array<Finding> = []
  for (const [identity, records] of wanted) {
    const found = there.get(identity) ?? []
    const record = bytesIn(records[0]!)
    if (found.length < records.length) {
      const detail = found.length === 0
        ? `absent from ${topic}`
        : `in ${topic} ${found.length} times, and should be ${records.length} times`
      findings.push({ name: "lost-write", topic, record, detail })
    } else if (isExact && found.length > records.length) {
      const places = found.map(placeOf).join(", ")
      const detail = `in ${topic} ${found.length} times, and should be ${
        records.length === 1 ? "once" : `${records.length} times`
      }: ${places}`
      findings.push({ name: "duplicate", topic, record, detail })
    }
  }
  for (const [identity, records] of isExact ? there : []) {
    if (wanted.has(identity)) continue
    const detail = `in ${topic} at ${placeOf(records[0]!)}, and should not be`
    findings.push({ name: "unexpected-output", topic, record: bytesIn(records[0]!), detail })
  }
  return findings
}

const compareOrder = <K, V>(
  topic: Topic.Topic<K, V>,
  actual: ReadonlyArray<StoredRecord>,
  reference: ReadonlyArray<StoredRecord>,
  orderedBy: (value: V, key: K | null) => unknown
): ReadonlyArray<Finding> => {
  const groupOf = (record: StoredRecord): string => {
    const { key, value } = entryOf(topic, record)
    return value === null ? "tombstones" : String(JSON.stringify(orderedBy(value, key)))
  }
  const expected = groupBy(reference, groupOf)
  const findings: Array<Finding> = []
  for (const [group, records] of groupBy(actual, groupOf)) {
    const partitions = new Set(records.map(({ partition }) => partition))
    if (partitions.size > 1) {
      const detail = `${group} is in partitions ${[...partitions].join(" and ")} of ${topic.name}: those have no order`
      findings.push({ name: "reordered", topic: topic.name, detail })
      continue
    }
    const ranks = ranksOf(expected.get(group) ?? [])
    let before: { readonly rank: number; readonly record: StoredRecord } | undefined
    for (const record of records) {
      const rank = ranks.get(identityOf(record))?.shift()
      if (rank === undefined) continue
      if (before !== undefined && rank < before.rank) {
        const detail = `in ${topic.name} at ${placeOf(record)}, behind ${
          placeOf(before.record)
        }, and should be before it`
        findings.push({ name: "reordered", topic: topic.name, record: bytesIn(record), detail })
        break
      }
      before = { rank, record }
    }
  }
  return findings
}

/** Where each record comes in an order; the same record may come several times. */
const ranksOf = (records: ReadonlyArray<StoredRecord>): ReadonlyMap<string, Array<number>> => {
  const ranks = new Map<string, Array<number>>()
  records.forEach((record, rank) => {
    const identity = identityOf(record)
    const known = ranks.get(identity)
    if (known === undefined) ranks.set(identity, [rank])
    else known.push(rank)
  })
  return ranks
}
