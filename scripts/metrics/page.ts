/**
 * The page `docs/metrics.md`, from the definitions of metrics.
 */
import * as Definitions from "@millrace/client/streams/engine/metrics/Definitions"
import { nameOf } from "@millrace/client/streams/engine/metrics/Metric"

const head = `# Metrics of stream apps

This page is written from the code (\`npx -y pnpm@12 run docs\`).

\`StreamsApp.metrics\` has all metrics of an instance as they are when it is asked, \`driver.metrics()\` those of a
\`TopologyTestDriver\`. Each has a group, a name, tags and a value: those of Kafka Streams 4.3, so that what watches the one can
watch the other. \`StreamsApp.trackMetrics\` keeps the numbers of an instance among Effect's \`Metric\`s, where any exporter of
Effect finds them.

- **Levels.** \`metricsRecordingLevel\` (\`KAFKA_STREAMS_METRICS_RECORDING_LEVEL\`) says how much is measured: \`info\`, \`debug\` or
  \`trace\`. At \`info\` records are counted, and no clock is read for a record. What a level does not measure is not told;
  Kafka tells it as 0 or NaN.
- **Time.** Rates are per second. Rates, averages, minima and maxima are of the last 30 to 60 seconds, and are NaN where there is
  nothing to tell; totals are of the life of the thread or task, as in Kafka.
- **Store types** are Kafka's: \`in-memory\`, \`in-memory-lru\`, \`in-memory-window\`, \`in-memory-session\`,
  \`in-memory-suppression\`, \`rocksdb\`, \`rocksdb-window\`, \`rocksdb-session\`. What the topology calls persistent is \`rocksdb\` here
  too, although it is LMDB.
- **Sizes of records** are key, value and headers, the name of the topic, and 20 bytes.
- **Not told:** RocksDB's own statistics; \`flush\`, \`delete\`, \`put-if-absent\` and \`prefix-scan\` of stores (they are commits, puts,
  gets and ranges here); \`checkpoint-ratio\` (positions are written with the stores). Restoring happens in the threads
  themselves, so the shares of \`stream-state-updater-metrics\` are of their time.
`

const cell = (text: string): string => text.replaceAll("|", "\\|")

/** The page. */
export const render = async (): Promise<string> => {
  const sections = Object.entries(Definitions.groups).map(([group, tags]) => {
    const rows = Definitions.all.filter((each) => each.group === group).map((each) => {
      const names = each.statistics.map((statistic) => `\`${nameOf(each, statistic)}\``).join(", ")
      return `| ${names} | ${each.level} | ${cell(each.unit)} | ${cell(each.about)} |`
    })
    const tagged = tags.map((tag) => `\`${tag}\``).join(", ")
    return [
      `## ${group}`,
      "",
      `Tags: ${tagged}.`,
      "",
      "| name | level | unit | what |",
      "|---|---|---|---|",
      ...rows,
      ""
    ].join("\n")
  })
  return `${head}\n${sections.join("\n")}`
}
