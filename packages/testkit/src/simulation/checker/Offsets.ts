/**
 * `inconsistent-offsets`: whoever looks at an offset of a partition sees the same value there, and at a value the same
 * offset.
 *
 * @since 0.1.0
 */
import type { History, Operation, Placed, Seen } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"
import { type HistoryIndex, show } from "./HistoryIndex.ts"

/** A value that was seen at an offset which is not there in the end, and by whom. */
interface Sight {
  readonly value: string
  readonly operation: Operation
}

/**
 * All offsets at which two values were seen, and all values that were acknowledged or seen elsewhere than where they are.
 *
 * @since 0.1.0
 */
export const check = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  for (const sent of history.sent) {
    const { acknowledged, topic, value } = sent
    if (acknowledged === undefined || acknowledged.offset < 0) continue
    const place = index.placeOf(topic, value)
    if (place === undefined) continue
    if (place.offset === acknowledged.offset && place.partition === acknowledged.partition) continue
    if (isAmong(index, topic, value, acknowledged)) continue
    const detail = `${topic}: ${value} was acknowledged at ${show(acknowledged)}, and is at ${show(place)}`
    yield Anomaly.make("inconsistent-offsets", detail, [sent, place])
  }
  yield* checkSeen(history, index)
}

const isAmong = (
  index: HistoryIndex,
  topic: string,
  value: string,
  { offset, partition }: { readonly partition: number; readonly offset: number }
): boolean =>
  index.topics.get(topic)?.morePlaces.get(value)?.some((place) =>
    place.offset === offset && place.partition === partition
  ) === true

const checkSeen = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  const sights = new Map<string, Map<number, Placed | Sight>>()
  const sightsOf = (topic: string, partition: number) => {
    const name = `${topic}-${partition}`
    const known = sights.get(name)
    if (known !== undefined) return known
    const places = new Map(index.partitionOf(topic, partition)?.records.map((record) => [record.offset, record]))
    sights.set(name, places)
    return places
  }
  for (const polled of history.polled) {
    const { partition, records, topic } = polled
    yield* compare(sightsOf(topic, partition), `${topic}-${partition}`, records, polled)
  }
  for (const transacted of history.transactions) {
    for (const { partition, records, topic } of transacted.reads) {
      yield* compare(sightsOf(topic, partition), `${topic}-${partition}`, records, transacted)
    }
  }
}

/** What a reader saw, beside what was seen at the same offsets before. */
const compare = function*(
  sights: Map<number, Placed | Sight>,
  where: string,
  records: ReadonlyArray<Seen>,
  operation: Operation
): Iterable<Anomaly.Anomaly> {
  for (const { offset, value } of records) {
    const first = sights.get(offset)
    if (first === undefined) sights.set(offset, { value, operation })
    else if (first.value !== value) {
      const before = "kind" in first ? first : first.operation
      yield Anomaly.make("inconsistent-offsets", `${where}@${offset} is ${first.value}, and is ${value}`, [
        before,
        operation
      ])
    }
  }
}
