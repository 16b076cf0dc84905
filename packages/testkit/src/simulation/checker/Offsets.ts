/**
 * `inconsistent-offsets`: whoever looks at an offset of a partition sees the same value there, and at a value the same
 * offset.
 *
 * @since 0.1.0
 */
import type { History, Operation, Placed, Taken } from "../History.ts"
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
  for (const [number, sent] of history.sent.entries()) {
    const { acknowledged, topic, value } = sent
    const { morePlaces, place } = index.sent[number]!
    if (acknowledged === undefined || acknowledged.offset < 0 || place === undefined) continue
    if (isSame(place, acknowledged)) continue
    if (morePlaces?.some((other) => isSame(other, acknowledged)) === true) continue
    const detail = `${topic}: ${value} was acknowledged at ${show(acknowledged)}, and is at ${show(place)}`
    yield Anomaly.make("inconsistent-offsets", detail, [sent, place])
  }
  yield* checkSeen(history, index)
}

type Place = Pick<Placed, "partition" | "offset">

const isSame = (one: Place, other: Place): boolean => one.offset === other.offset && one.partition === other.partition

const checkSeen = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  const sights = new Map<string, Sight>()
  for (const polled of history.polled) yield* compare(index, sights, polled, polled)
  for (const transacted of history.transactions) {
    for (const taken of transacted.reads) yield* compare(index, sights, taken, transacted)
  }
}

/** What a reader saw, beside what is there in the end, or was seen at the same offsets before. */
const compare = (
  index: HistoryIndex,
  sights: Map<string, Sight>,
  { partition, records, topic }: Omit<Taken, "moment">,
  operation: Operation
): ReadonlyArray<Anomaly.Anomaly> => {
  const found: Array<Anomaly.Anomaly> = []
  const values = index.topics.get(topic)
  const end = values?.partitions.get(partition)
  for (const { offset, value } of records) {
    const place = end?.recordAt(offset)
    if (place?.value === value) continue
    // Values of writers that nobody knows may well be the same.
    const elsewhere = values?.isWritten === true ? values.values.get(value)?.place : undefined
    if (elsewhere !== undefined) {
      const detail = `${topic}: ${value} was seen at ${show({ partition, offset })}, and is at ${show(elsewhere)}`
      found.push(Anomaly.make("inconsistent-offsets", detail, [operation, elsewhere]))
      continue
    }
    const where = `${topic}-${partition}@${offset}`
    const first = place ?? sights.get(where)
    if (first === undefined) sights.set(where, { value, operation })
    else if (first.value !== value) {
      const before = "kind" in first ? first : first.operation
      const detail = `${where} is ${first.value}, and is ${value}`
      found.push(Anomaly.make("inconsistent-offsets", detail, [before, operation]))
    }
  }
  return found
}
