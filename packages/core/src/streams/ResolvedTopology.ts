/**
 * What a topology becomes when it is resolved: named, optimised, split into sub-topologies, and plain data all through.
 * A runtime interprets exactly this; nothing here runs.
 *
 * What it keeps true: every name is final (internal topics carry the application id); nodes stand in the order in which
 * Kafka builds them, so a node's parents precede it; `children` stand in the order in which records are forwarded.
 *
 * What flows between nodes. A record is key, value, timestamp and headers. Below a node that makes a table the value is a
 * `Change` (new value, old value or null, and whether it is the newest); each processor says which of the two it takes and
 * which it gives. A node with `sendOldValues` must give old values; one without always gives `oldValue: null`.
 * Unless a processor says otherwise, what it forwards keeps the timestamp and headers of what it was given, and goes to
 * all of its children, one after the other, depth first.
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "../records/RecordCursor.ts"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"
import type { Processor } from "./Processor.ts"

export type * from "./Processor.ts"

/**
 * A topology with its final names, ready to be run or printed.
 *
 * @since 0.1.0
 */
export interface ResolvedTopology {
  /** Empty when it was resolved to be printed only: internal topics then lack their prefix. */
  readonly applicationId: string
  /** All nodes that tasks run, parents before children. */
  readonly nodes: ReadonlyArray<Node>
  readonly subTopologies: ReadonlyArray<SubTopology>
  /** All stores of tasks. */
  readonly stores: ReadonlyArray<StateStore>
  readonly globalStores: ReadonlyArray<GlobalStore>
  readonly repartitionTopics: ReadonlyArray<RepartitionTopic>
  readonly changelogTopics: ReadonlyArray<ChangelogTopic>
}

/**
 * A connected part of a topology: what one task runs, for one partition number of its source topics.
 *
 * @since 0.1.0
 */
export interface SubTopology {
  /** The first half of a task id `<id>_<partition>`, as Kafka numbers it: global stores take numbers, too. */
  readonly id: number
  /** Names of its nodes, in the order of `ResolvedTopology.nodes`. */
  readonly nodes: ReadonlyArray<string>
  /** Topics it reads, repartition topics included, sorted. */
  readonly sourceTopics: ReadonlyArray<string>
  /** It also reads the topics whose whole names match one of these. */
  readonly sourcePatterns: ReadonlyArray<RegExp>
  /** Topics it writes, repartition topics included, changelogs and those chosen per record not; sorted. */
  readonly sinkTopics: ReadonlyArray<string>
  /** Names of its stores. */
  readonly stores: ReadonlyArray<string>
  /** Sets of topics (each sorted) that must have equal partition counts, because a join reads them together. */
  readonly copartitionGroups: ReadonlyArray<ReadonlyArray<string>>
}

/**
 * A store that each instance fills with all of a topic, before its tasks begin and from then on: no task is made for it,
 * and every processor may read it. The source and the processor that fills it are not among `ResolvedTopology.nodes`.
 *
 * @since 0.1.0
 */
export interface GlobalStore {
  /** Numbered among the sub-topologies, as Kafka does. */
  readonly id: number
  readonly topic: string
  readonly source: SourceNode
  /** Takes the records of the source and forwards nothing. */
  readonly processor: ProcessorNode
  /** Its changelog is the topic. */
  readonly store: StateStore
}

/**
 * A node of the processor graph.
 *
 * @since 0.1.0
 */
export type Node = SourceNode | ProcessorNode | SinkNode

/**
 * Reads topics. Deserialises key and value (a null key or value stays null, unasked), picks the timestamp, forwards a
 * plain record; from a topic whose value serde is a `ChangeSerde` a record whose value is a `Change`.
 *
 * @since 0.1.0
 */
export interface SourceNode {
  readonly _tag: "Source"
  readonly name: string
  readonly topics: ReadonlyArray<string>
  /** Instead of `topics`: all topics whose whole name it matches, now and later. */
  readonly pattern?: RegExp | undefined
  /** True if the topics are repartition topics of this application. */
  readonly internal: boolean
  readonly key: Serde.Any
  readonly value: ValueSerde
  /**
   * What a null value is. `Drop`: neither table nor nullable topic, so the deserialisation handler gets it as a typed
   * error. `Keep`: forwarded as null (tables: a tombstone; nullable serdes: a value; repartition topics).
   */
  readonly nullValue: "Keep" | "Drop"
  readonly timestampExtractor: TimestampExtractor
  /** Where to begin without a committed offset; undefined: as the application says. */
  readonly offsetReset: OffsetReset | undefined
  readonly children: ReadonlyArray<string>
}

