/**
 * How a store's entries look to a processor: a value, or with it the timestamp and headers of the record that made it, as the
 * store's format says.
 *
 * @since 0.1.0
 */
import type * as Serde from "@millrace/core/serde/Serde"
import { ProcessorError } from "@millrace/core/streams/ProcessorError"
import type { StoreFormat } from "@millrace/core/streams/ResolvedTopology"
import type { ValueTimestampHeaders } from "@millrace/core/streams/StateStore"
import type { Context, Headers } from "../../Flow.ts"
import { noHeaders } from "../../Flow.ts"
import type { Put, Stored } from "../StateStore.ts"

/**
 * What a store is opened with.
 *
 * @since 0.1.0
 */
export interface Opening {
  readonly name: string
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly format: StoreFormat
  /** The record under way, whose time dates what has none of its own. */
  readonly context: Context
  /** True for a store that the processor may not change. */
  readonly isReadOnly: boolean
}

/**
 * Reads and writes entries in a format.
 *
 * @since 0.1.0
 */
export interface Format {
  readonly read: (stored: Stored) => unknown
  /** What is put for a value, null for a deletion. */
  readonly write: (key: Uint8Array, value: unknown) => Put
}

/**
 * The format of a store.
 *
 * @since 0.1.0
 */
export const formatOf = ({ context, format, value: serde }: Opening): Format => {
  const ownHeaders = (): Headers => format === "WithHeaders" ? context.headers : noHeaders
  const bytesOf = (value: unknown) => value === null ? null : serde.serializeUnsafe(value)
  const deletion = (key: Uint8Array): Put => ({ key, value: null, timestamp: context.timestamp, headers: ownHeaders() })
  switch (format) {
    case "Plain":
      return {
        read: (stored) => serde.deserializeUnsafe(stored.value),
        write: (key, value) => ({ key, value: bytesOf(value), timestamp: context.timestamp, headers: noHeaders })
      }
    case "Timestamped":
      return {
        read: ({ timestamp, value }) => ({ value: serde.deserializeUnsafe(value), timestamp }),
        write: (key, stamped) => {
          if (stamped === null) return deletion(key)
          const { timestamp, value } = stamped as ValueTimestampHeaders<unknown>
          return { key, value: bytesOf(value), timestamp, headers: noHeaders }
        }
      }
    case "WithHeaders":
      return {
        read: ({ headers = noHeaders, timestamp, value }) => ({
          value: serde.deserializeUnsafe(value),
          timestamp,
          headers
        }),
        write: (key, stamped) => {
          if (stamped === null) return deletion(key)
          const { headers, timestamp, value } = stamped as ValueTimestampHeaders<unknown>
          return { key, value: bytesOf(value), timestamp, headers }
        }
      }
  }
}

/**
 * The bytes of a key; a null key is refused.
 *
 * @since 0.1.0
 */
export const keyBytesOf = ({ context, key: serde, name }: Opening) => (key: unknown): Uint8Array => {
  if (key === null || key === undefined) {
    throw new ProcessorError({
      reason: "NullKey",
      processor: context.node,
      detail: `the store ${name} has no key null`,
      hint: "look at the key before the store is asked"
    })
  }
  return serde.serializeUnsafe(key)
}

/**
 * The bytes of a bound, undefined for none.
 *
 * @since 0.1.0
 */
export const boundOf = ({ key: serde }: Opening) => (key: unknown): Uint8Array | undefined =>
  key === null || key === undefined ? undefined : serde.serializeUnsafe(key)

/**
 * Refuses to change a store that is only read.
 *
 * @since 0.1.0
 */
export const assertWritable = ({ context, isReadOnly, name }: Opening): void => {
  if (!isReadOnly) return
  throw new ProcessorError({
    reason: "NotAllowed",
    processor: context.node,
    detail: `the global store ${name} is filled from its topic only`,
    hint: "write to that topic"
  })
}
