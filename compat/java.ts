/**
 * Kafka's own Java clients and tools against our broker: console, perf, verifiable, transactional.
 */
import { check, finish, fresh, same, waitFor, withBroker } from "./lib/harness.ts"
import { runTool, startTool } from "./lib/java.ts"

const tools = "org.apache.kafka.tools"
const consoleConsumer = `${tools}.consumer.ConsoleConsumer`

interface Verified {
  readonly name: string
  readonly partitions?: ReadonlyArray<unknown>
  readonly count?: number
  readonly acked?: number
}

/** The JSON lines that a Verifiable tool prints. */
const eventsOf = (output: string): Array<Verified> =>
  output.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Verified)

await withBroker(async (bootstrap) => {
  const server = ["--bootstrap-server", bootstrap]
  const newTopic = async (partitions: number): Promise<string> => {
    const topic = fresh("topic")
    await runTool(`${tools}.TopicCommand`, [...server, "--create", "--topic", topic, "--partitions", `${partitions}`])
    return topic
  }
  const readLines = async (topic: string, count: number, isolation = "read_committed"): Promise<Array<string>> => {
    const output = await runTool(consoleConsumer, [
      ...server,
      "--topic",
      topic,
      "--from-beginning",
      "--max-messages",
      `${count}`,
      "--timeout-ms",
      "20000",
      "--isolation-level",
      isolation
    ])
    return output.split("\n").filter((line) => line !== "" && !line.startsWith("The consumer rebalance protocol"))
  }

  await check("topics are created, listed, described and deleted", async () => {
    const topic = await newTopic(3)
    same((await runTool(`${tools}.TopicCommand`, [...server, "--list"])).includes(topic), true, "listed")
    const described = await runTool(`${tools}.TopicCommand`, [...server, "--describe", "--topic", topic])
    same(/PartitionCount: 3/.test(described), true, described)
    await runTool("kafka.admin.ConfigCommand", [
      ...server,
      "--alter",
      "--entity-type",
      "topics",
      "--entity-name",
      topic,
      "--add-config",
      "retention.ms=60000"
    ])
    const configs = await runTool("kafka.admin.ConfigCommand", [
      ...server,
      "--describe",
      "--entity-type",
      "topics",
      "--entity-name",
      topic
    ])
    same(configs.includes("retention.ms=60000"), true, configs)
    await runTool(`${tools}.TopicCommand`, [...server, "--delete", "--topic", topic])
  })

  for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    await check(`the console producer and consumer agree with ${codec}`, async () => {
      const topic = await newTopic(1)
      const lines = Array.from({ length: 200 }, (_, index) => `line ${index} ${"x".repeat(index % 50)}`)
      await runTool(
        `${tools}.ConsoleProducer`,
        [...server, "--topic", topic, "--compression-codec", codec],
        lines.map((line) => `${line}\n`).join("")
      )
      same(await readLines(topic, lines.length), lines, "lines")
    })
  }

  await check("the perf tools move a hundred thousand records", async () => {
    const topic = await newTopic(2)
    await runTool(`${tools}.ProducerPerformance`, [
      "--topic",
      topic,
      "--num-records",
      "100000",
      "--record-size",
      "100",
      "--throughput",
      "-1",
      "--producer-props",
      `bootstrap.servers=${bootstrap}`,
      "acks=all"
    ])
    const output = await runTool(`${tools}.ConsumerPerformance`, [
      ...server,
      "--topic",
      topic,
      "--num-records",
      "100000",
      "--timeout",
      "20000"
    ])
    same(output.includes("100000"), true, output)
  })

  await check("verifiable producer and consumers share a group", async () => {
    const topic = await newTopic(4)
    const group = fresh("group")
    const words = [
      ...server,
      "--topic",
      topic,
      "--group-id",
      group,
      "--reset-policy",
      "earliest",
      "--session-timeout",
      "10000"
    ]
    const consumers = [0, 1].map(() => startTool(`${tools}.VerifiableConsumer`, words))
    try {
      await waitFor(
        "both to own two partitions",
        () =>
          consumers.every((consumer) =>
              eventsOf(consumer.output()).findLast((event) => event.name === "partitions_assigned")?.partitions
                ?.length === 2
            ) ?
            true :
            undefined,
        60_000
      )
      const produced = eventsOf(
        await runTool(`${tools}.VerifiableProducer`, [
          ...server,
          "--topic",
          topic,
          "--max-messages",
          "1000",
          "--acks",
          "-1"
        ])
      )
      same(produced.findLast((event) => event.name === "tool_data")?.acked, 1000, "acknowledged")
      await waitFor("a thousand records", () => {
        const counts = consumers.flatMap((consumer) =>
          eventsOf(consumer.output()).filter((event) => event.name === "records_consumed").map((event) =>
            event.count ?? 0
          )
        )
        return counts.reduce((sum, count) => sum + count, 0) >= 1000 ? true : undefined
      })
    } finally {
      for (const consumer of consumers) consumer.process.kill("SIGTERM")
      await Promise.all(consumers.map((consumer) => consumer.ended))
    }
  })

  await check("groups are described and deleted", async () => {
    const topic = await newTopic(1)
    const group = fresh("group")
    await runTool(`${tools}.ConsoleProducer`, [...server, "--topic", topic], "a\nb\n")
    await runTool(consoleConsumer, [
      ...server,
      "--topic",
      topic,
      "--from-beginning",
      "--max-messages",
      "2",
      "--timeout-ms",
      "20000",
      "--group",
      group
    ])
    const groups = `${tools}.consumer.group.ConsumerGroupCommand`
    const described = await runTool(groups, [...server, "--describe", "--group", group])
    same(new RegExp(`${topic}\\s+0\\s+2\\s+2\\s+0`).test(described), true, described)
    await runTool(groups, [...server, "--delete", "--group", group])
  })

  await check("the transactional copier copies exactly once", async () => {
    const [source, sink] = [await newTopic(1), await newTopic(1)]
    const lines = Array.from({ length: 500 }, (_, index) => `${index}`)
    await runTool(`${tools}.ConsoleProducer`, [...server, "--topic", source], lines.map((line) => `${line}\n`).join(""))
    await runTool(`${tools}.TransactionalMessageCopier`, [
      "--broker-list",
      bootstrap,
      "--input-topic",
      source,
      "--input-partition",
      "0",
      "--output-topic",
      sink,
      "--transactional-id",
      fresh("tx"),
      "--transaction-size",
      "50",
      "--max-messages",
      "500",
      "--consumer-group",
      fresh("group"),
      "--enable-random-aborts"
    ])
    same(await readLines(sink, lines.length), lines, "copied")
  })
})

finish()
