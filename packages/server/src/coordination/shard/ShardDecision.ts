/**
 * What a decision of a shard gives: events, an answer, and effects as data.
 *
 * Keeps true: a decision changes nothing; all it wants is in its fields. An event is written if the shard's machine has
 * bytes for it, and is applied to the state in any case.
 * Leaves to others: applying, appending, waiting, answering (`Shard`).
 *
 * @since 0.1.0
 */

/**
 * Where the answer to one request goes. A state may keep it to answer later.
 *
 * @since 0.1.0
 */
export interface Ticket<in A> {
  readonly id: number
  readonly settle: (response: A) => void
}

/**
 * The answer to one request, given out once the decision that it comes from is committed.
 *
 * @since 0.1.0
 */
export interface Completion {
  readonly ticketId: number
  readonly response: unknown
  readonly release: () => void
}

/**
 * Answers a request.
 *
 * @since 0.1.0
 */
export const complete = <A>(ticket: Ticket<A>, response: A): Completion => ({
  ticketId: ticket.id,
  response,
  release: () => ticket.settle(response)
})

/**
 * Sets the timer `key` to fire at `at` (milliseconds since the epoch) with `timer`; null takes the timer away.
 *
 * @since 0.1.0
 */
export interface TimerCommand<Timer> {
  readonly key: string
  readonly set: { readonly at: number; readonly timer: Timer } | null
}

/**
 * What was decided. A request whose ticket is in no completion stays unanswered until a later decision completes it.
 *
 * @since 0.1.0
 */
export interface Decision<Event, Timer, Action> {
  readonly events: ReadonlyArray<Event>
  readonly completions: ReadonlyArray<Completion>
  readonly timers: ReadonlyArray<TimerCommand<Timer>>
  /** What is to be done outside the shard once the decision is committed. */
  readonly actions: ReadonlyArray<Action>
  /** Whether the events may go into several batches, because each is right without the others. */
  readonly splittable?: boolean
}

const none: ReadonlyArray<never> = []

/**
 * A decision that does nothing.
 *
 * @since 0.1.0
 */
export const nothing: Decision<never, never, never> = { events: none, completions: none, timers: none, actions: none }

/**
 * A decision that only answers.
 *
 * @since 0.1.0
 */
export const answer = <A>(ticket: Ticket<A>, response: A): Decision<never, never, never> => ({
  ...nothing,
  completions: [complete(ticket, response)]
})
