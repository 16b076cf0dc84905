/**
 * Flows of least cost through a graph: what rack-aware assignment reduces traffic with.
 *
 * Keeps true: among flows of the same cost, the answer is the one that Kafka Streams comes to: nodes are tried in the order of
 * their numbers, and negative cycles are cancelled one after the other as Bellman and Ford's algorithm comes upon them.
 * Leaves to others: what nodes and costs stand for (`TaskGraph`).
 *
 * @since 0.1.0
 */

/**
 * The number of the node that all flow comes from.
 *
 * @since 0.1.0
 */
export const source = 0

/**
 * An edge with the flow that it begins with. There is at most one edge between two nodes.
 *
 * @since 0.1.0
 */
export interface Edge {
  readonly from: number
  readonly to: number
  readonly capacity: number
  readonly cost: number
  readonly flow: number
}

/** What could still flow, in one of the two directions of an edge; `back` is the other one. */
class Residual {
  readonly from: number
  readonly to: number
  readonly cost: number
  readonly isForward: boolean
  left: number
  back: Residual = this

  constructor(from: number, to: number, cost: number, isForward: boolean, left: number) {
    this.from = from
    this.to = to
    this.cost = cost
    this.isForward = isForward
    this.left = left
  }
}

/**
 * A graph of nodes 0 (the source) to `sink`.
 *
 * @since 0.1.0
 */
export class FlowGraph {
  private readonly sink: number
  private readonly residuals: ReadonlyArray<Array<Residual>>

  constructor(sink: number, edges: ReadonlyArray<Edge>) {
    this.sink = sink
    const residuals = Array.from({ length: sink + 1 }, (): Array<Residual> => [])
    for (const { capacity, cost, flow, from, to } of edges) {
      const forward = new Residual(from, to, cost, true, capacity - flow)
      forward.back = new Residual(to, from, -cost, false, flow)
      forward.back.back = forward
      residuals[from]!.push(forward)
      residuals[to]!.push(forward.back)
    }
    for (const list of residuals) list.sort((a, b) => a.to - b.to)
    this.residuals = residuals
  }

  /** The nodes that a node sends something to, in the order of their numbers. */
  targetsOf(node: number): ReadonlyArray<number> {
    return this.residuals[node]!.filter((each) => each.isForward && each.back.left > 0).map((each) => each.to)
  }

  /** What leaves the source. */
  get flow(): number {
    return this.residuals[source]!.reduce((sum, each) => sum + each.back.left, 0)
  }

  /** The cost of all that flows. */
  get cost(): number {
    let sum = 0
    for (const list of this.residuals) for (const each of list) if (each.isForward) sum += each.cost * each.back.left
    return sum
  }

  /** Makes as much flow as can, along shortest paths. */
  maximiseFlow(): void {
    for (let path = this.shortestPath(); path !== undefined; path = this.shortestPath()) push(path)
  }

  /** Makes what flows as cheap as can be. */
  minimiseCost(): void {
    for (let cycle = this.negativeCycle(); cycle !== undefined; cycle = this.negativeCycle()) push(cycle)
  }

  private shortestPath(): ReadonlyArray<Residual> | undefined {
    const arrivals: Array<Residual | undefined> = []
    const queue = [source]
    for (const node of queue) {
      for (const each of this.residuals[node]!) {
        if (each.left === 0 || each.to === source || arrivals[each.to] !== undefined) continue
        arrivals[each.to] = each
        if (each.to === this.sink) return backwards(arrivals, this.sink, source)
        queue.push(each.to)
      }
    }
    return undefined
  }

  /** A cycle of negative cost along which something can flow. */
  private negativeCycle(): ReadonlyArray<Residual> | undefined {
    const distances = new Array<number>(this.residuals.length).fill(0)
    const arrivals: Array<Residual | undefined> = []
    for (let round = 0; round <= this.residuals.length; round++) {
      let isShorter = false
      for (const list of this.residuals) {
        for (const each of list) {
          if (each.left === 0 || distances[each.to]! <= distances[each.from]! + each.cost) continue
          distances[each.to] = distances[each.from]! + each.cost
          arrivals[each.to] = each
          isShorter = true
          if (round === this.residuals.length) return cycleBefore(arrivals, each.to)
        }
      }
      if (!isShorter) return undefined
    }
    return undefined
  }
}

/** Lets flow along edges what the narrowest of them can take. */
const push = (path: ReadonlyArray<Residual>): void => {
  let most = Number.POSITIVE_INFINITY
  for (const { left } of path) most = Math.min(most, left)
  for (const each of path) {
    each.left -= most
    each.back.left += most
  }
}

/** The edges by which a node was arrived at, back to another node. */
const backwards = (
  arrivals: ReadonlyArray<Residual | undefined>,
  from: number,
  to: number
): ReadonlyArray<Residual> => {
  const path: Array<Residual> = []
  let node = from
  do {
    const arrival = arrivals[node]!
    path.push(arrival)
    node = arrival.from
  } while (node !== to)
  return path
}

/** The cycle that is come upon when one goes back from a node. */
const cycleBefore = (arrivals: ReadonlyArray<Residual | undefined>, start: number): ReadonlyArray<Residual> => {
  const seen = new Set<number>()
  let node = start
  while (!seen.has(node)) {
    seen.add(node)
    node = arrivals[node]!.from
  }
  return backwards(arrivals, node, node)
}
