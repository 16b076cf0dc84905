/**
 * What `docs/dsl.md` shows, and in which order: each name is a file of `examples/dsl`.
 */

/** A chapter of the page, and a folder of `examples/dsl`. */
export interface Family {
  readonly folder: string
  readonly title: string
  readonly examples: ReadonlyArray<string>
}

export const families: ReadonlyArray<Family> = [
  {
    folder: "sources-and-sinks",
    title: "Sources and sinks",
    examples: ["from", "fromPattern", "timestamps", "nullValues", "to", "streamPartitioner", "toDynamic", "print"]
  },
  {
    folder: "stateless",
    title: "Stateless",
    examples: ["filter", "mapValues", "flatMapValues", "map", "flatMap", "selectKey", "peek", "foreach"]
  },
  {
    folder: "branching-and-merging",
    title: "Branching and merging",
    examples: ["split", "branched", "merge"]
  },
  {
    folder: "regrouping",
    title: "Regrouping",
    examples: ["groupByKey", "groupByKeyAs", "groupBy", "repartition", "toTable"]
  },
  {
    folder: "aggregation",
    title: "Aggregation",
    examples: ["count", "reduce", "aggregate", "countOfTable", "reduceOfTable", "aggregateOfTable"]
  },
  {
    folder: "cogroup",
    title: "Cogroup",
    examples: ["cogroup", "cogroupInTimeWindows", "cogroupInSessions"]
  },
  {
    folder: "windows",
    title: "Windows",
    examples: ["tumbling", "hopping", "sliding", "unlimited", "sessions", "sessionReduce", "grace", "onWindowClose"]
  },
  {
    folder: "tables",
    title: "Tables",
    examples: ["from", "filter", "mapValues", "transformValues", "toStream", "caching"]
  },
  {
    folder: "stream-joins",
    title: "Joins of two streams",
    examples: ["join", "leftJoin", "outerJoin", "beforeAndAfter", "unmatchedAtOnce", "selfJoin"]
  },
  {
    folder: "table-joins",
    title: "Joins with a table",
    examples: ["streamJoin", "streamLeftJoin", "join", "leftJoin", "outerJoin"]
  },
  {
    folder: "foreign-key-joins",
    title: "Joins by a foreign key",
    examples: ["join", "leftJoin"]
  },
  {
    folder: "global-tables",
    title: "Global tables",
    examples: ["join", "leftJoin", "globalStore"]
  },
  {
    folder: "versioned-tables",
    title: "Versioned tables",
    examples: ["versioned", "joinWithGrace"]
  },
  {
    folder: "suppress",
    title: "Suppress",
    examples: ["untilWindowCloses", "untilTimeLimit", "bufferLimit"]
  },
  {
    folder: "processors",
    title: "Processors",
    examples: [
      "process",
      "processValues",
      "supplier",
      "processorApi",
      "sourcePattern",
      "dynamicSink",

      "connect",
      "readOnlyStateStore",
      "mockContext"
    ]
  },
  {
    folder: "stores-and-punctuation",
    title: "Stores and punctuation",
    examples: [
      "keyValue",
      "timestampedKeyValue",
      "lruMap",
      "versionedKeyValue",
      "window",
      "timestampedWindow",
      "session",
      "withHeaders",
      "existing",
      "streamTime",
      "wallClockTime"
    ]
  },
  {
    folder: "effects",
    title: "Effects",
    examples: [
      "mapValuesEffect",
      "flatMapValuesEffect",
      "filterEffect",
      "peekEffect",
      "foreachEffect",
      "processEffect"
    ]
  },
  {
    folder: "errors",
    title: "Errors",
    examples: ["deserialization", "processing", "production", "deadLetters"]
  },
  {
    folder: "topology",
    title: "Topologies",
    examples: ["merge", "describe", "picture", "validate", "names", "optimization", "resolve", "partitions"]
  }
]
