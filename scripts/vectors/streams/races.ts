/**
 * What of a sink can be compared, where tasks work side by side: all records of a key in their order, their values in any
 * order, or the last value; or nothing, for it depends on which task was first.
 *
 * Records that one task reads from topics which were full before it began come in an order that is known. Those of a topic
 * that another task fills do so among themselves, and in no order with others. So each source begins a sequence, and what
 * sequences meet in decides what is left of their order.
 */
import type { Processor } from "@millrace/core/streams/Processor"
import type {
  Node,
  ProcessorNode,
  ResolvedTopology,
  SinkNode,
  SourceNode
} from "@millrace/core/streams/ResolvedTopology"

/** How much is known: the order of each key, the values of each key, its last value, or nothing. */
export type Known = "order" | "values" | "last" | "nothing"

interface Flow {
  readonly known: Known
  /** The sequences that it comes from, by where they begin. */
  readonly from: ReadonlySet<string>
  /**
   * A table that does not tell all: its deletions may be lost, for it was joined with itself, or its store forgets what was
   * not used for long. What else looks at it sees that, or does not.
   */
  readonly isStale: boolean
}

const nothing: Flow = { known: "nothing", from: new Set(), isStale: false }

/** Operators on single records, below which as much is known of values in any order. */
const onValues: ReadonlySet<Processor["_tag"]> = new Set([
  "Filter",
  "NullKeyFilter",
  "Map",
  "SelectKey",
  "MapValues",
  "FlatMap",
  "FlatMapValues",
  "Peek",
  "ForEach",
  "PassThrough",
  "Branch"
])

/** Operators below which the last value of a key is as well known as above. */
const onLast: ReadonlySet<Processor["_tag"]> = new Set([
  "NullKeyFilter",
  "MapValues",
  "Peek",
  "ForEach",
  "PassThrough",
  "TableSource",
  "TableFilter",
  "TableMapValues",
  "TableToStream",
  "TableJoin",
  "TableJoinMerge",
  "ForeignKeySubscribe",
  "ForeignKeyReceive",
  "ForeignKeyRespond",
  "ForeignKeyNotify",
  "ForeignKeyResult"
])

const tagOf = (node: Node | undefined): Processor["_tag"] | undefined =>
  node?._tag === "Processor" ? node.processor._tag : undefined

/** Whether a processor fills a store that it uses, or only reads it. */
const writes = (processor: Processor, store: string): boolean => {
  switch (processor._tag) {
    case "Process":
    case "ProcessValues":
    case "TableTransformValues":
      return true
    case "StreamTableJoin":
      return processor.buffer === store
    case "StreamJoin":
      return processor.unmatched === store
    default:
      return "store" in processor && processor.store === store
  }
}

/** Finds what is known of the flows of a topology. `fed`: the topics of its input; `spanMs`: how far apart its times are. */
class Races {
  readonly #topology: ResolvedTopology
  readonly #fed: ReadonlySet<string>
  readonly #spanMs: number
  readonly #nodes: ReadonlyMap<string, Node>
  readonly #flows = new Map<string, Flow>()
  readonly #origins = new Map<string, ReadonlySet<string>>()

  constructor(topology: ResolvedTopology, fed: ReadonlySet<string>, spanMs: number) {
    this.#topology = topology
    this.#fed = fed
    this.#spanMs = spanMs
    this.#nodes = new Map(topology.nodes.map((node) => [node.name, node]))
  }

