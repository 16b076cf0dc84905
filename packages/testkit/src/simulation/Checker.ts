/**
 * What is wrong with a history, under the names that the Jepsen Kafka workload gave to anomalies.
 *
 * Keeps true: what nobody knows the outcome of may be there or not, but not in part and not twice. Each check is linear
 * in the length of the history, but for sorting.
 * Leaves to others: making histories.
 *
 * @since 0.1.0
 */
import type { History, Polled, Seen } from "./History.ts"

/**
 * An anomaly:
 *
 * - `lost-write`: acknowledged, and not there in the end. `duplicate`: there more than once.
 * - `aborted-read`: (G1a) written in a transaction that was aborted, and read. `torn-transaction`: there in part.
 * - `precommitted-read`: read by who wants committed records only, and not there in the end.
 * - `inconsistent-offsets`: two values for one offset of a partition.
 * - `nonmonotonic-poll`: offsets went back, within one poll or between two. `poll-skip`: polls left out what is there.
 * - `nonmonotonic-send`: what one producer sent later lies before what it sent earlier.
 * - `unseen`: there, and never given to the group that reads it.
 * - `garbage-read`: read, and never written.
 * - `streams-output`: not what the reference run gives, or not exactly once.
 * - `stuck`, `runaway`, `deadlock`: the run did not come to its end. `defect`: a process died of a defect.
 *
 * @since 0.1.0
 */
export interface Anomaly {
  readonly name:
    | "lost-write"
    | "duplicate"
    | "aborted-read"
    | "torn-transaction"
    | "precommitted-read"
    | "inconsistent-offsets"
    | "nonmonotonic-poll"
    | "poll-skip"
    | "nonmonotonic-send"
    | "unseen"
    | "garbage-read"
    | "streams-output"
    | "stuck"
    | "runaway"
    | "deadlock"
    | "defect"
  readonly detail: string
}

/**
 * Whether an anomaly is one already before a run has come to its end.
 *
 * @since 0.1.0
 */
export const isCertain = (name: Anomaly["name"]): boolean =>
  name === "aborted-read" || name === "duplicate" || name === "inconsistent-offsets" || name === "nonmonotonic-poll"

/** Where a value lies in the end. */
interface Place {
  readonly partition: number
  readonly offset: number
}

type Places = ReadonlyMap<string, ReadonlyArray<Place>>

const placesOf = (history: History, topic: string): Places => {
  const places = new Map<string, Array<Place>>()
  for (const [partition, records] of history.final.get(topic) ?? []) {
    for (const { offset, value } of records) {
      const known = places.get(value)
      if (known === undefined) places.set(value, [{ partition, offset }])
      else known.push({ partition, offset })
    }
  }
  return places
}

const show = ({ offset, partition }: Place): string => `${partition}@${offset}`

/**
 * All that is wrong with the topics of unique values.
 *
 * @since 0.1.0
 */
export const check = (history: History): ReadonlyArray<Anomaly> => {
  const topics = new Set([...history.sent.map(({ topic }) => topic), ...history.transactions.map(({ topic }) => topic)])
  const anomalies: Array<Anomaly> = []
  for (const topic of topics) {
    const places = placesOf(history, topic)
    anomalies.push(
      ...checkSent(history, topic, places),
      ...checkOrder(history, topic, places),
      ...checkTransactions(history, topic, places),
      ...checkContents(history, topic, places)
    )
  }
  return [...anomalies, ...checkOffsets(history), ...checkPolls(history)]
}

const checkSent = (history: History, topic: string, places: Places): Array<Anomaly> => {
  const anomalies: Array<Anomaly> = []
  for (const sent of history.sent) {
    if (sent.topic !== topic || sent.acknowledged === undefined) continue
    const found = places.get(sent.value)
    const { offset, partition } = sent.acknowledged
    if (found === undefined) {
      const detail = `${topic}: ${sent.value} was acknowledged at ${show(sent.acknowledged)} and is not there`
      anomalies.push({ name: "lost-write", detail })
    } else if (offset >= 0 && !found.some((place) => place.offset === offset && place.partition === partition)) {
      const detail = `${topic}: ${sent.value} was acknowledged at ${show(sent.acknowledged)}, and is at ${
        show(found[0]!)
      }`
      anomalies.push({ name: "inconsistent-offsets", detail })
    }
  }
  return anomalies
}

/** What a producer sent one after the other lies in that order in each partition. */
const checkOrder = (history: History, topic: string, places: Places): Array<Anomaly> => {
  const anomalies: Array<Anomaly> = []
  const last = new Map<string, Place & { readonly value: string }>()
  for (const { producer, topic: where, value } of history.sent) {
    const place = where === topic ? places.get(value)?.[0] : undefined
    if (place === undefined) continue
    const key = `${producer}/${place.partition}`
    const before = last.get(key)
    if (before !== undefined && before.offset > place.offset) {
      const detail = `${topic}: ${producer} sent ${before.value} before ${value}, they are at ${show(before)}, ${
        show(place)
      }`
      anomalies.push({ name: "nonmonotonic-send", detail })
    }
    last.set(key, { ...place, value })
  }
  return anomalies
}

