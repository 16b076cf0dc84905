/**
 * `app NAME`: runs the app of `examples/NAME.ts` (such as `word-count` or `nexmark/q3`) against the cluster of
 * `KAFKA_BOOTSTRAP_SERVERS`, until SIGTERM.
 *
 * The file exports it as `App`. The program exits with 0 after an orderly close, with 1 if the app failed.
 * `KAFKA_STREAMS_…_MS` and `MILLRACE_STATE_DIR` change settings that the app leaves open (see `Settings.ts`).
 */
import { StreamsApp } from "@millrace/client"
import { Kafka } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { endWithLauncher } from "./launcher.ts"

type App = Layer.Layer<StreamsApp.StreamsApp, StreamsApp.StreamsError, StreamsApp.Requirements>

const examples = join(import.meta.dirname, "..", "examples")
const names = [".", "nexmark"].flatMap((folder) =>
  readdirSync(join(examples, folder)).map((file) => join(folder, file))
)
  .filter((file) => file.endsWith(".ts") && readFileSync(join(examples, file), "utf8").includes("export const App ="))
  .map((file) => file.slice(0, -".ts".length))
  .sort()

const name = process.argv.slice(2).find((word) => word !== "--")
if (name === undefined || !names.includes(name)) {
  console.error(`usage: app NAME, where NAME is one of: ${names.join(", ")}`)
  process.exit(2)
}

const { App }: { readonly App: App } = await import(join(examples, `${name}.ts`))

endWithLauncher()
NodePlatform.runMain(
  StreamsApp.launch(Layer.tap(App, () => Console.log(`${name} is running`))).pipe(
    Effect.provide(Layer.mergeAll(Kafka.layerConfig, NodePlatform.layer))
  )
)
