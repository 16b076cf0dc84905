/**
 * How a streams group shares its tasks: Kafka's `sticky` assignor of the broker (KIP-1071).
 *
 * Keeps true: every task has one active member; a stateful one has as many standbys as configured, or one on each other
 * process if there are fewer; a task is at most once on a process; tasks stay with members that have them as far as balance
 * allows; answers are those of Kafka 4.3, where members count in the order in which they are given.
 * Leaves to others: who is in the group, and how tasks change hands.
 *
 * @since 0.1.0
 */
import { PriorityQueue } from "./PriorityQueue.ts"

/**
 * A task: a partition of a sub-topology.
 *
 * @since 0.1.0
 */
export interface Task {
  readonly subTopology: string
  readonly partition: number
}

/**
 * A sub-topology; `partitions`: how many tasks it has.
 *
 * @since 0.1.0
 */
export interface SubTopology {
  readonly id: string
  readonly stateful: boolean
  readonly partitions: number
}

/**
 * A member and what its previous target assignment was.
 *
 * @since 0.1.0
 */
export interface Member {
  readonly memberId: string
  readonly processId: string
  readonly active: ReadonlyArray<Task>
  readonly standby: ReadonlyArray<Task>
}

/**
 * What is asked.
 *
 * @since 0.1.0
 */
export interface Question {
  readonly members: ReadonlyArray<Member>
  readonly subTopologies: ReadonlyArray<SubTopology>
  readonly numStandbyReplicas: number
}

/**
 * What a member is to have.
 *
 * @since 0.1.0
 */
export interface TargetTasks {
  readonly active: ReadonlyArray<Task>
  readonly standby: ReadonlyArray<Task>
}

/**
 * Assigns all tasks, by member id; nothing, if there is no member.
 *
 * @since 0.1.0
 */
export const assign = (question: Question): ReadonlyMap<string, TargetTasks> => {
  if (question.members.length === 0) return new Map()
  const search = new Search(question)
  search.assignActive()
  if (question.numStandbyReplicas > 0) search.assignStandby()
  return search.result()
}

/** A member in the assignment that is being made. */
interface Owner {
  readonly memberId: string
  readonly home: Process
  readonly active: Array<Task>
  readonly standby: Array<Task>
}

const countOf = (owner: Owner): number => owner.active.length + owner.standby.length

/** A home: its members, and its tasks by key. */
class Process {
  readonly owners: Array<Owner> = []
  readonly tasks = new Set<string>()
  /** Members, least loaded first; made anew once tasks were given past it. */
  private byCount: PriorityQueue<Owner> | undefined

  /** Tasks per member. */
  get load(): number {
    return this.tasks.size / this.owners.length
  }

  give(task: Task, owner: Owner, kind: "active" | "standby"): number {
    this.byCount = undefined
    return this.add(task, owner, kind)
  }

  giveToLeastLoaded(task: Task, kind: "active" | "standby"): number {
    this.byCount ??= PriorityQueue.of(this.owners, (a, b) => countOf(a) - countOf(b))
    const owner = this.byCount.poll()!
    const count = this.add(task, owner, kind)
    this.byCount.add(owner)
    return count
  }

  private add(task: Task, owner: Owner, kind: "active" | "standby"): number {
    this.tasks.add(keyOf(task))
    owner[kind].push(task)
    return countOf(owner)
  }
}

/** How many tasks a member may have: what is left, shared among those that are not full. */
class Quota {
  private tasks: number
  private members: number
  perMember: number

  constructor(tasks: number, members: number) {
    this.tasks = tasks
    this.members = members
    this.perMember = Math.ceil(tasks / members)
  }

  /** A member now has so many. */
  note(count: number): void {
    if (count !== this.perMember) return
    this.members--
    this.tasks -= count
    this.perMember = this.members === 0 ? 0 : Math.ceil(this.tasks / this.members)
  }
}

const keyOf = ({ partition, subTopology }: Task): string => `${subTopology}_${partition}`
const compareText = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0
const byPartition = (a: Task, b: Task): number => a.partition - b.partition || compareText(a.subTopology, b.subTopology)
const bySubTopology = (a: Task, b: Task): number =>
  compareText(a.subTopology, b.subTopology) || a.partition - b.partition

const tasksOf = (subTopologies: ReadonlyArray<SubTopology>): Array<Task> =>
  subTopologies.flatMap(({ id, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ subTopology: id, partition }))
  )

class Search {
  private readonly numStandbyReplicas: number
  private readonly active: ReadonlyArray<Task>
  private readonly stateful: ReadonlyArray<Task>
  private readonly activeQuota: Quota
  private readonly quota: Quota
  private readonly owners: ReadonlyArray<Owner>
  private readonly processes = new Map<string, Process>()
  private readonly previousActive = new Map<string, Owner>()
  private readonly previousStandby = new Map<string, Array<Owner>>()