const checkTransactions = (history: History, topic: string, places: Places): Array<Anomaly> => {
  const anomalies: Array<Anomaly> = []
  const aborted = new Set<string>()
  for (const { outcome, topic: where, values } of history.transactions) {
    if (where !== topic) continue
    if (outcome === "aborted") { for (const value of values) aborted.add(value) }
    const missing = values.filter((value) => !places.has(value))
    if (outcome === "committed" && missing.length > 0) {
      anomalies.push({ name: "lost-write", detail: `${topic}: ${missing.join(", ")} of a committed transaction` })
    } else if (missing.length > 0 && missing.length < values.length) {
      const detail = `${topic}: of ${values.join(", ")} the transaction left out ${missing.join(", ")}`
      anomalies.push({ name: "torn-transaction", detail })
    }
  }
  const read = new Set(places.keys())
  for (const polled of history.polled) {
    if (polled.topic === topic) { for (const { value } of polled.records) read.add(value) }
  }
  for (const value of read) {
    if (!aborted.has(value) && !places.has(value)) {
      anomalies.push({ name: "precommitted-read", detail: `${topic}: ${value} was read, and is not there` })
    }
    if (aborted.has(value)) anomalies.push({ name: "aborted-read", detail: `${topic}: ${value} was aborted, and read` })
  }
  return anomalies
}

const checkContents = (history: History, topic: string, places: Places): Array<Anomaly> => {
  const anomalies: Array<Anomaly> = []
  const written = new Set<string>()
  for (const sent of history.sent) if (sent.topic === topic) written.add(sent.value)
  for (const one of history.transactions) {
    if (one.topic === topic) {
      for (const value of one.values) written.add(value)
    }
  }
  for (const [value, found] of places) {
    if (found.length > 1) {
      anomalies.push({ name: "duplicate", detail: `${topic}: ${value} is there at ${found.map(show).join(", ")}` })
    }
    if (!written.has(value)) {
      anomalies.push({ name: "garbage-read", detail: `${topic}: ${value} at ${show(found[0]!)} was never written` })
    }
  }
  return anomalies
}

/** Whoever looks at an offset sees the same value there. */
const checkOffsets = (history: History): Array<Anomaly> => {
  const anomalies: Array<Anomaly> = []
  const values = new Map<string, string>()
  const look = (topic: string, partition: number, { offset, value }: Seen) => {
    const place = `${topic} ${partition}@${offset}`
    const known = values.get(place)
    if (known === undefined) values.set(place, value)
    else if (known !== value) {
      anomalies.push({ name: "inconsistent-offsets", detail: `${place} has been ${known}, and is ${value}` })
    }
  }
  for (const { partition, records, topic } of history.polled) for (const seen of records) look(topic, partition, seen)
  for (const [topic, partitions] of history.final) {
    for (const [partition, records] of partitions) for (const seen of records) look(topic, partition, seen)
  }
  return anomalies
}

/** Each consumer reads on from where it was, and leaves nothing out. */
const checkPolls = (history: History): Array<Anomaly> => {
  const anomalies: Array<Anomaly> = []
  const positions = new Map<string, number>()
  const indexes = new Map<string, Map<number, number>>()
  const indexOf = (topic: string, partition: number): Map<number, number> => {
    const key = `${topic}/${partition}`
    const known = indexes.get(key)
    if (known !== undefined) return known
    const records = history.final.get(topic)?.get(partition) ?? []
    const index = new Map(records.map(({ offset }, at) => [offset, at]))
    indexes.set(key, index)
    return index
  }
  for (const polled of history.polled) {
    const { consumer, partition, records, topic } = polled
    const key = `${consumer}/${topic}/${partition}`
    const index = indexOf(topic, partition)
    for (const { offset } of records) {
      const last = positions.get(key)
      positions.set(key, offset)
      if (last === undefined) continue
      const anomaly = gap(polled, last, offset, index)
      if (anomaly !== undefined) anomalies.push(anomaly)
    }
  }
  return anomalies
}

const gap = (
  { consumer, partition, topic }: Polled,
  last: number,
  offset: number,
  index: ReadonlyMap<number, number>
): Anomaly | undefined => {
  const where = `${consumer} on ${topic}-${partition}`
  if (offset <= last) return { name: "nonmonotonic-poll", detail: `${where}: ${last}, and then ${offset}` }
  const before = index.get(last)
  const here = index.get(offset)
  if (before === undefined || here === undefined || here === before + 1) return undefined
  return { name: "poll-skip", detail: `${where}: from ${last} to ${offset}, ${here - before - 1} records left out` }
}

/**
 * What a group that reads a whole topic never got.
 *
 * @since 0.1.0
 */
export const checkSeen = (history: History, topic: string): ReadonlyArray<Anomaly> => {
  const seen = new Set<string>()
  for (const polled of history.polled) {
    if (polled.topic === topic) { for (const { value } of polled.records) seen.add(value) }
  }
  return [...placesOf(history, topic)].filter(([value]) => !seen.has(value)).map(([value, places]) => ({
    name: "unseen",
    detail: `${topic}: ${value} at ${show(places[0]!)} was never polled`
  }))
}

/**
 * Holds the updates of a count against a reference: each word's counts are 1, 2, 3 up to how often it is there.
 *
 * @since 0.1.0
 */
export const checkCounts = (history: History, output: string, expected: ReadonlyMap<string, number>) => {
  const anomalies: Array<Anomaly> = []
  const counted = new Map<string, number>()
  for (const [partition, records] of history.final.get(output) ?? []) {
    for (const { key, offset, value } of records) {
      const word = key ?? ""
      const next = (counted.get(word) ?? 0) + 1
      counted.set(word, Number(value))
      if (Number(value) === next) continue
      const detail = `${output} ${partition}@${offset}: ${word} is ${value} and should be ${next}`
      anomalies.push({ name: "streams-output", detail })
    }
  }
  for (const word of new Set([...counted.keys(), ...expected.keys()])) {
    if (counted.get(word) === expected.get(word)) continue
    const detail = `${word} was counted ${counted.get(word) ?? 0} times, and is there ${expected.get(word) ?? 0} times`
    anomalies.push({ name: "streams-output", detail })
  }
  return anomalies satisfies ReadonlyArray<Anomaly>
}
