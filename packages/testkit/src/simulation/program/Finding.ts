/**
 * Something that is wrong with a run.
 *
 * @since 0.1.0
 */
import type * as Anomaly from "../checker/Anomaly.ts"
import type { StoredRecord } from "./Observer.ts"

/**
 * What is wrong, under a name: `Anomaly.names` says what its names mean. Besides:
 *
 * - `unexpected-output`: a record that a run without faults does not write. `reordered`: out of its order.
 * - `broken-rule`: a rule of the user's that does not hold. `unreadable-record`: the topic's serdes cannot read it.
 * - `unsent`: a record that the broker refused. `program-failed`: the simulated program itself failed.
 *
 * `record` is the one concerned, in the topic in which it is or should be.
 *
 * @since 0.1.0
 */
export interface Finding {
  readonly name:
    | Anomaly.Name
    | "unexpected-output"
    | "reordered"
    | "broken-rule"
    | "unreadable-record"
    | "unsent"
    | "program-failed"
  readonly detail: string
  readonly topic?: string | undefined
  readonly record?: Pick<StoredRecord, "key" | "value"> | undefined
}
