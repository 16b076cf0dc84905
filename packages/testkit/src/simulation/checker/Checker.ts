/**
 * What is wrong with a history, under the names that the Jepsen Kafka workload gave to anomalies.
 *
 * Keeps true: what nobody knows the outcome of may be there or not, but not in part and not twice. Each check is linear
 * in the length of the history, but for sorting and looking up.
 * Leaves to others: making histories; what an app makes of its input (`Streams`).
 *
 * @since 0.1.0
 */
import type { History } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"
import * as Cycles from "./Cycles.ts"
import { HistoryIndex } from "./HistoryIndex.ts"
import * as Offsets from "./Offsets.ts"
import * as Polls from "./Polls.ts"
import * as Sends from "./Sends.ts"
import * as Transactions from "./Transactions.ts"

/**
 * A group whose members take a topic into transactions.
 *
 * @since 0.1.0
 */
export interface TakingGroup {
  readonly topic: string
  /** The producers whose transactions take. */
  readonly members: ReadonlyArray<string>
}

/**
 * What a history is held against.
 *
 * @since 0.1.0
 */
export interface Options {
  /** False while the topics have not been read to their end: what only the end shows is not looked for. */
  readonly isOver?: boolean | undefined
  /** Topics that a group reads as a whole. */
  readonly grouped?: ReadonlyArray<string> | undefined
  readonly taking?: ReadonlyArray<TakingGroup> | undefined
  /** Whether the workload lets no two transactions write at the same time. */
  readonly areWritesIsolated?: boolean | undefined
}

/** How many anomalies of one check are told. */
const anomaliesPerCheckMax = 100

const some = function*(anomalies: Iterable<Anomaly.Anomaly>): Iterable<Anomaly.Anomaly> {
  let count = 0
  for (const anomaly of anomalies) {
    yield anomaly
    if (++count >= anomaliesPerCheckMax) return
  }
}

/**
 * All that is wrong, the gravest first; of each check the first hundred anomalies.
 *
 * @since 0.1.0
 */
export const check = (history: History, options: Options = {}): ReadonlyArray<Anomaly.Anomaly> => {
  const { areWritesIsolated = false, grouped = [], isOver = true, taking = [] } = options
  const index = new HistoryIndex(history)
  const always = [
    Cycles.check(history, index, areWritesIsolated),
    Transactions.reads(history, index, isOver),
    Sends.contents(index),
    Sends.order(history, index),
    Offsets.check(history, index),
    Polls.order(history, index, isOver)
  ]
  const atTheEnd = () => [
    Transactions.whole(history, index),
    Sends.lost(history, index),
    Polls.within(history, index),
    ...areWritesIsolated ? [Sends.gaps(history, index)] : [],
    ...grouped.map((topic) => Polls.unseen(history, topic, index)),
    ...taking.map(({ members, topic }) => Transactions.taken(history, index, topic, new Set(members)))
  ]
  return Anomaly.sort([...always, ...(isOver ? atTheEnd() : [])].flatMap((anomalies) => [...some(anomalies)]))
}

/**
 * How many records of its topic a group has not taken into committed transactions so far.
 *
 * @since 0.1.0
 */
export const countNotTaken = (history: History, { members, topic }: TakingGroup): number => {
  let count = 0
  for (const { name } of Transactions.taken(history, new HistoryIndex(history), topic, new Set(members))) {
    if (name === "unseen") count++
  }
  return count
}
