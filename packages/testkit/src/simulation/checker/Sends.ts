/**
 * What was sent: what was acknowledged is there, once, where it was acknowledged, in the order in which it was sent, and
 * nothing else is there.
 *
 * @since 0.1.0
 */
import type { History, Placed, Sent, Transacted } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"
import { countBelow, type HistoryIndex, type PartitionEnd, show } from "./HistoryIndex.ts"

/**
 * `lost-write`: what was acknowledged and is not there.
 *
 * @since 0.1.0
 */
export const lost = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  for (const [number, sent] of history.sent.entries()) {
    const { acknowledged, topic, value } = sent
    if (acknowledged === undefined || index.sent[number]!.place !== undefined) continue
    const detail = `${topic}: ${value} was acknowledged at ${show(acknowledged)}, and is not there`
    yield Anomaly.make("lost-write", detail, [sent])
  }
}

/**
 * `duplicate`: what is there more than once. `garbage-read`: what nobody wrote, where each writer is known.
 *
 * @since 0.1.0
 */
export const contents = function*(index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  for (const values of index.topics.values()) {
    if (!values.isWritten) continue
    const { topic } = values
    for (const { morePlaces, place, value, writer } of values.found()) {
      if (morePlaces !== undefined) {
        const all = [place, ...morePlaces]
        const detail = `${topic}: ${value} is there at ${all.map(show).join(", ")}`
        yield Anomaly.make("duplicate", detail, [writer, ...all])
      }
      if (writer === undefined) {
        yield Anomaly.make("garbage-read", `${topic}: ${value} at ${show(place)} was never written`, [place])
      }
    }
  }
}

/** The last value of a producer in a partition. */
interface Last {
  readonly place: Placed
  readonly operation: Sent | Transacted
  readonly burst: number
}

/**
 * `nonmonotonic-send`: what one producer sent one after the other does not lie in that order in a partition.
 *
 * @since 0.1.0
 */
export const order = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  const last = new Map<string, Map<PartitionEnd, Last>>()
  const look = (operation: Sent | Transacted, place: Placed | undefined, burst: number) => {
    if (place === undefined) return undefined
    let lastOfProducer = last.get(operation.producer)
    if (lastOfProducer === undefined) last.set(operation.producer, lastOfProducer = new Map())
    const end = index.partitionOf(place.topic, place.partition)!
    const before = lastOfProducer.get(end)
    lastOfProducer.set(end, { place, operation, burst })
    return before === undefined || before.place.offset <= place.offset
      ? undefined
      : nonmonotonic(before, { place, operation, burst })
  }
  for (const [number, sent] of history.sent.entries()) {
    const anomaly = look(sent, index.sent[number]!.place, sent.burst)
    if (anomaly !== undefined) yield anomaly
  }
  last.clear()
  for (const [burst, transacted] of history.transactions.entries()) {
    for (const { place } of index.writes[burst]!) {
      const anomaly = look(transacted, place, burst)
      if (anomaly !== undefined) yield anomaly
    }
  }
}

const nonmonotonic = (before: Last, { burst, operation, place }: Last): Anomaly.Anomaly => {
  const { producer } = operation
  const detail = `${place.topic}: ${producer} sent ${before.place.value} before ${place.value}, they are at ${
    show(before.place)
  }, ${show(place)}`
  return Anomaly.make(before.burst === burst ? "int-nonmonotonic-send" : "nonmonotonic-send", detail, [
    before.operation,
    ...(before.operation === operation ? [] : [operation]),
    before.place,
    place
  ])
}

/**
 * `int-send-skip`: something else lies between what one transaction wrote into a partition.
 *
 * @since 0.1.0
 */
export const gaps = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  for (const [number, transacted] of history.transactions.entries()) {
    const last = new Map<PartitionEnd, Placed>()
    for (const { place } of index.writes[number]!) {
      if (place === undefined) continue
      const end = index.partitionOf(place.topic, place.partition)!
      const before = last.get(end)
      last.set(end, place)
      if (before === undefined || before.offset >= place.offset) continue
      const between = end.records[countBelow(end.offsets, before.offset + 1)]!
      if (between.offset === place.offset) continue
      const detail = `${place.topic}: ${between.value} lies between ${before.value} and ${place.value}, which `
        + `${transacted.producer} wrote in one transaction`
      yield Anomaly.make("int-send-skip", detail, [transacted, between])
    }
  }
}
