/**
 * What can be wrong with a history, by name. The names are those of the Jepsen Kafka workload where it has one; its
 * `-process` and `-realtime` cycles are `G0` and `G1c` here, as time always counts.
 *
 * @since 0.1.0
 */
import type { Operation } from "../History.ts"

/**
 * The names, the gravest and most telling first.
 *
 * - `G0`, `G1c`: transactions that come before each other, by what they wrote, or by what they wrote and read.
 * - `aborted-read`: (G1a) written in a transaction that was aborted, and read.
 * - `precommitted-read`: read by who wants committed records only before it was committed, or though it never was.
 * - `torn-transaction`: of what a transaction wrote, a part is there.
 * - `lost-write`: acknowledged, or committed, and not there in the end.
 * - `duplicate`: there more than once, or taken by more than one committed transaction of a group.
 * - `inconsistent-offsets`: two values for one offset of a partition, or two offsets for one value.
 * - `garbage-read`: read, and never written.
 * - `nonmonotonic-send`: what one producer sent later lies before what it sent earlier: `int` within one operation, else
 *   between two.
 * - `int-send-skip`: between what one transaction wrote lies what another wrote. Kafka does not isolate writes: an anomaly
 *   only of workloads that do.
 * - `nonmonotonic-poll`: offsets went back; `poll-skip`: polls left out what is there: `int` within one poll or one committed
 *   transaction, else between two polls of the same assignment.
 * - `streams-output`: not what the reference run gives, or not exactly once.
 * - `unseen`: there, and never given to the group that reads it.
 * - `defect`: a process died of a defect. `runaway`, `deadlock`, `stuck`: the run did not come to its end.
 *
 * @since 0.1.0
 */
export const names = [
  "G0",
  "G1c",
  "aborted-read",
  "precommitted-read",
  "torn-transaction",
  "lost-write",
  "duplicate",
  "inconsistent-offsets",
  "garbage-read",
  "int-nonmonotonic-send",
  "nonmonotonic-send",
  "int-send-skip",
  "int-nonmonotonic-poll",
  "nonmonotonic-poll",
  "int-poll-skip",
  "poll-skip",
  "streams-output",
  "unseen",
  "defect",
  "runaway",
  "deadlock",
  "stuck"
] as const

/**
 * One of the names.
 *
 * @since 0.1.0
 */
export type Name = (typeof names)[number]

/**
 * An anomaly: what it is, in one line, and the operations that it concerns.
 *
 * @since 0.1.0
 */
export interface Anomaly {
  readonly name: Name
  readonly detail: string
  readonly operations: ReadonlyArray<Operation>
}

/**
 * Makes an anomaly; operations that nobody knows are left out.
 *
 * @since 0.1.0
 */
export const make = (
  name: Name,
  detail: string,
  operations: ReadonlyArray<Operation | undefined> = []
): Anomaly => ({ name, detail, operations: operations.filter((operation) => operation !== undefined) })

const rank = new Map<Name, number>(names.map((name, index) => [name, index]))

/**
 * The gravest first; those of the same name stay as they are.
 *
 * @since 0.1.0
 */
export const sort = (anomalies: Iterable<Anomaly>): ReadonlyArray<Anomaly> =>
  [...anomalies].sort((left, right) => rank.get(left.name)! - rank.get(right.name)!)