  constructor({ members, numStandbyReplicas, subTopologies }: Question) {
    this.numStandbyReplicas = numStandbyReplicas
    this.active = tasksOf(subTopologies)
    this.stateful = tasksOf(subTopologies.filter((each) => each.stateful))
    this.activeQuota = new Quota(this.active.length, members.length)
    this.quota = new Quota(this.active.length + this.stateful.length * numStandbyReplicas, members.length)
    this.owners = members.map((member) => this.join(member))
  }

  private join({ active, memberId, processId, standby }: Member): Owner {
    const home = this.processes.get(processId) ?? new Process()
    this.processes.set(processId, home)
    const owner: Owner = { memberId, home, active: [], standby: [] }
    home.owners.push(owner)
    for (const task of active) this.previousActive.set(keyOf(task), owner)
    for (const task of standby) {
      const list = this.previousStandby.get(keyOf(task))
      if (list === undefined) this.previousStandby.set(keyOf(task), [owner])
      else list.push(owner)
    }
    return owner
  }

  result(): ReadonlyMap<string, TargetTasks> {
    return new Map(this.owners.map(({ active, memberId, standby }) => [memberId, { active, standby }]))
  }

  /** To who has them; else to who has them as standbys; else, sub-topology by sub-topology, to the least loaded. */
  assignActive(): void {
    // tasks of the same partition are together on a member, if they were shared by ranges
    const tasks = [...this.active].sort(byPartition)
    const moved = tasks.filter((task) => !this.keepActive(task, this.previousActive.get(keyOf(task))))
    const left = moved.filter((task) => !this.keepActive(task, this.leastLoaded(this.standbysOf(task), undefined)))
    const byLoad = this.processesByLoad()
    for (const task of left.sort(bySubTopology)) {
      const home = byLoad.poll()!
      this.noteActive(home.giveToLeastLoaded(task, "active"))
      byLoad.add(home)
    }
  }

  private keepActive(task: Task, owner: Owner | undefined): boolean {
    if (owner === undefined || countOf(owner) >= this.activeQuota.perMember) return false
    this.noteActive(owner.home.give(task, owner, "active"))
    return true
  }

  private noteActive(count: number): void {
    this.activeQuota.note(count)
    this.quota.note(count)
  }

  /** To who has had them, active or standby; else to the least loaded. */
  assignStandby(): void {
    const left: Array<{ readonly task: Task; readonly copies: number }> = []
    for (const task of [...this.stateful].sort((a, b) => byPartition(b, a))) {
      let copies = this.numStandbyReplicas
      while (copies > 0 && this.keepStandby(task)) copies--
      if (copies > 0) left.push({ task, copies })
    }
    const byLoad = this.processesByLoad()
    for (const { copies, task } of left.sort((a, b) => bySubTopology(b.task, a.task))) {
      for (let copy = 0; copy < copies; copy++) if (!this.giveStandby(task, byLoad)) break
    }
  }

  private keepStandby(task: Task): boolean {
    const isFree = (owner: Owner | undefined): owner is Owner =>
      owner !== undefined && !owner.home.tasks.has(keyOf(task)) && countOf(owner) < this.quota.perMember
    const active = this.previousActive.get(keyOf(task))
    const owner = isFree(active) ? active : this.leastLoaded(this.standbysOf(task), keyOf(task))
    if (!isFree(owner)) return false
    this.quota.note(owner.home.give(task, owner, "standby"))
    return true
  }

  private giveStandby(task: Task, byLoad: PriorityQueue<Process>): boolean {
    const passed: Array<Process> = []
    let home = byLoad.poll()
    while (home?.tasks.has(keyOf(task)) === true) {
      passed.push(home)
      home = byLoad.poll()
    }
    if (home !== undefined) {
      this.quota.note(home.giveToLeastLoaded(task, "standby"))
      byLoad.add(home)
    }
    for (const each of passed.reverse()) byLoad.add(each)
    return home !== undefined
  }

  private standbysOf(task: Task): ReadonlyArray<Owner> {
    return this.previousStandby.get(keyOf(task)) ?? []
  }

  /**
   * The first one, or one on a process with less load that has less itself. Kafka gives up if the first one's process has
   * the task already (`key`), whoever else there is.
   */
  private leastLoaded(owners: ReadonlyArray<Owner>, key: string | undefined): Owner | undefined {
    const isFree = ({ home }: Owner) => key === undefined || !home.tasks.has(key)
    let least = owners[0]
    if (least === undefined || !isFree(least)) return undefined
    for (const owner of owners) {
      if (owner.home.load < least.home.load && isFree(owner) && countOf(owner) < countOf(least)) least = owner
    }
    return least
  }

  private processesByLoad(): PriorityQueue<Process> {
    return PriorityQueue.of([...this.processes.values()], (a, b) => a.load - b.load)
  }
}
