/**
 * States that runs are there to reach: how often each was, so that one never reached shows.
 *
 * Keeps true: a point counts at most once for a run. Points are no part of the trace.
 *
 * @since 0.1.0
 */

/**
 * The points, each as a sentence that some run has to make true.
 *
 * @since 0.1.0
 */
export const points = [
  "a broker died between a write and the answer to it",
  "a broker died between a sync and the answer to it",
  "a loss of power lost what was not synced",
  "a loss of power tore a write",
  "a loss of power left zeros in the place of a write",
  "a loss of power kept what was not synced",
  "a sync failed",
  "a disk was full",
  "a bit of a log rotted",
  "a connection was left half open",
  "a connection was forgotten without a word",
  "a connection was refused",
  "a segment was held back by a partition",
  "a segment was lost and sent again",
  "a segment arrived twice",
  "a segment overtook another and was held",
  "a broker was updated to other settings",
  "a broker was stopped in order",
  "a leader lost its power between an append and its sync",
  "a loss of power tore a transaction marker",
  "a coordinator started with a transaction that was decided and not ended",
  "a coordinator started with a transaction that was open",
  "a coordinator was asked while it read its log",
  "a request met a log that was offline",
  "a produce request was never answered",
  "a gap in the sequence of a producer was refused",
  "a commit was never answered",
  "a producer was fenced in mid-commit",
  "a fenced producer was told so by a coordinator",
  "a zombie wrote after it was fenced",
  "a transaction had to wait for the end of the one before",
  "a transaction was ended by its coordinator before its producer",
  "a member heard that its group gathers anew",
  "a member lived on after its group had given it up",
  "offsets of a member that its group had given up were refused",
  "an app restored its state",
  "a group gathered anew while an app restored its state",
  "a process was paused for longer than its session",
  "a write was not acknowledged, and is there",
  "a write was not acknowledged, and is not there",
  "a transaction was aborted on purpose",
  "a transaction failed, and was aborted",
  "a client did not learn what became of its transaction",
  "an assignment of a group changed",
  "an app took over the work of another"
] as const

/**
 * One of the points.
 *
 * @since 0.1.0
 */
export type Point = (typeof points)[number]

/**
 * The points that a run has reached.
 *
 * @since 0.1.0
 */
export class Sometimes {
  readonly reached = new Set<Point>()

  reach(point: Point): void {
    this.reached.add(point)
  }
}
