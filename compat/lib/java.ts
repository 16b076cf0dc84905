/**
 * Kafka's own Java tools. The jars are those of `KAFKA_LIB`, or are fetched once into `compat/peers/lib` with Maven.
 */
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"

const peers = NodePath.join(import.meta.dirname, "..", "peers")

const fetchJars = (directory: string): void => {
  const { status } = NodeChild.spawnSync(
    "mvn",
    [
      "-q",
      "-B",
      "-f",
      NodePath.join(peers, "pom.xml"),
      "dependency:copy-dependencies",
      `-DoutputDirectory=${directory}`
    ],
    { stdio: "inherit" }
  )
  if (status !== 0) throw new Error("the jars of Kafka's tools could not be fetched: this needs mvn and Java 17")
}

/** The path of a Log4j configuration that says nothing. */
export const quietLogging = (): string => {
  const path = NodePath.join(peers, "lib", "log4j2-quiet.properties")
  NodeFs.mkdirSync(NodePath.dirname(path), { recursive: true })
  NodeFs.writeFileSync(path, "rootLogger.level = off\n")
  return path
}

/** The class path of Kafka's tools. */
export const classPath = (): string => {
  const given = process.env["KAFKA_LIB"]
  if (given !== undefined) return `${given}/*`
  const directory = NodePath.join(peers, "lib", "jars")
  if (!NodeFs.existsSync(directory)) fetchJars(directory)
  return `${directory}/*`
}

/** A Java tool that runs. */
export interface Tool {
  readonly process: NodeChild.ChildProcess
  /** What it has printed so far. */
  readonly output: () => string
  /** What it has complained of so far. */
  readonly complaints: () => string
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>
}

/** Starts the main class of a tool; `input` is what it reads. */
export const startTool = (mainClass: string, words: ReadonlyArray<string>, input = ""): Tool => {
  const child = NodeChild.spawn("java", [
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    `-Dlog4j2.configurationFile=${quietLogging()}`,
    "-cp",
    classPath(),
    mainClass,
    ...words
  ], { stdio: ["pipe", "pipe", "pipe"] })
  let output = ""
  let complaints = ""
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)))
  return { process: child, output: () => output, complaints: () => complaints, ended }
}

/** Runs a tool to its end and gives what it printed; fails if it exits with another code than 0. */
export const runTool = async (mainClass: string, words: ReadonlyArray<string>, input = ""): Promise<string> => {
  const tool = startTool(mainClass, words, input)
  const code = await tool.ended
  if (code !== 0) {
    throw new Error(`${mainClass} exited with ${code}: ${(tool.output() + tool.complaints()).slice(-2000)}`)
  }
  return tool.output()
}
