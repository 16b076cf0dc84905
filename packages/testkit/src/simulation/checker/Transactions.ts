/**
 * Transactions: all of a committed one is there, nothing of an aborted one is ever read, nothing is read before it is
 * committed, and a group takes each record into one committed transaction.
 *
 * Keeps true: what nobody knows the outcome of may be there or not, but not in part.
 *
 * @since 0.1.0
 */
import type { History, Operation, Seen, Transacted } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"
import { type HistoryIndex, show } from "./HistoryIndex.ts"

/**
 * `lost-write`: what a committed transaction wrote and is not there. `torn-transaction`: one that is there in part.
 *
 * @since 0.1.0
 */
export const whole = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  for (const transacted of history.transactions) {
    if (transacted.outcome === "aborted") continue
    const missing = transacted.writes.filter(({ topic, value }) => index.placeOf(topic, value) === undefined)
    if (missing.length === 0) continue
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

/** A sight of a value; those of the end have no moment. */
type Look = (reader: Operation, topic: string, seen: Seen, moment: number) => Anomaly.Anomaly | undefined

/**
 * `aborted-read` and `precommitted-read`. With `isOver` false, what may yet be committed is not counted.
 *
 * @since 0.1.0
 */
export const reads = function*(history: History, index: HistoryIndex, isOver: boolean): Iterable<Anomaly.Anomaly> {
  const told = new Set<string>()
  const look: Look = (reader, topic, seen, moment) => {
    const anomaly = misread(index, reader, topic, seen, moment, isOver)
    if (anomaly === undefined) return undefined
    const name = `${topic}/${seen.value}`
    if (told.has(name)) return undefined
    told.add(name)
    return anomaly
  }
  yield* readsOfTheEnd(index, look)
  for (const polled of history.polled) {
    for (const seen of polled.records) {
      const anomaly = look(polled, polled.topic, seen, polled.moment)
      if (anomaly !== undefined) yield anomaly
    }
  }
  for (const transacted of history.transactions) {
    for (const { moment, records, topic } of transacted.reads) {
      for (const seen of records) {
        const anomaly = look(transacted, topic, seen, moment)
        if (anomaly !== undefined) yield anomaly
      }
    }
  }
}

const readsOfTheEnd = function*(index: HistoryIndex, look: Look): Iterable<Anomaly.Anomaly> {
  for (const { places, topic, writers } of index.topics.values()) {
    if (writers.size === 0) continue
    for (const place of places.values()) {
      const anomaly = look(place, topic, place, Number.POSITIVE_INFINITY)
      if (anomaly !== undefined) yield anomaly
    }
  }
}

const misread = (
  index: HistoryIndex,
  reader: Operation,
  topic: string,
  { value }: Seen,
  moment: number,
  isOver: boolean
): Anomaly.Anomaly | undefined => {
  if (!index.isWritten(topic)) return undefined
  const writer = index.writerOf(topic, value)
  const tell = (name: Anomaly.Name, detail: string) =>
    Anomaly.make(name, `${topic}: ${value} was ${detail}`, [writer, ...(writer === reader ? [] : [reader])])
  if (writer?.kind === "transaction") {
    if (writer.outcome === "aborted") return tell("aborted-read", "aborted, and read")
    if (moment < writer.committing) return tell("precommitted-read", "read before it was committed")
    if (writer.committing === Number.POSITIVE_INFINITY) return tell("precommitted-read", "read, and never committed")
  }
  if (!isOver || reader.kind === "record" || index.placeOf(topic, value) !== undefined) return undefined
  return tell("precommitted-read", "read, and is not there")
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
  const takers = new Map<string, Transacted>()
  for (const transacted of history.transactions) {
    if (!members.has(transacted.producer) || !hasCommitted(transacted, index)) continue
    for (const { topic: where, records } of transacted.reads) {
      if (where !== topic) continue
      for (const { value } of records) {
        const other = takers.get(value)
        takers.set(value, transacted)
        if (other === undefined) continue
        const place = index.placeOf(topic, value)
        yield Anomaly.make("duplicate", `${topic}: ${value} was taken twice`, [other, transacted, place])
      }
    }
  }
  for (const [value, place] of index.topics.get(topic)?.places ?? []) {
    if (takers.has(value)) continue
    const detail = `${topic}: ${value} at ${show(place)} is in no committed transaction of ${[...members].join(", ")}`
    yield Anomaly.make("unseen", detail, [index.writerOf(topic, value), place])
  }
}

/** Whether a transaction has taken effect: its client knows, or what it wrote is there. */
const hasCommitted = ({ outcome, writes }: Transacted, index: HistoryIndex): boolean => {
  if (outcome !== "unknown") return outcome === "committed"
  return writes.some(({ topic, value }) => index.placeOf(topic, value) !== undefined)
}
