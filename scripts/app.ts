/**
 * `app NAME`: runs an app of `examples/` against the cluster of `KAFKA_BOOTSTRAP_SERVERS`, until SIGTERM.
 *
 * `examples/NAME.ts` exports a topology under its name in camel case (`word-count` → `wordCount`); the app is called NAME
 * and runs exactly once. It exits with 0 after an orderly close, with 1 if it failed. `KAFKA_STREAMS_…_MS` and
 * `MILLRACE_STATE_DIR` change its settings (see `Settings.ts`).
 */
import { StreamsApp } from "@millrace/client"
import { Kafka } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Topology from "@millrace/core/streams/Topology"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

const examples = join(import.meta.dirname, "..", "examples")

const isTopology = (value: unknown): value is Topology.Topology =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Topology"

const load = async (name: string): Promise<Topology.Topology | undefined> => {
  const file = join(examples, `${name}.ts`)
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) return undefined
  const module: Readonly<Record<string, unknown>> = await import(file)
  const exported = module[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]
  return isTopology(exported) ? exported : undefined
}

const name = process.argv.slice(2).find((word) => word !== "--") ?? ""
const topology = await load(name)
if (topology === undefined) {
  const names = readdirSync(examples).filter((file) => file.endsWith(".ts") && !file.startsWith("vitest."))
  console.error(`usage: app NAME, where NAME is one of: ${names.map((file) => file.slice(0, -3)).sort().join(", ")}`)
  process.exit(2)
}

const app = StreamsApp.layer(topology, { applicationId: name, processingGuarantee: "exactly_once" })
const announced = Layer.tap(app, () => Console.log(`${name} is running`))

NodePlatform.runMain(
  StreamsApp.launch(announced).pipe(Effect.provide(Layer.mergeAll(Kafka.layerConfig, NodePlatform.layer)))
)
