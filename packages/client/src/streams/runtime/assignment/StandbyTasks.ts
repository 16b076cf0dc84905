/**
 * Who keeps copies of the state of tasks that run elsewhere.
 *
 * Keeps true: a task has `numStandbyReplicas` copies, or one on each other process if there are fewer; with tags, copies are
 * on processes that differ from the active one and from each other in every tag, as long as there are such.
 * Leaves to others: copies that only prepare a move (`HighAvailability`).
 *
 * @since 0.1.0
 */
import { type ClientState, type Configs, leastLoaded } from "./ClientState.ts"

const loadOf = (state: ClientState): number => state.load

/**
 * Assigns the copies of stateful tasks (sorted).
 *
 * @since 0.1.0
 */
export const assign = (states: ReadonlyArray<ClientState>, tasks: ReadonlyArray<string>, configs: Configs): void => {
  const { numStandbyReplicas, rackAwareAssignmentTags } = configs
  if (rackAwareAssignmentTags.length === 0) {
    for (const task of tasks) addCopies(states, task, numStandbyReplicas)
    return
  }
  const tags = new Set(rackAwareAssignmentTags)
  const pending = new Map<string, number>()
  for (const task of tasks) {
    const owner = states.find((state) => state.active.has(task))
    if (owner === undefined) continue
    pending.set(task, addApart(states, task, owner, numStandbyReplicas, tags))
  }
  for (const [task, missing] of pending) addCopies(states, task, missing)
}

/**
 * Whether any copy may move from one client to another: with tags, if the other one has all the tags of the first.
 *
 * @since 0.1.0
 */
export const mayMove =
  ({ rackAwareAssignmentTags }: Configs) => (source: ClientState, destination: ClientState): boolean => {
    if (rackAwareAssignmentTags.length === 0) return true
    for (const [tag, value] of source.client.tags) if (destination.client.tags.get(tag) !== value) return false
    return true
  }

/**
 * Whether a copy may move: with tags, if the task and its copies are on as many different tags as before.
 *
 * @since 0.1.0
 */
export const keepsApart =
  (states: ReadonlyArray<ClientState>, { rackAwareAssignmentTags }: Configs) =>
  (source: ClientState, destination: ClientState, task: string): boolean => {
    if (rackAwareAssignmentTags.length === 0) return true
    const others = states.filter((state) => state !== source && state !== destination && state.has(task))
    return tagsOf([...others, destination]).size >= tagsOf([...others, source]).size
  }

const tagsOf = (states: ReadonlyArray<ClientState>): ReadonlySet<string> =>
  new Set(states.flatMap(({ client }) => [...client.tags].map((tag) => JSON.stringify(tag))))

const addCopies = (states: ReadonlyArray<ClientState>, task: string, count: number): void => {
  for (let i = 0; i < count; i++) {
    const state = leastLoaded(states, loadOf, (each) => !each.has(task))
    if (state === undefined) return
    state.standby.add(task)
  }
}

/** Adds copies that have no tag in common with each other and with the active task; returns how many are missing. */
const addApart = (
  states: ReadonlyArray<ClientState>,
  task: string,
  owner: ClientState,
  count: number,
  tags: ReadonlySet<string>
): number => {
  const used = new Map<string, Set<string>>()
  let missing = count
  let last = owner
  let clientsUsed = 1
  do {
    noteUsed(states, last, clientsUsed, tags, used)
    const next = leastLoaded(states, loadOf, (each) => !each.has(task) && !isUsed(each, used))
    if (next === undefined) break
    next.standby.add(task)
    last = next
    clientsUsed++
    missing--
  } while (missing > 0)
  return missing
}

const valuesOf = (states: ReadonlyArray<ClientState>, tag: string): Set<string> =>
  new Set(states.flatMap(({ client }) => client.tags.get(tag) ?? []))

/** A tag that has no more values than there are copies cannot keep them apart any more: it is free again. */
const noteUsed = (
  states: ReadonlyArray<ClientState>,
  { client }: ClientState,
  clientsUsed: number,
  tags: ReadonlySet<string>,
  used: Map<string, Set<string>>
): void => {
  for (const [tag, value] of client.tags) {
    if (!tags.has(tag)) continue
    if (valuesOf(states, tag).size <= clientsUsed) used.delete(tag)
    else if (!used.has(tag)) used.set(tag, new Set([value]))
    else used.get(tag)!.add(value)
  }
}

const isUsed = ({ client }: ClientState, used: ReadonlyMap<string, ReadonlySet<string>>): boolean => {
  for (const [tag, value] of client.tags) if (used.get(tag)?.has(value) === true) return true
  return false
}
