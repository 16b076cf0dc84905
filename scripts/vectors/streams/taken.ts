/**
 * The order in which tasks take input that is all there: global topics to their end, then of each task's queues the one whose
 * first record is the oldest. Between records of one time it would depend on which was seen first: the later one of them is
 * moved by a millisecond.
 */
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import type { Input } from "../live/spec.ts"

const merge = (inputs: ReadonlyArray<Input>): ReadonlyArray<Input> => {
  const queues = [...Map.groupBy(inputs, ({ topic }) => topic).values()]
  const taken: Array<Input> = []
  while (true) {
    const waiting = queues.filter((queue) => queue.length > 0)
    if (waiting.length === 0) return taken
    const timestamp = Math.min(...waiting.map((queue) => queue[0]!.timestamp))
    const [oldest, ...others] = waiting.filter((queue) => queue[0]!.timestamp === timestamp)
    taken.push(oldest!.shift()!)
    for (const queue of others) queue[0] = { ...queue[0]!, timestamp: timestamp + 1 }
  }
}

/** The input as it is taken, and whether it might be taken as it was given, too. */
export const takenOrder = (
  given: ReadonlyArray<Input>,
  { globalStores, subTopologies }: ResolvedTopology
): { readonly inputs: ReadonlyArray<Input>; readonly isAsGiven: boolean } => {
  const global = new Set(globalStores.map(({ topic }) => topic))
  const taken = given.filter(({ topic }) => global.has(topic))
  let isAsGiven = taken.every((input, index) => input === given[index])
  for (const { sourceTopics } of subTopologies) {
    const own = given.filter(({ topic }) => sourceTopics.includes(topic))
    const merged = merge(own)
    isAsGiven &&= own.every((input, index) => input === merged[index])
    taken.push(...merged)
  }
  return { inputs: isAsGiven ? given : taken, isAsGiven }
}
