/**
 * How far into its inputs each store of a task is: up to which record all that follows from records is in it.
 *
 * Keeps true: a position never says more than is so, and never goes back. What a cache above a store or an effect holds back is
 * not in the store yet: behind a cache that holds something a store is where it was when nothing was held back last, behind
 * effects it is before the first record that waits. A store's own cache holds nothing back from those who read through it.
 * It costs nothing per record: queues know their offsets, and all else is done when somebody asks.
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as Position from "../Position.ts"
import type { EffectStages } from "./effects/EffectStages.ts"
import type { PartitionGroup } from "./PartitionGroup.ts"
import type { RecordQueue } from "./RecordQueue.ts"
import type { AnyStore } from "./stores/StateStore.ts"
import type { TaskStore } from "./TaskStores.ts"

/** What may hold changes back from a store, and the offsets that it is known to be before, in the order of the queues. */
interface Above {
  readonly caches: ReadonlyArray<AnyStore>
  /** Behind how many stages of effects the store is. */
  readonly level: number
  readonly known: Array<number>
}

/**
 * The positions of a task's stores.
 *
 * @since 0.1.0
 */
export class TaskPosition {
  private readonly nodes: ReadonlyArray<Resolved.Node>
  private readonly stores: ReadonlyMap<string, TaskStore>
  private readonly group: PartitionGroup
  private readonly effects: EffectStages | undefined
  private readonly above = new Map<string, Above>()
  /** When nothing was held back last: the offsets of the next records, in the order of the queues. */
  private readonly settled: Array<number> = []

  constructor(parts: {
    readonly nodes: ReadonlyArray<Resolved.Node>
    readonly stores: ReadonlyMap<string, TaskStore>
    readonly group: PartitionGroup
    readonly effects: EffectStages | undefined
  }) {
    this.nodes = parts.nodes
    this.stores = parts.stores
    this.group = parts.group
    this.effects = parts.effects
  }

  /** Tells that nothing is held back now. */
  noteSettled(): void {
    const { queues } = this.group
    for (let i = 0; i < queues.length; i++) this.settled[i] = queues[i]!.nextOffset
  }

  /** The position of a store. */
  of(store: string): Position.Position {
    const above = this.aboveOf(store)
    const isHeld = this.isHeld(above)
    const { queues } = this.group
    return Position.fromComponents(queues.flatMap((queue, at) => {
      const next = Math.max(
        above.known[at] ?? -1,
        isHeld ? this.settled[at] ?? -1 : this.nextOf(queue, above)
      )
      above.known[at] = next
      return next <= 0 ? [] : [{ topic: queue.topic, partition: queue.partition, offset: next - 1 }]
    }))
  }

  /** Whether a cache holds something, or what it has passed on waits for effects: one change there stands for several records. */
  private isHeld({ caches, level }: Above): boolean {
    return caches.length > 0 &&
      (this.effects?.isWaitingBefore(level) === true || caches.some((cache) => cache.isDirty === true))
  }

  private nextOf({ nextOffset, topic }: RecordQueue, { level }: Above): number {
    return Math.min(nextOffset, this.effects?.firstOffset(topic, level) ?? nextOffset)
  }

  private aboveOf(store: string): Above {
    const known = this.above.get(store)
    if (known !== undefined) return known
    const writers = writersOf(store, this.nodes)
    const ancestors = ancestorsOf(writers, this.nodes)
    const caches = ancestors.flatMap((node) => {
      const name = ownStoreOf(node)
      const found = name === undefined || name === store ? undefined : this.stores.get(name)
      return found === undefined ? [] : [found.store]
    })
    const level = Math.max(0, ...writers.map(({ name }) => this.effects?.levelOf(name) ?? 0))
    const found: Above = { caches: caches.filter(({ isDirty }) => isDirty !== undefined), level, known: [] }
    this.above.set(store, found)
    return found
  }
}

/** The store that a node keeps its results in. */
const ownStoreOf = ({ processor }: Resolved.ProcessorNode): string | undefined =>
  "store" in processor ? processor.store : undefined

/** The nodes that may change a store: those whose own it is, and processors of the author's. */
const writersOf = (store: string, nodes: ReadonlyArray<Resolved.Node>): ReadonlyArray<Resolved.ProcessorNode> => {
  const connected = nodes.flatMap((node) => node._tag === "Processor" && node.stores.includes(store) ? [node] : [])
  const writers = connected.filter((node) => ownStoreOf(node) === store || isOfAuthor(node))
  return writers.length > 0 ? writers : connected
}

const isOfAuthor = ({ processor: { _tag } }: Resolved.ProcessorNode): boolean =>
  _tag === "Process" || _tag === "ProcessValues" || _tag === "TableTransformValues"

const ancestorsOf = (
  below: ReadonlyArray<Resolved.ProcessorNode>,
  nodes: ReadonlyArray<Resolved.Node>
): ReadonlyArray<Resolved.ProcessorNode> => {
  const wanted = new Set(below.flatMap(({ parents }) => parents))
  const found: Array<Resolved.ProcessorNode> = []
  // parents stand before their children
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at]!
    if (node._tag !== "Processor" || !wanted.has(node.name)) continue
    found.push(node)
    for (const parent of node.parents) wanted.add(parent)
  }
  return found
}
