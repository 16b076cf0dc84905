/**
 * Hands tasks that are assigned out anew, so that the sum of what each costs where it is becomes as small as can be, and
 * every client has as many as before.
 *
 * Keeps true: what comes out is what Kafka Streams' graph constructors come to, `min_traffic` and `balance_subtopology`.
 * Leaves to others: what it costs to have a task on a client, and which tasks may move (`RackAware`).
 *
 * @since 0.1.0
 */
import { type ClientState, subTopologyOf } from "./ClientState.ts"
import { type Edge, FlowGraph, source } from "./FlowGraph.ts"

/**
 * `min_traffic`: least cost, whatever it does to sub-topologies; `balance_subtopology`: the tasks of each sub-topology stay
 * spread over the clients, too.
 *
 * @since 0.1.0
 */
export type Strategy = "min_traffic" | "balance_subtopology"

/**
 * What is to be handed out: `tasks` (sorted), which `clients` have, as active or standby ones.
 *
 * @since 0.1.0
 */
export interface Problem {
  readonly tasks: ReadonlyArray<string>
  readonly clients: ReadonlyArray<ClientState>
  readonly kind: "active" | "standby"
  readonly costOf: (task: string, state: ClientState) => number
}

/**
 * Hands the tasks out anew; tells whether any of them moved.
 *
 * @since 0.1.0
 */
export const redistribute = (problem: Problem, strategy: Strategy): boolean => {
  const { clients, kind, tasks } = problem
  const { clientOf, graph } = strategy === "min_traffic" ? minTraffic(problem) : balanceSubTopology(problem)
  graph.minimiseCost()
  let hasMoved = false
  for (const [index, task] of tasks.entries()) {
    const owner = clients.find((state) => state[kind].has(task))
    for (const node of graph.targetsOf(taskNode(index))) {
      const client = clients[clientOf(node)]!
      if (client === owner) continue
      owner?.[kind].delete(task)
      client[kind].add(task)
      hasMoved = true
    }
  }
  return hasMoved
}

/** A graph, and which client a node stands for that a task flows to. */
interface TaskGraph {
  readonly graph: FlowGraph
  readonly clientOf: (node: number) => number
}

const taskNode = (index: number): number => index + 1

const countsOf = ({ clients, kind, tasks }: Problem): ReadonlyArray<number> =>
  clients.map((state) => tasks.reduce((count, task) => state[kind].has(task) ? count + 1 : count, 0))

/** Source, tasks, clients, sink; it begins with what is assigned. */
const minTraffic = (problem: Problem): TaskGraph => {
  const { clients, costOf, kind, tasks } = problem
  const firstClient = taskNode(tasks.length)
  const sink = firstClient + clients.length
  const edges: Array<Edge> = []
  for (const [index, task] of tasks.entries()) {
    edges.push({ from: source, to: taskNode(index), capacity: 1, cost: 0, flow: 1 })
    for (const [at, state] of clients.entries()) {
      const flow = state[kind].has(task) ? 1 : 0
      edges.push({ from: taskNode(index), to: firstClient + at, capacity: 1, cost: costOf(task, state), flow })
    }
  }
  for (const [at, count] of countsOf(problem).entries()) {
    edges.push({ from: firstClient + at, to: sink, capacity: count, cost: 0, flow: count })
  }
  return { graph: new FlowGraph(sink, edges), clientOf: (node) => node - firstClient }
}

/** Source, tasks, clients for each sub-topology, clients, sink; it begins with any flow of all tasks. */
const balanceSubTopology = (problem: Problem): TaskGraph => {
  const { clients, costOf, tasks } = problem
  const counts = countsOf(problem)
  const sizes = new Map<number, number>()
  for (const task of tasks) sizes.set(subTopologyOf(task), (sizes.get(subTopologyOf(task)) ?? 0) + 1)
  const groups = [...sizes.keys()]
  const firstClient = taskNode(tasks.length)
  const firstOfAll = firstClient + clients.length * groups.length
  const sink = firstOfAll + clients.length
  const nodeOf = (subTopology: number, at: number) => firstClient + clients.length * groups.indexOf(subTopology) + at
  const edges: Array<Edge> = []
  const connect = (from: number, to: number, capacity: number, cost: number) =>
    edges.push({ from, to, capacity, cost, flow: 0 })
  for (const [index, task] of tasks.entries()) {
    connect(source, taskNode(index), 1, 0)
    for (const [at, state] of clients.entries()) {
      connect(taskNode(index), nodeOf(subTopologyOf(task), at), 1, costOf(task, state))
    }
  }
  for (const [at, count] of counts.entries()) {
    for (const [group, size] of sizes) {
      connect(nodeOf(group, at), firstOfAll + at, Math.ceil(count / tasks.length * size), 0)
    }
    connect(firstOfAll + at, sink, count, 0)
  }
  const graph = new FlowGraph(sink, edges)
  graph.maximiseFlow()
  return { graph, clientOf: (node) => (node - firstClient) % clients.length }
}
