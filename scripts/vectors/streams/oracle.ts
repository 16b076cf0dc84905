/**
 * What Kafka's own TopologyTestDriver answers to specs: `oracle/*.java`, compiled and run with the jars of `compat/peers`.
 */
import * as NodeChild from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { classPath, quietLogging } from "../../../compat/lib/java.ts"
import type { Spec } from "./spec.ts"

const sources = join(import.meta.dirname, "oracle")

const compile = (classes: string): void => {
  const files = readdirSync(sources).map((name) => join(sources, name))
  const words = ["-nowarn", "-proc:none", "-cp", classPath(), "-d", classes, ...files]
  const { status } = NodeChild.spawnSync("javac", words, { stdio: ["ignore", "ignore", "inherit"] })
  if (status !== 0) throw new Error("the oracle does not compile: this needs Java 17")
}

/** The specs with the answers of Kafka, in the same order. What they say of answers themselves is not looked at. */
export const answers = async function*(specs: Iterable<Spec>): AsyncGenerator<Spec> {
  const directory = mkdtempSync(join(tmpdir(), "streams-oracle-"))
  try {
    compile(directory)
    const java = NodeChild.spawn("java", [
      "-Xmx1g",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      `-Djava.io.tmpdir=${directory}`,
      `-Dlog4j2.configurationFile=${quietLogging()}`,
      "-cp",
      `${directory}:${classPath()}`,
      "StreamsOracle"
    ], { stdio: ["pipe", "pipe", "inherit"] })
    const lines = createInterface({ input: java.stdout })[Symbol.asyncIterator]()
    for (const spec of specs) {
      java.stdin.write(`${JSON.stringify(spec)}\n`)
      const line = await lines.next()
      if (line.done === true) throw new Error(`the oracle died of ${spec.name}`)
      yield JSON.parse(line.value) as Spec
    }
    java.stdin.end()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
