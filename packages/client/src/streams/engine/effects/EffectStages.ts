/**
 * Records of a task that wait for effects, and in which order they go on.
 *
 * Keeps true: records leave a stage in the order in which they entered it, so that every node sees what it would see if
 * effects took no time; at most `concurrency` effects of an operator run at once, and never two of one key; after a failure
 * nothing that came later leaves.
 * Leaves to others: running effects (`EffectRunner`), when to call `settleUnsafe` (the task), how much may wait (the task).
 *
 * @since 0.1.0
 */
import type { Erased } from "@millrace/core/serde/Erased"
import type * as Serde from "@millrace/core/serde/Serde"
import type { EffectResult } from "@millrace/core/streams/KStream"
import type { Effectful, Node } from "@millrace/core/streams/ResolvedTopology"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as limits from "../../../limits.ts"
import { type Context, type Headers, type Step, withOrigin } from "../Flow.ts"
import { detailOf, TaskError } from "../TaskError.ts"
import { type EffectLevels, isEffectful } from "./EffectLevels.ts"

/**
 * What runs the effects of tasks. They get the services that the topology asks for.
 *
 * @since 0.1.0
 */
export interface EffectRunner {
  /** Starts an effect. `onExit` is called once, perhaps at once. Returns how to interrupt it. */
  readonly run: (
    effect: Effect.Effect<unknown, unknown, Erased>,
    onExit: (exit: Exit.Exit<unknown, unknown>) => void
  ) => () => void
}

/** What tells keys apart: themselves, the bytes of objects, or one for all objects without a serde. */
type Lane = string | number | bigint | boolean | symbol

interface Operator {
  readonly name: string
  readonly effect: Effectful["f"]
  readonly laneOf: (key: unknown) => Lane | undefined
  readonly concurrency: number
  running: number
  /** Entries whose key is free, and that wait for others to end. */
  readonly ready: Array<Entry>
}

interface Entry {
  readonly key: unknown
  readonly value: unknown
  readonly old: unknown
  readonly timestamp: number
  readonly headers: Headers
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly streamTime: number
  readonly isLatest: boolean
  readonly rawKey: Uint8Array | null
  readonly rawValue: Uint8Array | null
  readonly leave: (entry: Entry) => void
  readonly operator: Operator | undefined
  readonly lane: Lane | undefined
  exit: Exit.Exit<unknown, unknown> | undefined
  interrupt: (() => void) | undefined
}

/** What needs no effect. */
const passed: Exit.Exit<unknown, unknown> = Exit.void

const objects: Lane = Symbol("objects")

const laneOf = (serde: Serde.Any | undefined) => (key: unknown): Lane | undefined => {
  switch (typeof key) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return key
    default:
      if (key === null || key === undefined) return undefined
      return serde === undefined ? objects : serde.serializeUnsafe(key).join()
  }
}

/**
 * The stages of one task, owned by it. Stage n is between levels n and n + 1 of its nodes (`EffectLevels`).
 *
 * @since 0.1.0
 */
export class EffectStages {
  /** How many records wait. */
  pending = 0
  private readonly stages: ReadonlyArray<Array<Entry>>
  private readonly lanes = new Map<Lane, Array<Entry>>()
  private readonly startable: Array<Entry> = []
  private isStarting = false
  private isClosed = false
  private readonly taskId: string
  private readonly context: Context
  private readonly runner: EffectRunner

  private readonly levels: EffectLevels

  constructor(options: {
    readonly taskId: string
    readonly levels: EffectLevels
    readonly context: Context
    readonly runner: EffectRunner
  }) {
    this.taskId = options.taskId
    this.context = options.context
    this.runner = options.runner
    this.levels = options.levels
    this.stages = Array.from({ length: options.levels.depth }, () => [])
  }

  /** Whether so much waits that no more records should be taken. */
  get isFull(): boolean {
    return this.pending >= (this.levels.isOrdered ? limits.effectsPerTaskMax : 1)
  }

  /** What a node calls for its child: where the child is on a later level, what came before has to get there first. */
  edge(parent: Node, child: string, step: Step): Step {
    const { of } = this.levels
    return this.waiting(of.get(parent.name)! + (isEffectful(parent) ? 1 : 0), of.get(child)!, step)
  }

  /** The step of an effectful operator. */
  effectful(node: Effectful, name: string, forward: Step): Step {
    const level = this.levels.of.get(name)!
    const operator: Operator = {
      name,
      effect: node.f,
      laneOf: laneOf(node.key),
      concurrency: Math.max(1, node.concurrency ?? limits.effectsPerOperatorMax),
      running: 0,
      ready: []
    }
    const leave = leaving(node, this.context, name, forward)
    return (key, value, old, timestamp, headers) => {
      this.context.node = name
      const entry = this.enter(level, leave, operator, key, value, old, timestamp, headers)
      const { lane } = entry
      const others = lane === undefined ? undefined : this.lanes.get(lane)
      if (others !== undefined) {
        others.push(entry)
        return
      }
      if (lane !== undefined) this.lanes.set(lane, [entry])
      this.offer(entry, operator)
    }
  }

  /** A step that waits until all that entered before it has left the stages between two levels. */
  private waiting(from: number, to: number, step: Step): Step {
    if (from >= to) return step
    const next = this.waiting(from + 1, to, step)
    const leave = ({ headers, key, old, timestamp, value }: Entry) => next(key, value, old, timestamp, headers)
    return (key, value, old, timestamp, headers) => {
      this.enter(from, leave, undefined, key, value, old, timestamp, headers)
    }
  }

