/**
 * What the processors of a task have in common beyond records: the contexts that they are given, when they begin and end.
 *
 * Keeps true: processors are initialized once, parents first, before the first record and the first punctuation; a processor
 * reaches the stores that it is connected to and global ones, and no others.
 * Leaves to others: taking records to them (`steps/ProcessSteps`), running punctuations (`Punctuations`).
 *
 * @since 0.1.0
 */
import type { Cancellable, ProcessingContext, PunctuationSchedule } from "@millrace/core/streams/ProcessorContext"
import { ProcessorError } from "@millrace/core/streams/ProcessorError"
import type * as StateStore from "@millrace/core/streams/StateStore"
import * as Duration from "effect/Duration"
import type { Context } from "./Flow.ts"
import type { Punctuations } from "./Punctuations.ts"
import { open } from "./stores/typed/open.ts"
import type { TaskStore } from "./TaskStores.ts"

/**
 * What a task gives its processors. `punctuations` undefined: its processors fill global stores, and may not schedule.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly applicationId: string
  readonly taskId: string
  readonly context: Context
  readonly stores: ReadonlyMap<string, TaskStore>
  readonly globalStores: ReadonlyMap<string, TaskStore>
  readonly punctuations: Punctuations | undefined
  readonly currentTimeMillis: () => number
}

interface Member {
  readonly name: string
  readonly initialize: () => (() => void) | undefined
}

/**
 * The processors of one task.
 *
 * @since 0.1.0
 */
export class Processing {
  /** Whether a processor has asked for a commit since this was last set to false. */
  isCommitRequested = false
  private readonly options: Options
  private readonly members: Array<Member> = []
  private readonly opened = new Map<string, unknown>()
  private readonly closers: Array<{ readonly name: string; readonly close: () => void }> = []
  private isInitialized = false
  private isInitializing = false

  constructor(options: Options) {
    this.options = options
  }

  get context(): Context {
    return this.options.context
  }

  /** Whether there are any processors. */
  get isEmpty(): boolean {
    return this.members.length === 0
  }

  /** Adds a processor; children are added before their parents. `initialize` gives what closes it, if anything does. */
  add(name: string, initialize: Member["initialize"]): void {
    this.members.unshift({ name, initialize })
  }

  /** Initializes all processors, if that was not done yet. What it throws is the processor's. */
  initializeUnsafe(): void {
    if (this.isInitialized) return
    this.isInitialized = true
    this.isInitializing = true
    for (const { initialize, name } of this.members) {
      this.context.node = name
      const close = initialize()
      if (close !== undefined) this.closers.push({ name, close })
    }
    this.isInitializing = false
  }

  /** Closes all processors; the first failure is thrown when all are. */
  closeUnsafe(): void {
    const failures: Array<{ readonly cause: unknown }> = []
    for (const { close, name } of this.closers.splice(0)) {
      this.context.node = name
      try {
        close()
      } catch (cause) {
        failures.push({ cause })
      }
    }
    if (failures[0] !== undefined) throw failures[0].cause
  }

  /** The context of a processor that is connected to these stores. */
  contextOf(node: string, stores: ReadonlyArray<string>): ProcessingContext<StateStore.Any> {
    const { applicationId, context, currentTimeMillis, taskId } = this.options
    return {
      applicationId,
      taskId,
      getStateStore: <S extends StateStore.Any>(handle: S) =>
        this.openUnsafe(node, stores, handle) as StateStore.Opened<S>,
      schedule: (schedule, punctuate) => this.scheduleUnsafe(node, schedule, punctuate),
      commit: () => {
        this.isCommitRequested = true
      },
      recordMetadata: () => {
        if (this.isInitializing) return undefined
        const { offset, partition, topic } = context
        return { topic: topic === "" ? null : topic, partition, offset }
      },
      currentStreamTimeMs: () => context.streamTime,
      currentSystemTimeMs: currentTimeMillis
    }
  }

  private openUnsafe(node: string, connected: ReadonlyArray<string>, handle: StateStore.Any): unknown {
    const { context, globalStores, stores } = this.options
    const { definition: { shape }, name } = handle
    const global = globalStores.get(name)
    const found = connected.includes(name) ? stores.get(name) : global
    if (found === undefined) {
      throw new ProcessorError({
        reason: "UnknownStore",
        processor: node,
        detail: `it is not connected to the store ${name}`,
        hint: "name the store among the stores of its supplier"
      })
    }
    const kind = `${name} ${shape._tag} ${"format" in shape ? shape.format : ""}`
    const known = this.opened.get(kind)
    if (known !== undefined) return known
    // the processors that fill global stores are no task's
    const store = open(found, handle, context, found === global && !connected.includes(name))
    this.opened.set(kind, store)
    return store
  }

  private scheduleUnsafe(
    node: string,
    { interval, startMs, type }: PunctuationSchedule,
    punctuate: (timestamp: number) => void
  ): Cancellable {
    const { punctuations } = this.options
    const intervalMs = Duration.toMillis(interval)
    const refuse = (reason: ProcessorError["reason"], detail: string, hint: string) =>
      new ProcessorError({ reason, processor: node, detail, hint })
    if (punctuations === undefined) {
      throw refuse("NotAllowed", "a global store has no punctuations", "schedule in a processor of tasks")
    }
    if (!(intervalMs >= 1) || !Number.isFinite(intervalMs)) {
      throw refuse("InvalidArgument", `an interval of ${intervalMs} ms cannot be`, "take one millisecond or more")
    }
    if (startMs !== undefined && !(startMs >= 0)) {
      throw refuse("InvalidArgument", `a punctuation cannot start at ${startMs}`, "take a time from 0 on")
    }
    return { cancel: punctuations.schedule(node, Math.floor(intervalMs), type, startMs, punctuate) }
  }
}
