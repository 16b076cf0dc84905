/**
 * Typed records into a `ProducerCore`, one at a time or many in one Effect.
 *
 * Keeps true: the loop over records is synchronous while there is room; a record that cannot be written stops it.
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import * as Serde from "@millrace/core/serde/Serde"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Sink from "effect/Sink"
import { partitionOfKey } from "./Partitioner.ts"
import type { Acknowledgement, ProducerCore } from "./ProducerCore.ts"
import { ProducerError } from "./ProducerError.ts"

/**
 * A record to write. Without `partition` the key decides, without key the partitioner; without `timestamp`
 * (milliseconds) it is now. A null value is a tombstone.
 *
 * @since 0.1.0
 */
export interface ProducerRecord<out K, out V> {
  readonly key?: K | null | undefined
  readonly value: V | null
  readonly partition?: number | undefined
  readonly timestamp?: number | undefined
  readonly headers?: ReadonlyArray<RecordHeader> | undefined
}

/**
 * Where a record was written.
 *
 * @since 0.1.0
 */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Strings go to the batch as they are: it writes them as UTF-8, as the serde would. */
const toField = <A>(serde: Serde.Serde<A>, value: A | null | undefined): Uint8Array | string | null => {
  if (value === null || value === undefined) return null
  if (typeof value === "string" && isText(serde)) return value
  return serde.serializeUnsafe(value)
}

const isText = (serde: Serde.Any): boolean => serde === Serde.string

/**
 * Appends a record; throws `ProducerError`.
 *
 * @since 0.1.0
 */
export const appendUnsafe = <K, V>(
  core: ProducerCore,
  topic: Topic.Topic<K, V>,
  record: ProducerRecord<K, V>,
  acknowledgement?: Acknowledgement,
  token?: number
): void => {
  let key: Uint8Array | string | null
  let value: Uint8Array | string | null
  try {
    key = toField(topic.key, record.key)
    value = toField(topic.value, record.value)
  } catch (error) {
    if (!(error instanceof Serde.SerdeError)) throw error
    throw new ProducerError({
      reason: "Unserializable",
      detail: `a record for ${topic.name}: ${error.message}`,
      hint: "the record does not fit the topic's serdes",
      cause: error
    })
  }
  const partition = record.partition ?? (key === null ? -1 : partitionOf(core, topic, key))
  core.appendUnsafe(topic.name, partition, record.timestamp ?? -1, key, value, record.headers, acknowledgement, token)
}

/** A windowed key is partitioned by its inner key. */
const partitionOf = <K, V>(core: ProducerCore, topic: Topic.Topic<K, V>, key: Uint8Array | string): number => {
  const suffix = topic.key.partitionSuffixBytes
  if (suffix === 0 || typeof key === "string") return -1
  return partitionOfKey(key.subarray(0, Math.max(0, key.length - suffix)), core.partitionCount(topic.name))
}

const attempt = (run: () => void): Effect.Effect<void, ProducerError> => {
  try {
    run()
    return Effect.void
  } catch (error) {
    return error instanceof ProducerError ? Effect.fail(error) : Effect.die(error)
  }
}

const ready = (core: ProducerCore, topic: string): Effect.Effect<void, ProducerError> | undefined => {
  if (!core.isPrepared(topic)) return core.prepare([topic])
  return core.hasRoom() ? undefined : core.room
}

/**
 * Appends a record and waits for its acknowledgement.
 *
 * @since 0.1.0
 */
export const send = <K, V>(
  core: ProducerCore,
  topic: Topic.Topic<K, V>,
  record: ProducerRecord<K, V>
): Effect.Effect<RecordMetadata, ProducerError> => {
  const append = Effect.callback<RecordMetadata, ProducerError>((resume) => {
    try {
      appendUnsafe(core, topic, record, {
        onWritten: (name, partition, offset) => resume(Effect.succeed({ topic: name, partition, offset })),
        onFailed: (error) => resume(Effect.fail(error))
      })
    } catch (error) {
      resume(error instanceof ProducerError ? Effect.fail(error) : Effect.die(error))
    }
  })
  return Effect.suspend(() => {
    const wait = ready(core, topic.name)
    return wait === undefined ? append : Effect.andThen(wait, send(core, topic, record))
  })
}