/**
 * Writes a topic: serialises key and value (null as null) and sends them with the record's timestamp and headers.
 * Partition: as `partitioner` says, else murmur2 of the serialised key; a null key goes to any.
 *
 * @since 0.1.0
 */
export interface SinkNode {
  readonly _tag: "Sink"
  readonly name: string
  readonly topic: SinkTopic
  /** True if the topic is a repartition topic of this application. */
  readonly internal: boolean
  readonly key: Serde.Any
  readonly value: ValueSerde
  readonly partitioner?: StreamPartitioner<Erased, Erased> | undefined
  /** True: without a partitioner, the last `key.partitionSuffixBytes` bytes of the key do not count. */
  readonly byInnerKey?: boolean | undefined
  readonly parents: ReadonlyArray<string>
  readonly children: readonly []
}

/**
 * Chooses the partitions that a record goes to, among those of its topic, from 0 to `numPartitions` - 1 (Kafka's
 * `StreamPartitioner`): one, or several, each of which gets a copy. An empty list drops the record, which is counted; undefined
 * leaves it to the producer: by all bytes of the key, and without key to any partition. KIP-837.
 *
 * @since 0.1.0
 */
export type StreamPartitioner<in K, in V> = (
  topic: string,
  key: K,
  value: V,
  numPartitions: number
) => number | ReadonlyArray<number> | undefined

/**
 * Where a sink writes to: one topic, or one that is chosen for each record.
 *
 * @since 0.1.0
 */
export type SinkTopic = string | TopicOf

/**
 * Chooses the topic of a record (Kafka's `TopicNameExtractor`).
 *
 * @since 0.1.0
 */
export type TopicOf = (record: OutgoingRecord<Erased, Erased>) => string

/**
 * A record on its way into a sink, and where the record came from that it was made of.
 *
 * @since 0.1.0
 */
export interface OutgoingRecord<out K, out V> {
  readonly key: K
  readonly value: V
  /** Milliseconds. */
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number }
}

/**
 * Processes records one by one.
 *
 * @since 0.1.0
 */
export interface ProcessorNode {
  readonly _tag: "Processor"
  readonly name: string
  readonly processor: Processor
  /** Names of the stores that it uses, as it was connected to them. */
  readonly stores: ReadonlyArray<string>
  readonly parents: ReadonlyArray<string>
  readonly children: ReadonlyArray<string>
}

/**
 * How values are read and written: by a serde, or, between a table's `groupBy` and its aggregation, as a `Change`.
 *
 * @since 0.1.0
 */
export type ValueSerde = Serde.Any | ChangeSerde

/**
 * The bytes of a `Change` in a repartition topic, as Kafka writes them: `old 00`, `new 01`, or (both, KIP-904)
 * `varint(length of new) new old 02`; the last byte says which. Both null: not written at all.
 *
 * @since 0.1.0
 */
export interface ChangeSerde {
  readonly _tag: "ChangeSerde"
  readonly inner: Serde.Any
}

/**
 * Picks a record's timestamp. `FailOnInvalid`: the record's own; a negative one fails the task. `Custom`: what `extract`
 * gives; a negative one drops the record.
 *
 * @since 0.1.0
 */
export type TimestampExtractor =
  | { readonly _tag: "Default" }
  | { readonly _tag: "FailOnInvalid" }
  | { readonly _tag: "LogAndSkipOnInvalid" }
  | { readonly _tag: "UsePartitionTimeOnInvalid" }
  | { readonly _tag: "WallClock" }
  | {
    readonly _tag: "Custom"
    readonly extract: (record: {
      readonly topic: string
      readonly partition: number
      readonly offset: number
      readonly timestamp: number
      readonly key: Erased
      readonly value: Erased
      readonly headers: ReadonlyArray<RecordHeader>
    }, partitionTime: number) => number
  }

/**
 * Where a source begins when its group has no committed offset; `byDurationMs`: at the first record that is not older.
 *
 * @since 0.1.0
 */
export type OffsetReset = "earliest" | "latest" | "none" | { readonly byDurationMs: number }

/**
 * A state store.
 *
 * @since 0.1.0
 */
export type StateStore = KeyValueStore | VersionedStore | WindowStore | SessionStore | SuppressBuffer | JoinBuffer

/**
 * What every store has.
 *
 * @since 0.1.0
 */