  /** What is known of what is written to a topic. */
  ofTopic(topic: string): Flow {
    const sinks = this.#topology.nodes.filter((node): node is SinkNode => node._tag === "Sink")
    const named = sinks.filter((sink) => sink.topic === topic)
    const writers = named.some(({ internal }) => internal)
      ? named
      : [...named, ...sinks.filter((sink) => typeof sink.topic !== "string")]
    const parents = writers.flatMap((sink) => sink.parents)
    const flows = parents.map((parent) => this.#of(parent))
    // a foreign key is answered for by either side
    const isAnswer = parents.some((parent) => tagOf(this.#nodes.get(parent)) === "ForeignKeyNotify")
    return isAnswer && flows.every(({ known }) => known === "last") ? flows[0]! : this.#merged(flows)
  }

  /** Several flows, one beside the other. */
  #merged(flows: ReadonlyArray<Flow>): Flow {
    const from = new Set(flows.flatMap((flow) => [...flow.from]))
    const isStale = flows.some((flow) => flow.isStale)
    if (flows.length < 2) return flows[0] ?? nothing
    if (flows.every(({ known }) => known === "order") && from.size === 1) return { known: "order", from, isStale }
    return flows.every(({ known }) => known === "order" || known === "values")
      ? { known: "values", from, isStale }
      : nothing
  }

  #of(name: string): Flow {
    const known = this.#flows.get(name)
    if (known !== undefined) return known
    this.#flows.set(name, nothing) // what comes back to itself
    const node = this.#nodes.get(name)!
    const flow = node._tag === "Source" ? this.#ofSource(node) : node._tag === "Processor" ? this.#below(node) : nothing
    this.#flows.set(name, flow)
    return flow
  }

  #ofSource({ name, topics }: SourceNode): Flow {
    const written = topics.filter((topic) => this.#isWritten(topic))
    const from = this.#originsOf(name)
    if (written.length === 0) return { known: "order", from, isStale: false }
    if (topics.length > 1 || this.#fed.has(topics[0]!)) return nothing
    return { ...this.ofTopic(topics[0]!), from }
  }

  #isWritten(topic: string): boolean {
    return this.#topology.subTopologies.some(({ sinkTopics }) => sinkTopics.includes(topic))
  }

  /** Where the sequences begin that reach a node: at topics that tasks fill, or at all others of a task together. */
  #originsOf(name: string): ReadonlySet<string> {
    const known = this.#origins.get(name)
    if (known !== undefined) return known
    this.#origins.set(name, new Set())
    const node = this.#nodes.get(name)!
    const task = this.#topology.subTopologies.find(({ nodes }) => nodes.includes(name))?.id
    const origins = node._tag === "Source"
      ? new Set(node.topics.map((topic) => this.#isWritten(topic) ? topic : `task ${task}`))
      : new Set(node.parents.flatMap((parent) => [...this.#originsOf(parent)]))
    this.#origins.set(name, origins)
    return origins
  }

  #below(node: ProcessorNode): Flow {
    const { processor, stores } = node
    const above = node.parents.map((parent) => this.#of(parent))
    if (processor._tag === "TableJoinMerge") return this.#joined(node.parents, above)
    const merged = this.#merged(above)
    const flow = { ...merged, isStale: merged.isStale || stores.some((store) => this.#forgets(store)) }
    const { from, known } = flow
    if (processor._tag.startsWith("ForeignKey")) {
      return flow.isStale ? nothing : { ...flow, known: known === "order" ? "last" : known }
    }
    const met = new Set([...from, ...stores.flatMap((store) => this.#writersOf(store))])
    switch (known) {
      case "nothing":
        return nothing
      case "values":
        return onValues.has(processor._tag) ? flow : nothing
      case "last":
        return onLast.has(processor._tag) ? flow : nothing
      case "order":
        if (met.size === 1 || processor._tag === "TableJoin") return flow
        return this.#isComplete(processor, stores) ? { ...flow, known: "values", from: met } : nothing
    }
  }

  /** Two tables: in the end a key has what their last values make, unless both race, or one does not tell all. */
  #joined(parents: ReadonlyArray<string>, sides: ReadonlyArray<Flow>): Flow {
    const from = new Set(sides.flatMap((side) => [...side.from]))
    const [one, other] = parents.map((parent) => this.#sourcesOf(parent))
    const isStale = sides.some((side) => side.isStale) || [...one!].some((source) => other!.has(source))
    if (sides.some(({ known }) => known === "nothing" || known === "values")) return nothing
    const racing = sides.filter(({ known }) => known === "last").length
    if (racing === 0 && from.size === 1) return { known: "order", from, isStale }
    return racing === 2 || isStale ? nothing : { known: "last", from, isStale }
  }

  #forgets(name: string): boolean {
    const store = this.#topology.stores.find((each) => each.name === name)
    return store?._tag === "KeyValue" && store.entriesMax !== undefined
  }

  #sourcesOf(name: string): Set<string> {
    const node = this.#nodes.get(name)!
    if (node._tag === "Source") return new Set([name])
    return new Set(node.parents.flatMap((parent) => [...this.#sourcesOf(parent)]))
  }

  /** Where the sequences begin of which a store is filled. */
  #writersOf(store: string): ReadonlyArray<string> {
    return this.#topology.nodes.flatMap((node) =>
      node._tag === "Processor" && node.stores.includes(store) && writes(node.processor, store)
        ? [...this.#originsOf(node.name)]
        : []
    )
  }

  /** Whether each record of an inner join of streams meets all that it can, whoever is first: nothing is ever forgotten. */
  #isComplete(processor: Processor, stores: ReadonlyArray<string>): boolean {
    return processor._tag === "StreamJoin" && processor.unmatched === undefined && stores.every((name) => {
      const store = this.#topology.stores.find((each) => each.name === name)
      return store?._tag === "Window" && store.retentionMs >= this.#spanMs
    })
  }
}

/** What is known of each topic that the topology writes, given the topics of its input and how far apart its times are. */
export const races = (
  topology: ResolvedTopology,
  fed: ReadonlySet<string>,
  spanMs: number
): (topic: string) => Known => {
  const found = new Races(topology, fed, spanMs)
  return (topic) => found.ofTopic(topic).known
}
