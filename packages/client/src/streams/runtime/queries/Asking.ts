/**
 * What is asked, and how: a query with its options, checked against the topology.
 *
 * Keeps true: what would never have an answer fails here, before anybody is asked.
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Retry from "../../../cluster/Retry.ts"
import * as limits from "../../../limits.ts"
import { detailOf } from "../../engine/TaskError.ts"
import * as Position from "../../Position.ts"
import type { Instance } from "../Instance.ts"
import type { LocalAnswers } from "./LocalAnswers.ts"
import * as Placement from "./Placement.ts"
import * as Query from "./Query.ts"
import { QueryError, type Reason } from "./QueryError.ts"
import type { RawQuery } from "./RawQuery.ts"

/**
 * How a query is asked.
 *
 * @since 0.1.0
 */
export interface QueryOptions {
  /**
   * How far the store has to have come at least: with what a producer gave for a record, one reads what one has written. It
   * counts for partitions of the number that is asked; its topics have to be those that the store's task reads.
   */
  readonly bound?: Position.Position | undefined
  /** How long to wait for the store to come up to the bound (not at all). */
  readonly waitUpTo?: Duration.Input | undefined
  /** How long to try again while tasks move or instances do not answer, beside `waitUpTo` (30 seconds). */
  readonly timeout?: Duration.Input | undefined
  /** Whether copies may answer: standbys, and tasks that are restoring; and how many changes they may be behind (no). */
  readonly staleReads?: boolean | { readonly lagMax: number } | undefined
  /** The partition that is asked; for keys whose source topics are not partitioned by them as Kafka does by default. */
  readonly partition?: number | undefined
  /** `local`: asks only this instance, for what it has, and once (`all`). */
  readonly instances?: "all" | "local" | undefined
}

/**
 * A query on its way: decided as far as it is the same for all partitions, which are asked in this order (-1: a global store).
 *
 * @since 0.1.0
 */
export interface Asking {
  readonly definition: Resolved.StateStore
  readonly subTopology: Resolved.SubTopology | undefined
  readonly raw: RawQuery
  readonly partitions: ReadonlyArray<number>
  readonly bound: Position.Position
  readonly waitMs: number
  readonly timeoutMs: number
  readonly lagMax: number
  readonly isLocal: boolean
  readonly entriesMax: number
}

/**
 * Decides what is asked; waits until it is known how many partitions the store has.
 *
 * @since 0.1.0
 */
export const make = <A>(
  instance: Instance,
  local: Pick<LocalAnswers, "has" | "isActive">,
  query: Query.Query<A>,
  options: QueryOptions,
  entriesMax: number
): Effect.Effect<Asking, QueryError> => {
  const isLocal = options.instances === "local"
  const timeoutMs = options.timeout === undefined ? limits.queryTimeoutMs : Duration.toMillis(options.timeout)
  const { bound = Position.empty, staleReads = false } = options
  const isHere = (partition: number) =>
    staleReads === false ? local.isActive(query.store, partition) : local.has(query.store, partition)
  const decided = Effect.suspend(() => {
    const failed = failing(query.store, options.partition)
    try {
      const { definition, raw, subTopology } = checkedUnsafe(instance, query, bound)
      const partitions = partitionsUnsafe(instance, query, options.partition, { definition, raw, subTopology })
      return Effect.succeed({
        definition,
        subTopology,
        raw,
        partitions: isLocal ? hereUnsafe(query.store, partitions, isHere) : partitions,
        bound,
        waitMs: options.waitUpTo === undefined ? 0 : Duration.toMillis(options.waitUpTo),
        timeoutMs,
        lagMax: staleReads === false ? -1 : staleReads === true ? Number.POSITIVE_INFINITY : staleReads.lagMax,
        isLocal,
        entriesMax
      })
    } catch (cause) {
      return Effect.fail(cause instanceof QueryError ? cause : failed("Serialization", detailOf(cause), cause))
    }
  })
  return Retry.retry<QueryError>({ while: ({ reason }) => reason === "Unavailable" && !isLocal, timeoutMs })(decided)
}

const failing = (store: string, partition = -1) => (reason: Reason, detail: string, cause?: unknown) =>
  new QueryError({ reason, store, partition, detail, cause })

/** Finds the store, and whether it can be asked so. Throws `QueryError`, and what the serde throws. */
const checkedUnsafe = <A>(instance: Instance, query: Query.Query<A>, bound: Position.Position) => {
  const { topology } = instance
  const { kind, store } = query
  const failed = failing(store)
  const global = topology.globalStores.find((each) => each.store.name === store)
  const definition = global?.store ?? topology.stores.find(({ name }) => name === store)
  if (definition === undefined) throw failed("UnknownStore", "there is no such store")
  if (definition._tag !== Query.storeKinds[kind]) {
    throw failed("UnknownQueryType", `it is a ${definition._tag} store, and ${kind} is not asked of it`)
  }
  const subTopology = topology.subTopologies.find(({ stores }) => stores.includes(store))
  const isSource = (topic: string) =>
    topic === global?.topic || subTopology?.sourceTopics.includes(topic) === true ||
    subTopology?.sourcePatterns.some((pattern) => TopicPattern.matches(pattern, topic)) === true
  const others = [...bound.keys()].filter((topic) => !isSource(topic))
  if (others.length > 0) {
    throw failed("InvalidBound", `the bound has ${others.join()}, which the store is not made of`)
  }
  return { definition, subTopology, raw: query.encodeUnsafe(definition) }
}

/** Of several partitions those that are here; one that is asked for by itself says itself what is wrong with it. */
const hereUnsafe = (
  store: string,
  partitions: ReadonlyArray<number>,
  isHere: (partition: number) => boolean
): ReadonlyArray<number> => {
  if (partitions.length === 1) return partitions
  const here = partitions.filter(isHere)
  if (here.length > 0) return here
  throw failing(store)("NotPresent", "the instance has none of its partitions")
}

/** The partitions to ask; throws `QueryError`. */
const partitionsUnsafe = <A>(
  instance: Instance,
  { key, store }: Query.Query<A>,
  partition: number | undefined,
  { definition, raw, subTopology }: Pick<Asking, "definition" | "raw" | "subTopology">
): ReadonlyArray<number> => {
  if (subTopology === undefined) return [-1]
  const count = Placement.partitionCountOf(instance, subTopology)
  const failed = failing(store, partition)
  if (count === 0) throw failed("Unavailable", "it is not known how many partitions the store has")
  if (partition === undefined) {
    return key === undefined || Placement.hasPartitioner(instance.topology, subTopology)
      ? Array.from({ length: count }, (_, each) => each)
      : [
        Placement.partitionOf(raw.key!, Placement.suffixBytesOf(instance.topology, subTopology, definition.key), count)
      ]
  }
  if (Number.isInteger(partition) && partition >= 0 && partition < count) return [partition]
  throw failed("UnknownPartition", `the store has ${count} partitions`)
}
