/**
 * The processors that specs name: `"twice"`, or `{ "proc": "ticker", "everyMs": 10 }`.
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import type { Erased } from "@millrace/core/serde/Erased"
import type { FixedKeyRecord } from "@millrace/core/streams/ProcessorContext"
import type * as StateStore from "@millrace/core/streams/StateStore"
import { IllegalState, keyFunction, str, throwIfEqual, valueFunction } from "./functions.ts"
import { commandsOf } from "./script.ts"

/** A processor as a spec writes it. */
type Named = string | { readonly proc: string; readonly [argument: string]: Erased }

/** The stores of a processor, and whether it may change keys. */
export interface Uses {
  readonly stores: ReadonlyArray<StateStore.Any>
  readonly storeOf: (name: string) => StateStore.Any
  readonly isFixedKey: boolean
}

interface Changes {
  readonly key?: Erased
  readonly value?: Erased
  readonly timestamp?: number
  readonly headers?: ReadonlyArray<RecordHeader>
}

/** What processors work with. */
interface Tools {
  readonly arguments: { readonly [argument: string]: Erased }
  readonly context: Erased
  /** The processor's store, opened when it is first used. */
  readonly store: () => Erased
  /** Whether values stand in the store with their timestamps. */
  readonly format: () => string
  readonly forward: (record: Erased, changes?: Changes, child?: string) => void
  /** The text of where and when a record is. */
  readonly meta: (timestamp: number) => string
}

type Process = (record: Erased) => void

const text = new TextEncoder()

/** A value as a store of this format takes it. */
const stamped = (format: string, value: Erased, { headers, timestamp }: Erased): Erased =>
  value === null || format === "Plain" ? value : { value, timestamp, headers }

const shown = (format: string, stored: Erased): string =>
  stored === null ? "null" : format === "Plain" ? str(stored) : `${str(stored.value)}@${stored.timestamp}`

const schedule = ({ arguments: { everyMs, on, startMs }, context }: Tools, punctuate: (timestamp: number) => void) =>
  context.schedule(
    { interval: everyMs, type: on === "wall" ? "wall-clock-time" : "stream-time", startMs },
    punctuate
  )

const storeUpdate = (change: (value: Erased) => Erased) => ({ format, store }: Tools): Process => (record) =>
  store().put(record.key, stamped(format(), change(record.value), record))

const processors: { readonly [name: string]: (tools: Tools) => Process } = {
  forward: ({ forward }) => (record) => forward(record),
  drop: () => () => {},
  twice: ({ forward }) => (record) => {
    forward(record)
    forward(record, { value: `${str(record.value)}'` })
  },
  countPerKey: ({ forward, store }) => (record) => {
    const count = (store().get(record.key) ?? 0) + 1
    store().put(record.key, count)
    forward(record, { value: count })
  },
  dedup: ({ forward, store }) => (record) => {
    if (store().get(record.key) === record.value) return
    store().put(record.key, record.value)
    forward(record)
  },
  buffer: (tools) => {
    const { context, store } = tools
    schedule(tools, (timestamp) => {
      for (const [key, value] of store().all()) {
        context.forward({ key, value, timestamp })
        store().delete(key)
      }
    })
    return ({ key, value }) => store().put(key, (store().get(key) ?? "") + str(value))
  },
  ticker: (tools) => {
    const { arguments: { cancelAfter }, context, meta } = tools
    let seen = 0
    let fired = 0
    const scheduled = schedule(tools, (timestamp) => {
      fired++
      const value = `${timestamp} seen=${seen} fired=${fired} ${meta(timestamp)}`
      context.forward({ key: "tick", value, timestamp })
      if (fired === cancelAfter) scheduled.cancel()
    })
    return () => {
      seen++
    }
  },
  passTicker: (tools) => {
    const { context, forward, meta } = tools
    let seen = 0
    let fired = 0
    schedule(tools, (timestamp) => {
      fired++
      context.forward({ key: "tick", value: `${timestamp} seen=${seen} fired=${fired} ${meta(timestamp)}`, timestamp })
    })
    return (record) => {
      seen++
      forward(record)
    }
  },
  throwOnPunctuate: (tools) => {
    schedule(tools, () => {
      throw new IllegalState("boom punctuate")
    })
    return (record) => tools.forward(record)
  },
  tagHeaders: ({ forward }) => (record) =>
    forward(record, { headers: [...record.headers, { key: "seen", value: text.encode(str(record.key)) }] }),
  mutateHeaders: ({ forward }) => {
    let seen = 0
    return (record) => {
      seen++
      record.headers.push({ key: "mut", value: text.encode(String(seen)) })
      forward(record)
    }
  },
  dropHeaders: ({ forward }) => (record) => forward(record, { headers: [] }),
  shiftTime: ({ arguments: { by }, forward }) => (record) =>
    forward(record, { timestamp: Math.max(0, record.timestamp + by) }),
  rekey: ({ arguments: argument, forward }) => {
    const newKey = keyFunction(argument["key"])
    return (record) => forward(record, { key: newKey(record.key, record.value) })
  },
  mapValue: ({ arguments: argument, forward }) => {
    const newValue = valueFunction(argument["value"])
    return (record) => forward(record, { value: newValue(record.value, record.key) })
  },
  toChild: ({ arguments: { children, elseDrop }, forward }) => (record) => {
    const child = children.find(({ prefix }: Erased) => str(record.value).startsWith(prefix))?.child
    if (child !== undefined || elseDrop !== true) forward(record, undefined, child)
  },
  meta: ({ forward, meta }) => (record) => forward(record, { value: meta(record.timestamp) }),
  joinStore: ({ format, forward, store }) => (record) =>
    forward(record, { value: `${str(record.value)}+${shown(format(), store().get(record.key))}` }),
  storeUpdate: storeUpdate((value) => value),
  storeUpdateUpper: storeUpdate((value) => value === null ? null : value.toUpperCase()),
  throwIf: ({ arguments: argument, forward }) => (record) => {
    throwIfEqual(record.value, argument)
    forward(record)
  },
  commit: ({ context, forward }) => (record) => {
    context.commit()
    forward(record)
  },
  script: ({ format, forward, store }) => {
    let run: ((record: Erased) => string) | undefined
    return (record) => {
      run ??= commandsOf(store(), format())
      forward(record, { value: run(record) })
    }
  }
}

