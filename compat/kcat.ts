/**
 * kcat (librdkafka 2.0, as Debian ships it) against our broker: metadata, every codec, groups, transactions.
 */
import * as NodeChild from "node:child_process"
import { check, finish, fresh, same, waitFor, withBroker } from "./lib/harness.ts"

interface Outcome {
  readonly code: number | null
  readonly output: string
}

const start = (
  words: ReadonlyArray<string>,
  input = ""
): { child: NodeChild.ChildProcess; ended: Promise<Outcome> } => {
  const child = NodeChild.spawn("kcat", [...words], { stdio: ["pipe", "pipe", "ignore"] })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stdin.end(input)
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", () => reject(new Error("this needs kcat")))
    child.on("close", (code) => resolve({ code, output }))
  })
  return { child, ended }
}

const kcat = async (words: ReadonlyArray<string>, input = ""): Promise<string> => {
  const { code, output } = await start(words, input).ended
  if (code !== 0) throw new Error(`kcat ${words.join(" ")} exited with ${code}`)
  return output
}

const linesOf = (output: string): Array<string> => output.split("\n").filter((line) => line !== "")

await withBroker(async (bootstrap) => {
  const broker = ["-b", bootstrap]
  const produce = (topic: string, lines: ReadonlyArray<string>, ...words: ReadonlyArray<string>) =>
    kcat([...broker, "-P", "-t", topic, ...words], lines.map((line) => `${line}\n`).join(""))
  const consume = async (topic: string, ...words: ReadonlyArray<string>): Promise<Array<string>> =>
    linesOf(await kcat([...broker, "-C", "-t", topic, "-o", "beginning", "-e", "-q", ...words]))

  await check("metadata lists the broker and a topic that it makes", async () => {
    const topic = fresh("topic")
    await produce(topic, ["a"])
    const listed = await kcat([...broker, "-L", "-t", topic])
    same(listed.includes(`topic "${topic}" with 1 partitions`), true, listed)
  })

  for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    await check(`lines come back in order with ${codec}`, async () => {
      const topic = fresh("topic")
      const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`)
      await produce(topic, lines, "-z", codec, "-X", "enable.idempotence=true")
      same(await consume(topic), lines, "lines")
    })
  }

  await check("keys, headers and offsets are kept", async () => {
    const topic = fresh("topic")
    await produce(topic, ["k1:v1", "k2:v2"], "-K", ":", "-H", "h=1")
    same(await consume(topic, "-f", "%o %k %s %h\n"), ["0 k1 v1 h=1", "1 k2 v2 h=1"], "records")
  })

  await check("a group consumer commits and resumes", async () => {
    const topic = fresh("topic")
    const group = fresh("group")
    await produce(topic, ["a", "b"])
    const read = async (count: number): Promise<Array<string>> => {
      const words = [...broker, "-G", group, topic, "-q", "-c", `${count}`, "-X", "auto.offset.reset=earliest"]
      return linesOf((await start(words).ended).output)
    }
    same(await read(2), ["a", "b"], "first")
    await produce(topic, ["c"])
    same(await read(1), ["c"], "after the commit")
  })

  await check("a transaction is seen when it is committed", async () => {
    const topic = fresh("topic")
    await produce(topic, ["one", "two"], "-X", `transactional.id=${fresh("tx")}`)
    await waitFor("the commit", async () => (await consume(topic)).length === 2 ? true : undefined)
    same(await consume(topic, "-X", "isolation.level=read_committed"), ["one", "two"], "committed")
  })
})

finish()