/** Appends all records, waiting for room where there is none. */
const appendAll = <K, V>(
  core: ProducerCore,
  topic: Topic.Topic<K, V>,
  records: Iterable<ProducerRecord<K, V>>,
  fate?: Fate
): Effect.Effect<void, ProducerError> => {
  const iterator = records[Symbol.iterator]()
  let index = 0
  let next = iterator.next()
  const loop: Effect.Effect<void, ProducerError> = Effect.suspend(() => {
    const wait = ready(core, topic.name)
    if (wait !== undefined) return Effect.andThen(wait, loop)
    const done = attempt(() => {
      while (next.done !== true && core.hasRoom()) {
        appendUnsafe(core, topic, next.value, fate, index++)
        if (fate !== undefined) fate.open++
        next = iterator.next()
      }
    })
    return Effect.flatMap(done, () => next.done === true ? Effect.void : loop)
  })
  return loop
}

/**
 * Appends records; waits for room only.
 *
 * @since 0.1.0
 */
export const enqueueAll = <K, V>(
  core: ProducerCore,
  topic: Topic.Topic<K, V>,
  records: Iterable<ProducerRecord<K, V>>
): Effect.Effect<void, ProducerError> => Effect.suspend(() => appendAll(core, topic, records))

/** Told of the fate of records that were appended in one call, or by one sink. */
class Fate implements Acknowledgement {
  failure: ProducerError | undefined
  /** How many are neither written nor failed. */
  open = 0
  #onDone: (() => void) | undefined
  readonly #onWritten: Acknowledgement["onWritten"] | undefined

  constructor(onWritten?: Acknowledgement["onWritten"]) {
    this.#onWritten = onWritten
  }

  readonly onWritten: Acknowledgement["onWritten"] = (topic, partition, offset, tokens) => {
    this.#onWritten?.(topic, partition, offset, tokens)
    this.#end(tokens.length)
  }

  readonly onFailed: Acknowledgement["onFailed"] = (error, tokens) => {
    this.failure ??= error
    this.#end(tokens.length)
  }

  #end(count: number): void {
    this.open -= count
    if (this.open === 0) this.#onDone?.()
  }

  readonly check: Effect.Effect<void, ProducerError> = Effect.suspend(() =>
    this.failure === undefined ? Effect.void : Effect.fail(this.failure)
  )

  /** Waits until the fate of all is known. */
  readonly done: Effect.Effect<void, ProducerError> = Effect.callback<void>((resume) => {
    if (this.open === 0) return resume(Effect.void)
    this.#onDone = () => resume(Effect.void)
  }).pipe(Effect.andThen(Effect.suspend(() => this.check)))
}

/**
 * Appends records and waits for all acknowledgements.
 *
 * @since 0.1.0
 */
export const sendAll = <K, V>(
  core: ProducerCore,
  topic: Topic.Topic<K, V>,
  records: Iterable<ProducerRecord<K, V>>
): Effect.Effect<ReadonlyArray<RecordMetadata>, ProducerError> =>
  Effect.suspend(() => {
    const written: Array<RecordMetadata> = []
    const fate = new Fate((name, partition, offset, tokens) => {
      for (let at = 0; at < tokens.length; at++) {
        written[tokens[at]!] = { topic: name, partition, offset: offset < 0 ? -1 : offset + at }
      }
    })
    return Effect.as(Effect.andThen(appendAll(core, topic, records, fate), fate.done), written)
  })

/**
 * A sink that writes its input, chunk by chunk, and ends when all of it is acknowledged.
 *
 * @since 0.1.0
 */
export const sink = <K, V>(
  core: ProducerCore,
  topic: Topic.Topic<K, V>
): Sink.Sink<void, ProducerRecord<K, V>, never, ProducerError> =>
  Sink.unwrap(Effect.sync(() => {
    const fate = new Fate()
    const append = Sink.forEachArray((records: ReadonlyArray<ProducerRecord<K, V>>) =>
      Effect.andThen(fate.check, appendAll(core, topic, records, fate))
    )
    return Sink.mapEffect(append, () => fate.done)
  }))
