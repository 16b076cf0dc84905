/**
 * An app's output held against the reference run: the same topology, single-threaded, without a broker, over what its
 * inputs hold in the end.
 *
 * Keeps true: values are compared by key and in order. Exactly once, a key's values are those of the reference, or, where
 * only the newest are told, some of them with the last; at least once, those of the reference are among them in order, and
 * no others.
 * Leaves to others: topologies whose output for a key depends on how input partitions happened to interleave; the
 * reference takes the smallest timestamp first.
 *
 * @since 0.1.0
 */
import type * as Topic from "@millrace/core/streams/Topic"
import type * as Topology from "@millrace/core/streams/Topology"
import * as TopologyTestDriver from "../../driver/TopologyTestDriver.ts"
import type { History, Placed, Seen } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"

/**
 * An app under test. `inputs` hold strings; outputs are compared as text.
 *
 * @since 0.1.0
 */
export interface App {
  readonly topology: Topology.Topology<unknown, never>
  readonly inputs: ReadonlyArray<Topic.Topic<string, string>>
  readonly outputs: ReadonlyArray<Topic.Any>
  /** Those of the outputs that tell, with each commit, only the newest value of each key. */
  readonly newest?: ReadonlyArray<Topic.Any> | undefined
  readonly processingGuarantee: "at_least_once" | "exactly_once"
}

/** The values of each key of a topic, in order. */
type Values = ReadonlyMap<string, ReadonlyArray<string>>

const partitionsOf = (history: History, topic: string): ReadonlyArray<ReadonlyArray<Seen>> =>
  [...history.final.get(topic) ?? []].sort(([left], [right]) => left - right).map(([, records]) => records)

const sizeOf = (history: History, topic: string): number =>
  partitionsOf(history, topic).reduce((sum, records) => sum + records.length, 0)

const append = (values: Map<string, Array<string>>, key: unknown, value: unknown): void => {
  const known = values.get(String(key))
  if (known === undefined) values.set(String(key), [String(value)])
  else known.push(String(value))
}

/**
 * The reference run of an app over a history. Kept until an input has grown.
 *
 * @since 0.1.0
 */
export class Reference {
  readonly app: App
  readonly #history: History
  #inputSize = -1
  #values = new Map<string, Values>()

  constructor(app: App, history: History) {
    this.app = app
    this.#history = history
  }

  /** The values of each key of each output. */
  get values(): ReadonlyMap<string, Values> {
    const { inputs } = this.app
    const size = inputs.reduce((sum, { name }) => sum + sizeOf(this.#history, name), 0)
    if (size !== this.#inputSize) {
      this.#inputSize = size
      this.#values = this.#run()
    }
    return this.#values
  }

  #run(): Map<string, Values> {
    const driver = TopologyTestDriver.make(this.app.topology)
    for (const { record: { key, timestamp, value }, topic } of this.#merged()) {
      driver.pipe(topic, { key, value, timestamp: timestamp ?? 0 })
    }
    return new Map(this.app.outputs.map((topic) => {
      const values = new Map<string, Array<string>>()
      for (const { key, value } of driver.read(topic)) append(values, key, value)
      return [topic.name, values]
    }))
  }

  /** All input records; of the heads of all partitions always one with the smallest timestamp. */
  #merged(): ReadonlyArray<{ readonly topic: Topic.Topic<string, string>; readonly record: Seen }> {
    const merged = this.app.inputs.flatMap((topic) =>
      partitionsOf(this.#history, topic.name).flatMap((records) => {
        // what lies behind a later record of its own partition comes after it
        let time = Number.NEGATIVE_INFINITY
        return records.map((record) => ({ topic, record, time: time = Math.max(time, record.timestamp ?? 0) }))
      })
    )
    return merged.sort((left, right) => left.time - right.time)
  }

  /** Whether the history holds as many results as the reference, so that comparing them makes sense. */
  get isReached(): boolean {
    return this.app.outputs.every(({ name }) => {
      const rule = this.#ruleOf(name)
      const seen = seenOf(this.#history, name)
      return [...this.values.get(name)!].every(([key, values]) => rule.isReached(values, seen.get(key) ?? []))
    })
  }

  #ruleOf(output: string): Rule {
    const { newest = [], processingGuarantee } = this.app
    if (processingGuarantee === "at_least_once") return atLeastOnce
    return newest.some(({ name }) => name === output) ? newestOnce : exactlyOnce
  }

  /** `streams-output`: one anomaly for each key whose values are not those of the reference. */
  *check(): Iterable<Anomaly.Anomaly> {
    for (const { name } of this.app.outputs) {
      const expected = this.values.get(name)!
      const seen = seenOf(this.#history, name)
      const rule = this.#ruleOf(name)
      for (const key of new Set([...expected.keys(), ...seen.keys()])) {
        const difference = rule.compare(expected.get(key) ?? [], seen.get(key) ?? [])
        if (difference !== undefined) yield differing(name, key, difference)
      }
    }
  }
}

