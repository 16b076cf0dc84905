/**
 * Cycles of transactions: those that come before each other.
 *
 * One transaction comes before another if the other read what it wrote (wr), or if its client knew its end before the
 * other began (time). Kafka does not isolate writes: transactions that run at the same time may write between each other,
 * so that the order of their writes (ww) says nothing, unless the workload keeps them apart. But writes that lie against
 * time are a cycle at any rate.
 *
 * Keeps true: linear in transactions, reads and writes; of each knot one short cycle is told.
 *
 * @since 0.1.0
 */
import type { History, Transacted } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"
import * as Components from "./Components.ts"
import type { HistoryIndex } from "./HistoryIndex.ts"

type Edges = Array<Array<number>>

/**
 * `G0` and `G1c`. With `areWritesIsolated`, the order of writes counts as well.
 *
 * @since 0.1.0
 */
export const check = function*(
  history: History,
  index: HistoryIndex,
  areWritesIsolated: boolean
): Iterable<Anomaly.Anomaly> {
  const { transactions } = history
  const runs = [...runsOf(index)]
  for (const run of runs) yield* againstTime(run, transactions)
  const edges: Edges = transactions.map(() => [])
  if (areWritesIsolated) {
    addWrites(edges, runs)
    yield* tell("G0", "each wrote before the other", edges, transactions)
  }
  const isKnown = new Set(edges.length === 0 ? [] : Components.find(edges).flat())
  const isRead = addReads(edges, history, index)
  addTime(edges, transactions)
  for (const component of Components.find(edges)) {
    if (component.some((node) => isKnown.has(node)) || !component.some((node) => isRead.has(node))) continue
    yield anomalyOf("G1c", "each comes before the other, by what they read and when", edges, component, transactions)
  }
}

/** Which transactions wrote into a partition, in the order of their offsets; none twice in a row. */
const runsOf = function*(index: HistoryIndex): Iterable<ReadonlyArray<number>> {
  for (const { partitions } of index.topics.values()) {
    for (const { values } of partitions.values()) {
      const run: Array<number> = []
      let last = -1
      for (const { transaction } of values) {
        if (transaction < 0 || transaction === last) continue
        run.push(transaction)
        last = transaction
      }
      yield run
    }
  }
}

/** Writes of a transaction after those of one that began when it had ended. */
const againstTime = function*(
  run: ReadonlyArray<number>,
  transactions: ReadonlyArray<Transacted>
): Iterable<Anomaly.Anomaly> {
  let latest: Transacted | undefined
  for (const number of run) {
    const transacted = transactions[number]!
    if (latest !== undefined && transacted.ended < latest.began) {
      const detail = `${latest.producer} wrote before ${transacted.producer}, and began when that had ended`
      yield Anomaly.make("G0", detail, [transacted, latest])
    }
    if (latest === undefined || transacted.began > latest.began) latest = transacted
  }
}

const addWrites = (edges: Edges, runs: ReadonlyArray<ReadonlyArray<number>>): void => {
  for (const run of runs) {
    for (let at = 1; at < run.length; at++) edges[run[at - 1]!]!.push(run[at]!)
  }
}

/** Leads from who wrote to who read; gives the readers. */
const addReads = (edges: Edges, history: History, index: HistoryIndex): ReadonlySet<number> => {
  const readers = new Set<number>()
  for (const [number, { outcome, reads }] of history.transactions.entries()) {
    if (outcome === "aborted") continue
    for (const { partition, records, topic } of reads) {
      const values = index.topics.get(topic)
      const end = values?.partitions.get(partition)
      for (const record of records) {
        const writer = values?.seen(end, record)?.transaction ?? -1
        if (writer < 0 || writer === number) continue
        edges[writer]!.push(number)
        readers.add(number)
      }
    }
  }
  return readers
}

/** Leads from each end to each later beginning, by way of a line of nodes for the ends in the order of time. */
const addTime = (edges: Edges, transactions: ReadonlyArray<Transacted>): void => {
  const ended = [...transactions.keys()].filter((number) => transactions[number]!.ended !== Number.POSITIVE_INFINITY)
    .sort((left, right) => transactions[left]!.ended - transactions[right]!.ended)
  const first = edges.length
  for (const [at, number] of ended.entries()) {
    edges[number]!.push(first + at)
    edges.push(at + 1 < ended.length ? [first + at + 1] : [])
  }
  // transactions are in the order in which they began
  let before = 0
  for (const [number, { began }] of transactions.entries()) {
    while (before < ended.length && transactions[ended[before]!]!.ended < began) before++
    if (before > 0) edges[first + before - 1]!.push(number)
  }
}

const tell = function*(
  name: Anomaly.Name,
  why: string,
  edges: Edges,
  transactions: ReadonlyArray<Transacted>
): Iterable<Anomaly.Anomaly> {
  for (const component of Components.find(edges)) yield anomalyOf(name, why, edges, component, transactions)
}

const anomalyOf = (
  name: Anomaly.Name,
  why: string,
  edges: Edges,
  component: ReadonlyArray<number>,
  transactions: ReadonlyArray<Transacted>
): Anomaly.Anomaly => {
  const start = component.find((node) => node < transactions.length)!
  const cycle = cycleIn(edges, component, start).flatMap((node) => transactions[node] ?? [])
  const producers = cycle.map(({ producer }) => producer).join(", ")
  return Anomaly.make(name, `of the transactions of ${producers} ${why}`, cycle)
}

/** The shortest way within a component from a node back to itself. */
const cycleIn = (edges: Edges, component: ReadonlyArray<number>, start: number): ReadonlyArray<number> => {
  const inside = new Set(component)
  const cameFrom = new Map<number, number>()
  const queue = [start]
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at]!
    for (const to of edges[node]!) {
      if (to === start) {
        const cycle = [node]
        while (cycle[0] !== start) cycle.unshift(cameFrom.get(cycle[0]!)!)
        return cycle
      }
      if (!inside.has(to) || cameFrom.has(to)) continue
      cameFrom.set(to, node)
      queue.push(to)
    }
  }
  return component
}
