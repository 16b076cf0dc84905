/**
 * Runs decisions of a shard's machine without a shard: applied, stored in a list, timers fired by hand. For property tests
 * of rules alone.
 */
import type { Completion, Decision, Ticket } from "../../src/coordination/shard/ShardDecision.ts"
import type { ShardMarker, ShardProducer, ShardRecord } from "../../src/coordination/shard/ShardLog.ts"
import type { ShardMachine } from "../../src/coordination/shard/ShardMachine.ts"
import { ShardTimers } from "../../src/coordination/shard/ShardTimers.ts"
import { UndoLog } from "../../src/coordination/shard/UndoLog.ts"

export type Stored =
  | { readonly record: ShardRecord; readonly producer: ShardProducer | null }
  | { readonly marker: ShardMarker }

export class MachineDriver<State, Event, Timer, Action> {
  now = 0
  readonly undo = new UndoLog()
  readonly timers: ShardTimers<Timer>
  readonly state: State
  readonly actions: Array<Action> = []
  /** Tickets that are not answered yet. */
  readonly open = new Set<number>()
  readonly log: Array<Stored> = []
  private readonly machine: ShardMachine<State, Event, Timer, Action>
  private nextId = 0

  constructor(machine: ShardMachine<State, Event, Timer, Action>, log: ReadonlyArray<Stored> = [], now = 0) {
    this.machine = machine
    this.timers = new ShardTimers(this.undo)
    this.log.push(...log)
    this.now = now
    this.state = this.replayed(this.undo)
    this.accept(machine.loaded(this.state, this.now, 0), null)
  }

  ticket<A>(onAnswer: (response: A) => void = () => {}): Ticket<A> {
    const id = this.nextId++
    this.open.add(id)
    return { id, settle: onAnswer }
  }

  /** Makes a decision true. */
  accept(decision: Decision<Event, Timer, Action>, producer: ShardProducer | null): ReadonlyArray<Completion> {
    for (const event of decision.events) {
      const record = this.machine.encode(event)
      if (record !== null) this.log.push({ record, producer })
      this.machine.apply(this.state, event, producer)
    }
    for (const timer of decision.timers) this.timers.command(timer)
    this.actions.push(...decision.actions)
    for (const completion of decision.completions) {
      if (!this.open.delete(completion.ticketId)) throw new Error(`ticket ${completion.ticketId} is answered twice`)
      completion.release()
    }
    return decision.completions
  }

  /** Applies a decision and takes it back, as when the log refuses it. */
  refuse(decision: Decision<Event, Timer, Action>, producer: ShardProducer | null): void {
    const mark = this.undo.position
    for (const event of decision.events) this.machine.apply(this.state, event, producer)
    for (const timer of decision.timers) this.timers.command(timer)
    this.undo.rollback(mark)
    this.timers.reindex()
  }

  marker(marker: ShardMarker): void {
    this.log.push({ marker })
    this.machine.applyMarker(this.state, marker)
  }

  advance(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const at = this.timers.next()
      if (at > until) break
      this.now = Math.max(this.now, at)
      const timer = this.timers.take(this.now)
      if (timer !== undefined) this.accept(this.machine.fired(this.state, timer, this.now, this.now), null)
    }
    this.now = until
  }

  /** The state that a new owner would read from the log. */
  replayed(undo: UndoLog = new UndoLog()): State {
    const state = this.machine.empty(undo)
    for (const stored of this.log) {
      if ("marker" in stored) this.machine.applyMarker(state, stored.marker)
      else {
        const event = this.machine.decode(stored.record)
        if (event === null) throw new Error("a record of our own means nothing to us")
        this.machine.apply(state, event, stored.producer)
      }
    }
    return state
  }
}
