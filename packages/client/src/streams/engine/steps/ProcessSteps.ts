/**
 * Processors of the author's own.
 *
 * Keeps true: what a processor forwards is taken through all that lies below before `forward` comes back, and the processor's
 * own record is then under way again; headers are handed on as they are, so that all see a change of them.
 * Leaves to others: contexts (`Processing`), punctuations (`Punctuations`).
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import { FixedKeyRecord, type ForwardedRecord, type ProcessorRecord } from "@millrace/core/streams/ProcessorContext"
import { ProcessorError } from "@millrace/core/streams/ProcessorError"
import type { Processing as Supplied, ValueTransformerSupplier } from "@millrace/core/streams/ProcessorSupplier"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import { noHeaders, type Step } from "../Flow.ts"
import type { Processing } from "../Processing.ts"
import type { KeyValueAccess } from "../stores/StoreAccess.ts"
import type { Lookup } from "./JoinSteps.ts"

type Forward = (record: ForwardedRecord<unknown, unknown>, child?: string) => void

/**
 * Where a processor forwards to.
 *
 * @since 0.1.0
 */
export interface Children {
  readonly all: Step
  readonly of: (name: string) => Step
}

const parts = <F extends (...args: never) => unknown>(supplied: Supplied<F>) =>
  typeof supplied === "function" ? { process: supplied, close: undefined } : supplied

/** The record that a processor is given. */
interface Given {
  record?: unknown
}

/**
 * `given`: a record that is forwarded as it came is the same one to Kafka, any other is a new one, and what a sink below takes
 * does not use up the bytes of this processor's.
 */
const forwarding = (
  node: Resolved.ProcessorNode,
  processing: Processing,
  children: Children,
  given: Given = {}
): Forward => {
  const { context } = processing
  const stepOf = (child: string): Step => {
    if (node.children.includes(child)) return children.of(child)
    throw new ProcessorError({
      reason: "UnknownChild",
      processor: node.name,
      detail: `${child} is not below it`,
      hint: node.children.length === 0 ? "it has no children" : `its children are ${node.children.join(", ")}`
    })
  }
  return (record, child) => {
    const { headers = noHeaders, key, timestamp, value } = record
    if (!(timestamp >= 0)) {
      throw new ProcessorError({
        reason: "InvalidArgument",
        processor: node.name,
        detail: `a record cannot have the timestamp ${timestamp}`,
        hint: "forward it with a time from 0 on"
      })
    }
    const step = child === undefined ? children.all : stepOf(child)
    const { headers: ownHeaders, rawKey, rawValue, timestamp: ownTimestamp } = context
    step(key, value, null, timestamp, headers)
    if (record !== given.record) {
      context.rawKey = rawKey
      context.rawValue = rawValue
    }
    context.node = node.name
    context.timestamp = ownTimestamp
    context.headers = ownHeaders
  }
}

/**
 * A processor of records.
 *
 * @since 0.1.0
 */
export const process = (
  node: Resolved.ProcessorNode,
  processor: Resolved.Process,
  processing: Processing,
  children: Children
): Step => {
  const given: Given = {}
  const forward = forwarding(node, processing, children, given)
  return taking(node, processing, () => {
    const context = { ...processing.contextOf(node.name, node.stores), forward }
    const { close, process } = parts(processor.supplier.init(context))
    return {
      close,
      take: (key, value, timestamp, headers) => {
        const record = { key, value, timestamp, headers }
        given.record = record
        process(record)
      }
    }
  })
}

/**
 * A processor that leaves keys as they are.
 *
 * @since 0.1.0
 */
export const processValues = (
  node: Resolved.ProcessorNode,
  processor: Resolved.ProcessValues,
  processing: Processing,
  children: Children
): Step => {
  const forward = forwarding(node, processing, children)
  return taking(node, processing, () => {
    const context = { ...processing.contextOf(node.name, node.stores), forward }
    const { close, process } = parts(processor.supplier.init(context))
    return {
      close,
      take: (key, value, timestamp, headers) => process(new FixedKeyRecord(key, value, timestamp, headers))
    }
  })
}

type Take = (
  key: unknown,
  value: unknown,
  timestamp: number,
  headers: ProcessorRecord<unknown, unknown>["headers"]
) => void

const taking = (
  node: Resolved.ProcessorNode,
  processing: Processing,
  make: () => { readonly take: Take; readonly close: (() => void) | undefined }
): Step => {
  const { name } = node
  const { context } = processing
  let take: Take = () => {}
  processing.add(name, () => {
    const made = make()
    take = made.take
    return made.close
  })
  return (key, value, _old, timestamp, headers) => {
    context.node = name
    context.timestamp = timestamp
    context.headers = headers
    take(key, value, timestamp, headers as Array<RecordHeader>)
  }
}

/**
 * New values for both sides of a table's change.
 *
 * @since 0.1.0
 */
export const transformValues = (
  node: Resolved.ProcessorNode,
  processor: Resolved.TableTransformValues,
  processing: Processing,
  store: KeyValueAccess | undefined,
  forward: Step
): Step => {
  const { name } = node
  const { sendOldValues, supplier } = processor
  const { context } = processing
  const transformer = transforming(name, node.stores, supplier, processing)
  return (key, value, old, timestamp, headers) => {
    context.node = name
    context.timestamp = timestamp
    context.headers = headers
    const newValue = transformer(value, key)
    const oldValue = !sendOldValues ? null : store === undefined ? transformer(old, key) : store.get(key)
    store?.put(key, newValue, timestamp, headers)
    forward(key, newValue, oldValue, timestamp, headers)
  }
}

/**
 * The values of a table that a transformer makes at each lookup: it has one of its own, and no record under way.
 *
 * @since 0.1.0
 */
export const transformed = (
  processor: string,
  stores: ReadonlyArray<string>,
  supplier: ValueTransformerSupplier<unknown, unknown, unknown>,
  processing: Processing,
  inner: Lookup
): Lookup => {
  const { context } = processing
  const transformer = transforming(processor, stores, supplier, processing)
  const lookup: Lookup = {
    timestamp: -1,
    get: (key) => {
      const value = inner.get(key)
      lookup.timestamp = value === null ? -1 : inner.timestamp
      const { headers, node, offset, partition, timestamp, topic } = context
      Object.assign(context, { ...nowhere, headers: [], node: processor, timestamp: lookup.timestamp })
      const result = transformer(value, key)
      Object.assign(context, { headers, node, offset, partition, timestamp, topic })
      return result
    }
  }
  return lookup
}

const nowhere = { topic: "", partition: -1, offset: -1 }

const transforming = (
  name: string,
  stores: ReadonlyArray<string>,
  supplier: ValueTransformerSupplier<unknown, unknown, unknown>,
  processing: Processing
): (value: unknown, key: unknown) => unknown => {
  let transform = (_value: unknown, _key: unknown): unknown => null
  processing.add(name, () => {
    const made = parts(supplier.init(processing.contextOf(name, stores)))
    transform = made.process
    return made.close
  })
  return (value, key) => transform(value, key)
}