/** The first value of a key that is not as it should be. */
interface Difference {
  readonly at: number
  readonly expected: string | undefined
  readonly found?: string | undefined
  readonly records: ReadonlyArray<Placed>
}

/** How the values of a key may differ from those of the reference. */
interface Rule {
  /** Whether there is as much as there should be, so that comparing makes sense. */
  readonly isReached: (expected: ReadonlyArray<string>, found: ReadonlyArray<Placed>) => boolean
  readonly compare: (expected: ReadonlyArray<string>, found: ReadonlyArray<Placed>) => Difference | undefined
}

const seenOf = (history: History, topic: string): ReadonlyMap<string, ReadonlyArray<Placed>> => {
  const seen = new Map<string, Array<Placed>>()
  for (const [partition, records] of history.final.get(topic) ?? []) {
    for (const { key, offset, value } of records) {
      const record: Placed = { kind: "record", topic, partition, offset, key, value }
      const known = seen.get(String(key))
      if (known === undefined) seen.set(String(key), [record])
      else known.push(record)
    }
  }
  return seen
}

/** Whether the values are among those that were found, in this order. */
const includes = (found: ReadonlyArray<Placed>, values: ReadonlyArray<string>): boolean => {
  let at = 0
  for (const { value } of found) if (value === values[at]) at++
  return at === values.length
}

const exactlyOnce: Rule = {
  isReached: (expected, found) => found.length >= expected.length,
  compare: (expected, found) => {
    const length = Math.max(expected.length, found.length)
    for (let at = 0; at < length; at++) {
      if (found[at]?.value === expected[at]) continue
      const records = found.slice(Math.max(0, at - 1), at + 1)
      return { at, expected: expected[at], found: found[at]?.value, records }
    }
    return undefined
  }
}

/** Some of the reference's values, each once, and the last. */
const newestOnce: Rule = {
  isReached: (expected, found) => found.at(-1)?.value === expected.at(-1),
  compare: (expected, found) => {
    let next = 0
    for (const [at, record] of found.entries()) {
      const place = expected.indexOf(record.value, next)
      if (place < 0) {
        return { at, expected: expected[next], found: record.value, records: found.slice(Math.max(0, at - 1), at + 1) }
      }
      next = place + 1
    }
    return next === expected.length
      ? undefined
      : { at: found.length, expected: expected.at(-1), records: found.slice(-1) }
  }
}

const atLeastOnce: Rule = {
  isReached: (expected, found) => includes(found, expected),
  compare: (expected, found) => {
    let at = 0
    const known = new Set(expected)
    for (const [index, record] of found.entries()) {
      if (!known.has(record.value)) return { at: index, expected: expected[at], found: record.value, records: [record] }
      if (record.value === expected[at]) at++
    }
    return at === expected.length
      ? undefined
      : { at: found.length, expected: expected[at], records: found.slice(-1) }
  }
}

const differing = (topic: string, key: string, difference: Difference): Anomaly.Anomaly => {
  const { at, expected = "nothing", found = "nothing", records } = difference
  return Anomaly.make(
    "streams-output",
    `${topic}: value ${at} of ${key} should be ${expected}, and is ${found}`,
    records
  )
}
