/**
 * One start of the embedded broker in a process of its own: prints how long it took and what memory it added, as JSON.
 */
import { NodePlatform } from "@millrace/core/node"
import { Broker } from "@millrace/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"

const megabytes = (): number => {
  globalThis.gc?.()
  return process.memoryUsage.rss() / 1e6
}

const listen = process.argv[2] === "socket" ? { listen: "127.0.0.1:0" } : {}
const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-embedded-"))
const broker = Layer.provide(Broker.layerEmbedded({ directory, ...listen }), NodePlatform.layer)

const measured = await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  const before = megabytes()
  const from = performance.now()
  yield* Layer.build(broker)
  const startMs = performance.now() - from
  return { startMs, extraMB: megabytes() - before }
})))
NodeFs.rmSync(directory, { recursive: true, force: true })
console.log(JSON.stringify(measured))
process.exit(0)
