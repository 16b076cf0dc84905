/**
 * What a vector of a running application says, and how what it left is held against what was found.
 */
import type * as Serde from "@millrace/core/serde/Serde"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { isDeepStrictEqual } from "node:util"
import type { Header } from "../streams/execute.ts"
import { serde } from "../streams/operators/scope.ts"
import type { Known } from "../streams/races.ts"
import type { Spec } from "../streams/spec.ts"

/** A record that is written before the application starts. */
export interface Input {
  readonly topic: string
  readonly key?: unknown
  readonly keyHex?: string | undefined
  readonly value?: unknown
  readonly valueHex?: string | undefined
  readonly timestamp: number
  /** Where a default partitioner must put it. */
  readonly partition?: number | undefined
  readonly headers?: ReadonlyArray<Header> | undefined
}

/** A record of a sink. */
export interface SinkRecord {
  readonly value: unknown
  readonly timestamp?: number
  readonly partition?: number
  readonly headers?: ReadonlyArray<Header>
}

/** A key of a sink: all its records, or (`finalOnly`) the last. */
export interface SinkKey extends Partial<SinkRecord> {
  readonly key: unknown
  readonly records?: ReadonlyArray<SinkRecord>
}

/** A vector of a running application. */
export interface LiveSpec extends Spec {
  readonly partitions: Readonly<Record<string, number>>
  readonly inputs: ReadonlyArray<Input>
  readonly internalTopics?: ReadonlyArray<{ readonly name: string }>
  readonly sinks?: Readonly<Record<string, ReadonlyArray<SinkKey>>>
  readonly finalOnly?: boolean
  /** What of a sink is known, by topic; `finalOnly` or order for those left out. */
  readonly known?: Readonly<Record<string, Known>>
  readonly changelogs?: Readonly<Record<string, ReadonlyArray<{ readonly timestamp?: number }>>>
  readonly repartitionCounts?: Readonly<Record<string, ReadonlyArray<number>>>
  readonly committed?: Readonly<Record<string, ReadonlyArray<number | null>>>
}

/** Something other than what Kafka left. */
export class Mismatch extends Data.TaggedError("Mismatch")<{ readonly detail: string }> {}

/** An application that Kafka runs and that is refused here, with what is wrong with it. */
export class Refused extends Data.TaggedError("Refused")<{ readonly detail: string }> {}

const shownMax = 500

/** Fails unless both are the same, as JSON. */
export const same = (what: string, found: unknown, expected: unknown): Effect.Effect<void, Mismatch> => {
  const [ours, theirs] = [JSON.stringify(found ?? null), JSON.stringify(expected ?? null)]
  return isDeepStrictEqual(JSON.parse(ours), JSON.parse(theirs))
    ? Effect.void
    : Effect.fail(
      new Mismatch({ detail: `${what}: found ${ours.slice(0, shownMax)}, expected ${theirs.slice(0, shownMax)}` })
    )
}

/** The serdes with which a topic is written and read. */
export const serdesOf = (spec: Spec, topic: string): { readonly key: Serde.Any; readonly value: Serde.Any } => {
  const { key = "string", value = "string" } = spec.serdes[topic] ?? {}
  return { key: serde(key), value: serde(value) }
}
