/**
 * A real Apache Kafka of one node, from the jars of Kafka's tools: the peer that we are measured against,
 * and the foreign broker that our client and our apps run on.
 */
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"
import { waitFor } from "./harness.ts"
import { classPath, runTool } from "./java.ts"

/** A running Kafka. */
export interface Kafka {
  readonly bootstrap: string
  readonly pid: number
  readonly stop: () => Promise<void>
}

const settingsOf = (data: string, port: number, extra: ReadonlyArray<string>): string =>
  [
    "process.roles=broker,controller",
    "node.id=1",
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 100}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 100}`,
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    `log.dirs=${data}`,
    "offsets.topic.replication.factor=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    ...extra
  ].map((line) => `${line}\n`).join("")

/** Formats `directory` and starts a Kafka on it; the controller takes the port a hundred above. */
export const startKafka = async (
  directory: string,
  port: number,
  settings: ReadonlyArray<string> = []
): Promise<Kafka> => {
  const quorum = `controller.quorum.bootstrap.servers=127.0.0.1:${port + 100}`
  const properties = configure(directory, `${directory}/data`, port, [quorum, ...settings])
  const clusterId = (await runTool("kafka.tools.StorageTool", ["random-uuid"])).trim()
  await runTool("kafka.tools.StorageTool", ["format", "-t", clusterId, "-c", properties, "--standalone"])
  return run(directory, port, properties)
}

/**
 * Starts a Kafka on log directories that a node 1 has left; its own files go into `directory`. Whoever left them was alone,
 * so the quorum is this node.
 */
export const startKafkaOn = (
  directory: string,
  data: string,
  port: number,
  settings: ReadonlyArray<string> = []
): Promise<Kafka> => {
  const quorum = `controller.quorum.voters=1@127.0.0.1:${port + 100}`
  return run(directory, port, configure(directory, data, port, [quorum, ...settings]))
}

const configure = (directory: string, data: string, port: number, settings: ReadonlyArray<string>): string => {
  NodeFs.mkdirSync(directory, { recursive: true })
  const properties = NodePath.join(directory, "server.properties")
  NodeFs.writeFileSync(properties, settingsOf(data, port, settings))
  return properties
}

const run = async (directory: string, port: number, properties: string): Promise<Kafka> => {
  const logging = NodePath.join(directory, "log4j2.properties")
  NodeFs.writeFileSync(
    logging,
    [
      "appender.c.type = Console",
      "appender.c.name = c",
      "rootLogger.level = info",
      "rootLogger.appenderRef.c.ref = c"
    ].join("\n")
  )
  const log = NodeFs.openSync(NodePath.join(directory, "log"), "w")
  const child = NodeChild.spawn(
    "java",
    [
      "-Xms1g",
      "-Xmx1g",
      "-XX:+UseG1GC",
      `-Dlog4j2.configurationFile=${logging}`,
      "-cp",
      classPath(),
      "kafka.Kafka",
      properties
    ],
    { stdio: ["ignore", log, log] }
  )
  const exited = new Promise<void>((resolve) => child.on("exit", () => resolve()))
  await waitFor("Kafka to be ready", () => {
    const text = NodeFs.readFileSync(NodePath.join(directory, "log"), "utf8")
    if (child.exitCode !== null) throw new Error(`Kafka ended: ${text.slice(-2000)}`)
    return text.includes("Kafka Server started") ? true : undefined
  }, 120_000)
  return {
    bootstrap: `127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGTERM")
      await exited
    }
  }
}
