/**
 * Transactions: all of a committed one is there, nothing of an aborted one is ever read, nothing is read before it is
 * committed, and a group takes each record into one committed transaction.
 *
 * Keeps true: what nobody knows the outcome of may be there or not, but not in part.
 *
 * @since 0.1.0
 */
import type { History, Operation, Taken, Transacted } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"
import { type HistoryIndex, type Known, show } from "./HistoryIndex.ts"

/**
 * `lost-write`: what a committed transaction wrote and is not there. `torn-transaction`: one that is there in part.
 *
 * @since 0.1.0
 */
export const whole = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  for (const [number, transacted] of history.transactions.entries()) {
    const writes = index.writes[number]!
    if (transacted.outcome === "aborted" || writes.every(({ place }) => place !== undefined)) continue
    const missing = transacted.writes.filter((_, at) => writes[at]!.place === undefined)
    const values = missing.map(({ topic, value }) => `${value} in ${topic}`).join(", ")
    if (transacted.outcome === "committed") {
      const detail = `${transacted.producer} committed a transaction, and is missing: ${values}`
      yield Anomaly.make("lost-write", detail, [transacted])
    } else if (missing.length < transacted.writes.length) {
      const detail = `a transaction of ${transacted.producer} is there, but for ${values}`
      yield Anomaly.make("torn-transaction", detail, [transacted])
    }
  }
}

/** A sight of a value of a topic, and what is known of that; sights of the end have no moment. */
type Look = (
  reader: Operation,
  topic: string,
  value: string,
  known: Known | undefined,
  moment: number
) => Anomaly.Anomaly | undefined

/**
 * `aborted-read` and `precommitted-read`. With `isOver` false, what may yet be committed is not counted.
 *
 * @since 0.1.0
 */
export const reads = function*(history: History, index: HistoryIndex, isOver: boolean): Iterable<Anomaly.Anomaly> {
  const told = new Set<string>()
  const look: Look = (reader, topic, value, known, moment) => {
    const wrong = misread(reader, known, moment, isOver)
    if (wrong === undefined) return undefined
    const name = `${topic}/${value}`
    if (told.has(name)) return undefined
    told.add(name)
    const writer = known?.writer
    const operations = [writer, ...(writer === reader ? [] : [reader])]
    return Anomaly.make(wrong[0], `${topic}: ${value} was ${wrong[1]}`, operations)
  }
  yield* readsOfTheEnd(index, look)
  for (const polled of history.polled) yield* readsOf(index, polled, polled, look)
  for (const transacted of history.transactions) {
    for (const taken of transacted.reads) yield* readsOf(index, transacted, taken, look)
  }
}

const readsOf = (index: HistoryIndex, reader: Operation, { moment, partition, records, topic }: Taken, look: Look) => {
  const found: Array<Anomaly.Anomaly> = []
  const values = index.topics.get(topic)
  if (values?.isWritten !== true) return found
  const end = values.partitions.get(partition)
  for (const record of records) {
    const anomaly = look(reader, topic, record.value, values.seen(end, record), moment)
    if (anomaly !== undefined) found.push(anomaly)
  }
  return found
}

const readsOfTheEnd = function*(index: HistoryIndex, look: Look): Iterable<Anomaly.Anomaly> {
  for (const values of index.topics.values()) {
    if (!values.isWritten) continue
    for (const known of values.found()) {
      const anomaly = look(known.place, values.topic, known.value, known, Number.POSITIVE_INFINITY)
      if (anomaly !== undefined) yield anomaly
    }
  }
}

/** What is wrong with a sight, and what was done; undefined if nothing is. */
const misread = (
  reader: Operation,
  known: Known | undefined,
  moment: number,
  isOver: boolean
): readonly [Anomaly.Name, string] | undefined => {
  const writer = known?.writer
  if (writer?.kind === "transaction") {
    if (writer.outcome === "aborted") return ["aborted-read", "aborted, and read"]
    if (moment < writer.committing) return ["precommitted-read", "read before it was committed"]
    if (writer.committing === Number.POSITIVE_INFINITY) return ["precommitted-read", "read, and never committed"]
  }
  if (!isOver || reader.kind === "record" || known?.place !== undefined) return undefined
  return ["precommitted-read", "read, and is not there"]
}

/**
 * `duplicate`: a record that more than one committed transaction of a group took. `unseen`: one that none took. `members`
 * are the producers of the group's transactions.
 *
 * @since 0.1.0
 */
export const taken = function*(
  history: History,
  index: HistoryIndex,
  topic: string,
  members: ReadonlySet<string>
): Iterable<Anomaly.Anomaly> {
  const values = index.topics.get(topic)
  if (values === undefined) return
  const takers = new Array<Transacted | undefined>(index.size)
  for (const [number, transacted] of history.transactions.entries()) {
    if (!members.has(transacted.producer) || !hasCommitted(transacted, index.writes[number]!)) continue
    for (const { partition, records, topic: where } of transacted.reads) {
      if (where !== topic) continue
      const end = values.partitions.get(partition)
      for (const record of records) {
        const known = values.seen(end, record)
        if (known === undefined) continue
        const other = takers[known.number]
        takers[known.number] = transacted
        if (other === undefined) continue
        const detail = `${topic}: ${known.value} was taken twice`
        yield Anomaly.make("duplicate", detail, [other, transacted, known.place])
      }
    }
  }
  for (const { number, place, value, writer } of values.found()) {
    if (takers[number] !== undefined) continue
    const detail = `${topic}: ${value} at ${show(place)} is in no committed transaction of ${[...members].join(", ")}`
    yield Anomaly.make("unseen", detail, [writer, place])
  }
}

/** Whether a transaction has taken effect: its client knows, or what it wrote is there. */
const hasCommitted = ({ outcome }: Transacted, writes: ReadonlyArray<Known>): boolean =>
  outcome === "unknown" ? writes.some(({ place }) => place !== undefined) : outcome === "committed"
