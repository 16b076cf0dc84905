/**
 * Which thread of a process runs which of its tasks: balanced first, then as it was before.
 *
 * Keeps true: every task has exactly one owner; members differ by at most one task, and by at most one stateful task; a task
 * stays where its state is as far as balance allows; the answer depends only on the question, not on the order in it.
 * Leaves to others: which process has a task (`assignment/HighAvailability`), moving partitions (`StreamsAssignor`).
 *
 * @since 0.1.0
 */

/**
 * A task to be given to somebody.
 *
 * @since 0.1.0
 */
export interface AssignableTask {
  readonly id: string
  readonly isStateful: boolean
}

/**
 * Assigns tasks (in their order of importance for ties) to members. `owners`: where a task runs or has its state now.
 *
 * @since 0.1.0
 */
export const assign = (
  tasks: ReadonlyArray<AssignableTask>,
  members: ReadonlyArray<string>,
  owners: ReadonlyMap<string, string>
): Map<string, Array<string>> => {
  const given = new Map<string, Array<string>>([...members].sort().map((member) => [member, []]))
  share(tasks.filter((task) => task.isStateful), given, owners)
  share(tasks.filter((task) => !task.isStateful), given, owners)
  return given
}

/** Adds tasks to what members have: owners keep theirs up to their share, the rest goes to whoever has least. */
const share = (
  tasks: ReadonlyArray<AssignableTask>,
  given: Map<string, Array<string>>,
  owners: ReadonlyMap<string, string>
): void => {
  const total = tasks.length + [...given.values()].reduce((sum, list) => sum + list.length, 0)
  const least = Math.floor(total / given.size)
  let larger = total - least * given.size
  const homeless: Array<string> = []
  for (const task of tasks) {
    const owner = owners.get(task.id)
    const list = owner === undefined ? undefined : given.get(owner)
    if (list !== undefined && list.length < least) {
      list.push(task.id)
    } else if (list !== undefined && list.length === least && larger > 0) {
      larger--
      list.push(task.id)
    } else {
      homeless.push(task.id)
    }
  }
  for (const task of homeless) {
    let smallest: Array<string> | undefined
    for (const list of given.values()) if (smallest === undefined || list.length < smallest.length) smallest = list
    smallest!.push(task)
  }
}
