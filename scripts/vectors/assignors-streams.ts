/**
 * The part of the assignors area that assigns tasks of stream apps (`streams-client-high-availability`): clients with the
 * state that they have, and who gets which task, active or standby.
 */
import type { Client, ClientState } from "@millrace/client/streams/runtime/assignment/ClientState"
import * as HighAvailability from "@millrace/client/streams/runtime/assignment/HighAvailability"
import { isDeepStrictEqual } from "node:util"

/** A step of a chain, as the file has it. */
export interface Step {
  readonly configs: {
    readonly acceptableRecoveryLag: number
    readonly maxWarmupReplicas: number
    readonly numStandbyReplicas: number
    readonly rackAwareAssignmentTags: ReadonlyArray<string>
  }
  readonly subtopologies: ReadonlyArray<
    { readonly id: number; readonly stateful: boolean; readonly partitions: number }
  >
  readonly clients: ReadonlyArray<{
    readonly processId: string
    readonly threads: number
    readonly lags: { readonly [task: string]: number }
    readonly tags?: { readonly [tag: string]: string }
  }>
  readonly brokers?: unknown
  readonly exact: boolean
  readonly output: {
    readonly clients: {
      readonly [processId: string]: { readonly active: ReadonlyArray<string>; readonly standby: ReadonlyArray<string> }
    }
    readonly probingRebalanceNeeded: boolean
  }
  readonly invariants?: { readonly [name: string]: unknown }
}

const clientOf = (given: Step["clients"][number]): Client => ({
  processId: given.processId,
  threads: given.threads,
  lags: new Map(Object.entries(given.lags)),
  tags: new Map(Object.entries(given.tags ?? {}))
})

const tasksOf = (step: Step, isStateful?: boolean): ReadonlyArray<string> =>
  step.subtopologies.filter((each) => isStateful === undefined || each.stateful === isStateful).flatMap((
    { id, partitions }
  ) => Array.from({ length: partitions }, (_, partition) => `${id}_${partition}`))

const sizesOf = (states: ReadonlyArray<ClientState>, size: (state: ClientState) => number) =>
  Object.fromEntries(states.map((state) => [state.client.processId, size(state)]))

const ascending = (sizes: Record<string, number>) => Object.values(sizes).sort((a, b) => a - b)

/** Invariants that can be read off an answer alone. */
const invariants = (step: Step, { clients, isProbingNeeded }: HighAvailability.Answer): string | undefined => {
  const sizes = sizesOf(clients, (state) => state.count)
  const activeSizes = sizesOf(clients, (state) => state.active.size)
  const standbySizes = sizesOf(clients, (state) => state.standby.size)
  const found: Record<string, unknown> = {
    sizes,
    activeSizes,
    standbySizes,
    sortedSizes: ascending(sizes),
    sortedActiveSizes: ascending(activeSizes),
    sortedStandbySizes: ascending(standbySizes),
    total: ascending(sizes).reduce((sum, one) => sum + one, 0),
    probingRebalanceNeeded: isProbingNeeded
  }
  for (const [name, wanted] of Object.entries(step.invariants ?? {})) {
    if (name in found && !isDeepStrictEqual(found[name], wanted)) {
      return `${name}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(found[name])}`
    }
  }
  return undefined
}

const rules = (step: Step, { clients }: HighAvailability.Answer): string | undefined => {
  const actives = clients.flatMap((state) => [...state.active])
  const wanted = tasksOf(step)
  if (!isDeepStrictEqual([...actives].sort(), [...wanted].sort())) return "not each task is active once"
  const stateless = new Set(tasksOf(step, false))
  for (const { active, standby } of clients) {
    for (const task of standby) {
      if (active.has(task)) return `${task} is twice on a process`
      if (stateless.has(task)) return `${task} has no state and a standby`
    }
  }
  return undefined
}

const same = (step: Step, { clients, isProbingNeeded }: HighAvailability.Answer): string | undefined => {
  for (const { active, client: { processId }, standby } of clients) {
    const wanted = step.output.clients[processId] ?? { active: [], standby: [] }
    for (const [kind, given] of [["active", active], ["standby", standby]] as const) {
      const sorted = [...given].sort()
      const expected = [...wanted[kind]].sort()
      if (sorted.join() !== expected.join()) {
        return `${processId} ${kind}: wanted ${expected.join()}, got ${sorted.join()}`
      }
    }
  }
  return isProbingNeeded === step.output.probingRebalanceNeeded ? undefined : "probing"
}

/** What is wrong with a step of `streams-client-high-availability`, if anything. */
export const checkHighAvailability = (step: Step): string | undefined => {
  const answer = HighAvailability.assign({
    clients: step.clients.map(clientOf),
    tasks: tasksOf(step),
    statefulTasks: new Set(tasksOf(step, true)),
    configs: step.configs
  })
  return rules(step, answer) ?? (step.exact ? same(step, answer) : invariants(step, answer))
}
