/**
 * `npx -y pnpm@12 start --data DIR[,DIR…] --listen HOST:PORT [--set NAME=VALUE …] [--durability POLICY]`: the broker.
 * Prints one line when it is ready; SIGTERM stops it in order (exit 0). What it can't do ends it with 1 and a message.
 */
import { NodePlatform } from "@millrace/core/node"
import { formatAddress } from "@millrace/core/platform/Network"
import * as Broker from "@millrace/server/Broker"
import type { Durability } from "@millrace/server/storage/Durability"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { readArguments } from "./arguments.ts"
import { endWithLauncher } from "./launcher.ts"

const usage =
  "start --data DIR[,DIR...] --listen HOST:PORT [--advertise HOST:PORT] [--node-id N] [--set NAME=VALUE ...]"
  + " [--durability group-commit|os|interval:MILLISECONDS]"

const given = readArguments(["data", "listen", "advertise", "node-id", "set", "durability"], usage)
const one = (name: string): string | undefined => given.get(name)?.at(-1)

/** Ends the program: it was called in a way that it does not know. */
const misused = (why: string): never => {
  console.error(`${why}\nusage: ${usage}`)
  process.exit(2)
}

const durabilityOf = (text: string): Durability => {
  const interval = /^interval:(\d+)$/.exec(text)
  if (interval !== null) return { kind: "interval", intervalMs: Number(interval[1]) }
  return text === "group-commit" || text === "os" ? { kind: text } : misused(`not a durability: ${text}`)
}

const settings: Record<string, string> = {}
for (const setting of given.get("set") ?? []) {
  const equals = setting.indexOf("=")
  if (equals < 1) misused(`not a setting: ${setting}`)
  settings[setting.slice(0, equals)] = setting.slice(equals + 1)
}

const data = one("data") ?? misused("--data is missing")
const listen = one("listen") ?? misused("--listen is missing")
const durability = one("durability")
const nodeId = one("node-id")

const broker = Broker.layer({
  logDirs: data.split(",").filter((directory) => directory !== ""),
  listen,
  advertised: one("advertise"),
  nodeId: nodeId === undefined ? undefined : Number(nodeId),
  durability: durability === undefined ? undefined : durabilityOf(durability),
  config: settings
})

// Standard output has the one line that says it is ready; the log goes to standard error.
const log = Logger.layer([Logger.withConsoleError(Logger.formatSimple)])

const program = Effect.gen(function*() {
  const { address, clusterId, nodeId } = yield* Broker.Broker
  console.log(`millrace: node ${nodeId} of cluster ${clusterId} listens on ${formatAddress(address)}`)
  return yield* Effect.never
}).pipe(
  Effect.provide(broker.pipe(Layer.provide(NodePlatform.layer), Layer.provideMerge(log))),
  Effect.tapCause((cause) =>
    Effect.sync(() => {
      if (Cause.hasInterruptsOnly(cause)) return
      const error = Cause.squash(cause)
      console.error(`millrace: ${error instanceof Error ? error.message : String(error)}`)
      process.exit(1)
    })
  )
)

endWithLauncher()
NodePlatform.runMain(program)