const metaOf = (context: Erased) => (timestamp: number): string => {
  const record = context.recordMetadata()
  const where = record === undefined ? "none" : `${record.topic}/${record.partition}/${record.offset}`
  const times = `stream=${context.currentStreamTimeMs()} wall=${context.currentSystemTimeMs()}`
  return `${where}@${timestamp} ${times} task=${context.taskId} app=${context.applicationId}`
}

/** Forwards a record whose key stays. */
const forwardFixed = (context: Erased) => (record: FixedKeyRecord<Erased, Erased>, changes: Changes = {}): void => {
  let changed = record
  if ("value" in changes) changed = changed.withValue(changes.value)
  if (changes.timestamp !== undefined) changed = changed.withTimestamp(changes.timestamp)
  if (changes.headers !== undefined) changed = changed.withHeaders(changes.headers)
  context.forward(changed)
}

/** The supplier of a processor. */
export const supplier = (named: Named, { isFixedKey, storeOf, stores }: Uses): Erased => {
  const [name, argument] = typeof named === "string" ? [named, {}] : [named.proc, named]
  const make = processors[name]
  if (make === undefined) throw new Error(`no processor called ${name}`)
  return {
    stores,
    init: (context: Erased) => {
      let opened: Erased
      const handle = () => storeOf((argument as Erased).store)
      return make({
        arguments: argument,
        context,
        store: () => opened ??= context.getStateStore(handle()),
        format: () => (handle().definition.shape as Erased).format ?? "Plain",
        forward: isFixedKey
          ? forwardFixed(context)
          : (record, changes, child) =>
            context.forward(changes === undefined ? record : { ...record, ...changes }, child),
        meta: metaOf(context)
      })
    }
  }
}

/** The supplier of a transformer of a table's values. */
export const transformer = (named: Named, { storeOf, stores }: Uses): Erased => {
  const [name, argument]: [string, Erased] = typeof named === "string" ? [named, {}] : [named.proc, named]
  if (name === "mapValue") return { stores, init: () => valueFunction(argument.value) }
  if (name !== "countPerKey") throw new Error(`no transformer called ${name}`)
  return {
    stores,
    init: (context: Erased) => {
      const store = context.getStateStore(storeOf(argument.store))
      return (value: Erased, key: Erased) => {
        const count = (store.get(key) ?? 0) + 1
        store.put(key, count)
        return value === null ? null : `${str(value)}#${count}`
      }
    }
  }
}
