/** Operators of grouped and windowed streams and of grouped tables. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as CogroupedKStream from "@millrace/core/streams/CogroupedKStream"
import * as KGroupedStream from "@millrace/core/streams/KGroupedStream"
import * as KGroupedTable from "@millrace/core/streams/KGroupedTable"
import * as SessionWindowedCogroupedKStream from "@millrace/core/streams/SessionWindowedCogroupedKStream"
import * as SessionWindowedKStream from "@millrace/core/streams/SessionWindowedKStream"
import * as SessionWindows from "@millrace/core/streams/SessionWindows"
import * as SlidingWindows from "@millrace/core/streams/SlidingWindows"
import * as TimeWindowedCogroupedKStream from "@millrace/core/streams/TimeWindowedCogroupedKStream"
import * as TimeWindowedKStream from "@millrace/core/streams/TimeWindowedKStream"
import * as TimeWindows from "@millrace/core/streams/TimeWindows"
import * as UnlimitedWindows from "@millrace/core/streams/UnlimitedWindows"
import * as Windows from "@millrace/core/streams/Windows"
import * as Serde from "@millrace/core/serde/Serde"
import * as Functions from "../functions.ts"
import { type Op, Unsupported } from "../spec.ts"
import { type Handlers, named, serde, serdeOr, storeOptions, text, type Value, valueOf } from "./scope.ts"

/** Operations on grouped streams. */
export const onGroupedStream: Handlers = {
  windowedBy: (_, op, of) => {
    const windows = windowsOf(op["windows"])
    const is = (KGroupedStream.windowedBy as Erased)(of.is, windows, { emit: op["emit"] })
    return { ...of, is, windowed: windowedSerde(windows) }
  },
  cogroup: (_, op, of) => ({ ...of, is: KGroupedStream.cogroup(of.is, Functions.binaryFunction(op["aggregator"])) }),
  count: (_, op, of) => gathered(op, of, serde("long"), (o) => KGroupedStream.count(of.is, o)),
  reduce: (_, op, of) => gathered(op, of, of.value, (o) => KGroupedStream.reduce(of.is, reducer(op), o)),
  aggregate: (_, op, of) =>
    gathered(op, of, text, (o) => KGroupedStream.aggregate(of.is, { ...folding(op), value: text, ...o }))
}

/** Operations on streams in time windows. */
export const onTimeWindowed: Handlers = {
  count: (_, op, of) => gathered(op, of, serde("long"), (o) => TimeWindowedKStream.count(of.is, o)),
  reduce: (_, op, of) => gathered(op, of, of.value, (o) => TimeWindowedKStream.reduce(of.is, reducer(op), o)),
  aggregate: (_, op, of) =>
    gathered(op, of, text, (o) => TimeWindowedKStream.aggregate(of.is, { ...folding(op), value: text, ...o }))
}

/** Operations on streams in sessions. */
export const onSessionWindowed: Handlers = {
  count: (_, op, of) => gathered(op, of, serde("long"), (o) => SessionWindowedKStream.count(of.is, o)),
  reduce: (_, op, of) => gathered(op, of, of.value, (o) => SessionWindowedKStream.reduce(of.is, reducer(op), o)),
  aggregate: (_, op, of) =>
    gathered(
      op,
      of,
      text,
      (o) => SessionWindowedKStream.aggregate(of.is, { ...folding(op), merge: merger(op), value: text, ...o })
    )
}

/** Operations on cogrouped streams. */
export const onCogrouped: Handlers = {
  cogroup: (scope, op, of) => {
    const grouped = valueOf(scope, op["with"])
    return { ...of, is: CogroupedKStream.cogroup(of.is, grouped.is, Functions.binaryFunction(op["aggregator"])) }
  },
  windowedBy: (_, op, of) => {
    const windows = windowsOf(op["windows"])
    return { ...of, is: (CogroupedKStream.windowedBy as Erased)(of.is, windows), windowed: windowedSerde(windows) }
  },
  aggregate: (_, op, of) =>
    gathered(op, of, text, (o) => CogroupedKStream.aggregate(of.is, { initial: initial(op), value: text, ...o }))
}

/** Operations on cogrouped streams in time windows. */
export const onTimeWindowedCogrouped: Handlers = {
  aggregate: (_, op, of) =>
    gathered(
      op,
      keyForgotten(of),
      text,
      (o) => TimeWindowedCogroupedKStream.aggregate(of.is, { initial: initial(op), value: text, ...o })
    )
}

/** Operations on cogrouped streams in sessions. */
export const onSessionWindowedCogrouped: Handlers = {
  aggregate: (_, op, of) =>
    gathered(
      op,
      keyForgotten(of),
      text,
      (o) =>
        SessionWindowedCogroupedKStream.aggregate(of.is, { initial: initial(op), merge: merger(op), value: text, ...o })
    )
}

/** Operations on grouped tables. */
export const onGroupedTable: Handlers = {
  count: (_, op, of) => gathered(op, of, serde("long"), (o) => KGroupedTable.count(of.is, o)),
  reduce: (_, op, of) => gathered(op, of, of.value, (o) => KGroupedTable.reduce(of.is, { ...adding(op), ...o })),
  aggregate: (_, op, of) =>
    gathered(
      op,
      of,
      text,
      (o) => KGroupedTable.aggregate(of.is, { initial: initial(op), ...adding(op), value: text, ...o })
    )
}

const windowsOf = (windows: Erased): Windows.Any => {
  const { advanceMs, diffMs, gapMs, graceMs, sizeMs, startMs, type } = windows
  switch (type) {
    case "time":
      return TimeWindows.hopping(sizeMs, { advance: advanceMs ?? sizeMs, grace: graceMs })
    case "sliding":
      return SlidingWindows.ofTimeDifference(diffMs, { grace: graceMs })
    case "session":
      return SessionWindows.withGap(gapMs, { grace: graceMs })
    case "unlimited":
      return UnlimitedWindows.from(startMs)
  }
  throw new Unsupported(`${type} windows`)
}

const windowedSerde = (windows: Windows.Any) => (key: Serde.Any): Serde.Any =>
  windows._tag === "SessionWindows" ? Serde.sessionWindowed(key) : Serde.windowed(key, Windows.sizeMs(windows))

const reducer = (op: Op) => {
  const reduce = Functions.binaryFunction(op["reducer"])
  return (aggregate: Erased, value: Erased): Erased => reduce(aggregate, value, null)
}
const initial = (op: Op) => Functions.initializer(op["initializer"])
const folding = (op: Op): Erased => ({ initial: initial(op), add: Functions.binaryFunction(op["aggregator"]) })
const merger = (op: Op): Erased => Functions.binaryFunction(op["merger"])
const adding = (op: Op): Erased => ({
  add: Functions.binaryFunction(op["adder"]),
  remove: Functions.binaryFunction(op["subtractor"])
})

/** The serde of the groups' keys is no matter to a cogrouped stream in windows: only that of its store is. */
const keyForgotten = (of: Value): Value => ({ ...of, key: text })

const gathered = (op: Op, of: Value, value: Serde.Any, gather: (options: Erased) => Erased): Value => {
  const options = { ...storeOptions(op["materialized"]), ...named(op) }
  for (const name of Object.keys(options)) if (options[name] === undefined) delete options[name]
  const inner = serdeOr(op["materialized"]?.key, of.key)
  return {
    is: gather(options),
    // a windowed key needs a serde that was given: Kafka's default one does not become windowed
    key: of.windowed === undefined || inner === text ? inner : of.windowed(inner),
    value: serdeOr(op["materialized"]?.value, value)
  }
}