export interface StoreBase {
  readonly name: string
  readonly subTopology: number
  readonly type: StoreType
  /** True: emit only on commit, the newest value of each key with the oldest old one. */
  readonly caching: boolean
  /**
   * True: in Kafka's format with headers (KIP-1285). What the DSL's operators put has none; but a deletion is logged with the
   * headers of the record that it comes from.
   */
  readonly keepsHeaders?: boolean | undefined
  /** Where its content comes from after a crash. */
  readonly changelog: Changelog
}

/**
 * Where a store's records live: in memory, or on disk.
 *
 * @since 0.1.0
 */
export type StoreType = "memory" | "persistent"

/**
 * What a store keeps with a value: nothing, the timestamp of the record that made it, or its timestamp and headers
 * (sessions: its headers).
 *
 * @since 0.1.0
 */
export type StoreFormat = "Plain" | "Timestamped" | "WithHeaders"

/**
 * How a store is restored. `Topic`: from a changelog of its own, written at each put (value bytes without timestamp; the
 * record's timestamp is the entry's). `Source`: from the table's own source topic, which the store must not write to.
 * `None`: not at all.
 *
 * @since 0.1.0
 */
export type Changelog =
  | { readonly _tag: "Topic"; readonly topic: string }
  | { readonly _tag: "Source"; readonly topic: string }
  | { readonly _tag: "None" }

/**
 * key → (value, timestamp, headers as far as the format has them).
 *
 * @since 0.1.0
 */
export interface KeyValueStore extends StoreBase {
  readonly _tag: "KeyValue"
  readonly format: StoreFormat
  /** With more entries than this, those go that were not used for the longest time; undefined: all stay. */
  readonly entriesMax: number | undefined
  readonly key: Serde.Any
  readonly value: Serde.Any
  /** True: it is no table's, and each change is logged with the headers of the record that it comes from. */
  readonly logsHeaders?: boolean | undefined
}

/**
 * (key, time) → value: what a key's value is, and what it was at any time within the history. What is put further back than
 * that is refused. Changelog as of a `KeyValueStore`, its cleaner held off for the history. `segmentIntervalMs` of history
 * are forgotten at once.
 *
 * @since 0.1.0
 */
export interface VersionedStore extends StoreBase {
  readonly _tag: "Versioned"
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly historyRetentionMs: number
  readonly segmentIntervalMs: number
}

/**
 * (key, window start) → (value, timestamp, headers as far as the format has them). Changelog key: key bytes, start (8
 * bytes), sequence (4 bytes, 0 without duplicates). It never gives back what starts at or before (greatest start put) -
 * `retentionMs`.
 *
 * @since 0.1.0
 */
export interface WindowStore extends StoreBase {
  readonly _tag: "Window"
  readonly format: StoreFormat
  /** The inner key. */
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly retentionMs: number
  readonly windowSizeMs: number
  /** Ordered by time first, for `OnWindowClose`. */
  readonly timeOrdered: boolean
  /** Each put adds a value, as for joins of streams; the changelog key's sequence number counts them. */
  readonly retainDuplicates: boolean
}

/**
 * (key, session start and end) → value. Changelog key: key bytes, end (8 bytes), start (8 bytes). It never gives back what
 * ends at or before (greatest end put) - `retentionMs`; a persistent one that is `timeOrdered` forgets whole segments.
 *
 * @since 0.1.0
 */
export interface SessionStore extends StoreBase {
  readonly _tag: "Session"
  readonly format: StoreFormat
  /** The inner key. */
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly retentionMs: number
  /** Ordered by time first, for `OnWindowClose`. */
  readonly timeOrdered: boolean
}

/**
 * What a suppress holds back.
 *
 * @since 0.1.0
 */
export interface SuppressBuffer extends StoreBase {
  readonly _tag: "SuppressBuffer"
  readonly key: Serde.Any
  readonly value: Serde.Any
}

/**
 * What a join of a stream with a versioned table holds back, until the stream's time has passed it by the grace.
 *
 * @since 0.1.0
 */
export interface JoinBuffer extends StoreBase {
  readonly _tag: "JoinBuffer"
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly graceMs: number
}

/**
 * An internal topic between a key change and what needs the new key.
 *
 * @since 0.1.0
 */
export interface RepartitionTopic {
  readonly topic: string
  /** As given; undefined: as `PartitionCounts.resolve` finds. */
  readonly partitions: number | undefined
  readonly config: Readonly<Record<string, string>>
}

/**
 * An internal topic that holds a store's content. Partitions: as many as the largest source topic of its sub-topology.
 *
 * @since 0.1.0
 */
export interface ChangelogTopic {
  readonly topic: string
  readonly store: string
  readonly subTopology: number
  readonly config: Readonly<Record<string, string>>
}