  /** Lets all leave whose turn it is; returns how many did. Throws the `TaskError` of an effect that failed. */
  settleUnsafe(): number {
    let left = 0
    for (const stage of this.stages) {
      let taken = 0
      try {
        while (taken < stage.length && stage[taken]!.exit !== undefined) this.leaveUnsafe(stage[taken++]!)
      } finally {
        stage.splice(0, taken)
        this.pending -= taken
        left += taken
      }
    }
    return left
  }

  /** The level of a node: behind how many stages it is. */
  levelOf(node: string): number {
    return this.levels.of.get(node)!
  }

  /** Whether records wait in stages before a level. */
  isWaitingBefore(level: number): boolean {
    return this.stages.some((stage, at) => at < level && stage.length > 0)
  }

  /** The smallest offset of a topic's records that wait before a level; undefined if none does. */
  firstOffset(topic: string, level: number): number | undefined {
    let first: number | undefined
    for (const stage of this.stages.slice(0, level)) {
      for (const { offset, topic: from } of stage) {
        if (from === topic && (first === undefined || offset < first)) first = offset
      }
    }
    return first
  }

  /** Interrupts what runs and forgets what waits. */
  close(): void {
    this.isClosed = true
    for (const stage of this.stages) {
      for (const entry of stage) entry.interrupt?.()
      stage.length = 0
    }
    this.pending = 0
  }

  private enter(
    level: number,
    leave: Entry["leave"],
    operator: Operator | undefined,
    key: unknown,
    value: unknown,
    old: unknown,
    timestamp: number,
    headers: Headers
  ): Entry {
    const { isLatest, offset, partition, rawKey, rawValue, streamTime, topic } = this.context
    const entry: Entry = {
      key,
      value,
      old,
      timestamp,
      headers,
      topic,
      partition,
      offset,
      streamTime,
      isLatest,
      rawKey,
      rawValue,
      leave,
      operator,
      lane: operator?.laneOf(key),
      exit: operator === undefined ? passed : undefined,
      interrupt: undefined
    }
    this.stages[level]!.push(entry)
    this.pending++
    return entry
  }

  private offer(entry: Entry, operator: Operator): void {
    if (operator.running >= operator.concurrency) {
      operator.ready.push(entry)
      return
    }
    operator.running++
    this.startable.push(entry)
    if (this.isStarting) return
    // effects that end at once start others: in a loop, not on top of each other
    this.isStarting = true
    try {
      for (let next = this.startable.shift(); next !== undefined; next = this.startable.shift()) this.start(next)
    } finally {
      this.isStarting = false
    }
  }

  private start(entry: Entry): void {
    if (this.isClosed) return
    const operator = entry.operator!
    const effect = Effect.suspend(() => operator.effect(entry.value, entry.key, entry))
    entry.interrupt = this.runner.run(effect, (exit) => this.end(entry, operator, exit))
  }

  private end(entry: Entry, operator: Operator, exit: Exit.Exit<unknown, unknown>): void {
    entry.exit = exit
    operator.running--
    if (this.isClosed) return
    const waiting = operator.ready.shift()
    if (waiting !== undefined) this.offer(waiting, operator)
    if (entry.lane === undefined) return
    const lane = this.lanes.get(entry.lane)!
    lane.shift()
    if (lane.length === 0) this.lanes.delete(entry.lane)
    else this.offer(lane[0]!, lane[0]!.operator!)
  }

  private leaveUnsafe(entry: Entry): void {
    const { context } = this
    const { isLatest, streamTime } = context
    context.streamTime = entry.streamTime
    context.timestamp = entry.timestamp
    context.headers = entry.headers
    context.isLatest = entry.isLatest
    if (entry.exit!._tag === "Failure") throw this.failureOf(entry, entry.exit!.cause)
    withOrigin(context, entry, entry, entry.leave)
    context.streamTime = streamTime
    context.isLatest = isLatest
  }

  private failureOf(entry: Entry, cause: Cause.Cause<unknown>): TaskError {
    const { offset, partition, topic } = entry
    const failure = cause.reasons.find(Cause.isFailReason)
    const why = failure === undefined ? Cause.squash(cause) : failure.error
    return new TaskError({
      reason: failure === undefined ? "UserCode" : "Effect",
      taskId: this.taskId,
      node: entry.operator!.name,
      topic,
      partition,
      offset,
      detail: detailOf(why),
      cause: why
    })
  }
}

const resultOf = (entry: Entry): unknown => entry.exit!._tag === "Success" ? entry.exit!.value : undefined

const resultsOf = (entry: Entry): Iterable<EffectResult<unknown, unknown>> =>
  resultOf(entry) as Iterable<EffectResult<unknown, unknown>>

/** What an operator does with the result of its effect. */
const leaving = (node: Effectful, context: Context, name: string, forward: Step): (entry: Entry) => void => {
  switch (node.operator) {
    case "Filter":
      return (entry) => {
        if (resultOf(entry) === true) pass(entry, forward)
      }
    case "MapValues":
      return (entry) => forward(entry.key, resultOf(entry), entry.old, entry.timestamp, entry.headers)
    case "FlatMapValues":
      return (entry) => {
        for (const each of resultOf(entry) as Iterable<unknown>) {
          forward(entry.key, each, entry.old, entry.timestamp, entry.headers)
          context.node = name
        }
      }
    case "Process":
      return (entry) => {
        for (const { headers = entry.headers, key, timestamp = entry.timestamp, value } of resultsOf(entry)) {
          if (timestamp < 0) throw new RangeError(`a record was made with the negative timestamp ${timestamp}`)
          forward(key, value, null, timestamp, headers)
          context.node = name
        }
      }
    case "Peek":
    case "ForEach":
      return (entry) => pass(entry, forward)
  }
}

const pass = ({ headers, key, old, timestamp, value }: Entry, forward: Step): void =>
  forward(key, value, old, timestamp, headers)
