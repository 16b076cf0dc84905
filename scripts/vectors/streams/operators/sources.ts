/** Where records come in. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as GlobalKTable from "@millrace/core/streams/GlobalKTable"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Topic from "@millrace/core/streams/Topic"
import { type Op, Unsupported } from "../spec.ts"
import { serdeOr, storeOptions, text, type Value } from "./scope.ts"

/** Operations that read topics. */
export const sources: { readonly [op: string]: (op: Op) => Value } = {
  stream: (op) => {
    const serdes = { key: serdeOr(op["key"], text), value: serdeOr(op["value"], text) }
    if (op["pattern"] !== undefined) {
      return { is: KStream.fromPattern(new RegExp(op["pattern"]), serdes, sourceOptions(op)), ...serdes }
    }
    const [first, ...others]: ReadonlyArray<string> = op["topics"] ?? [op["topic"]]
    const topics = [Topic.make(first!, serdes), ...others.map((topic) => Topic.make(topic, serdes))] as const
    return { is: KStream.from(topics, sourceOptions(op)), ...serdes }
  },
  table: (op) => {
    const serdes = { key: serdeOr(op["key"], text), value: serdeOr(op["value"], text) }
    const options = { ...storeOptions(op["materialized"]), ...sourceOptions(op) }
    return { is: KTable.from(Topic.make(op["topic"], serdes), options), ...serdes }
  },
  globalTable: (op) => {
    const serdes = { key: serdeOr(op["key"], text), value: serdeOr(op["value"], text) }
    const options = { ...storeOptions(op["materialized"]), ...sourceOptions(op) }
    return { is: GlobalKTable.from(Topic.make(op["topic"], serdes), options), ...serdes }
  }
}

export const sourceOptions = (op: Op): Erased => ({
  name: op["name"],
  offsetReset: offsetReset(op["offsetReset"]),
  timestamp: timestamp(op["timestampExtractor"])
})

export const offsetReset = (reset: string | undefined): string | undefined => {
  if (reset !== undefined && !["earliest", "latest", "none"].includes(reset)) {
    throw new Unsupported(`offsetReset ${reset}`)
  }
  return reset
}

/** The extractor of that name. */
export const timestamp = (name: string | undefined): Erased => {
  switch (name) {
    case undefined:
      return undefined
    case "failOnInvalid":
      return name
    case "logAndSkip":
    case "usePartitionTime":
      return `${name}OnInvalid`
    case "valueAt":
      return (record: { readonly value: Erased; readonly timestamp: number }, partitionTime: number): number => {
        if (typeof record.value !== "string" || !record.value.includes("@")) return record.timestamp
        const at = record.value.slice(record.value.lastIndexOf("@") + 1)
        if (at !== "p" && !/^[+-]?\d+$/.test(at)) throw new Error(`${at} is no timestamp`)
        return at === "p" ? partitionTime : Number(at)
      }
  }
  throw new Unsupported(`timestampExtractor ${name}`)
}
