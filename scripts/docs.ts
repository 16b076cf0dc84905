/**
 * `npx -y pnpm@12 run docs`: writes the pages of `docs` that are made from the code; `--check` says which are stale instead,
 * and exits with 1 if any is.
 */
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"
import * as Dsl from "./dsl/page.ts"
import * as Metrics from "./metrics/page.ts"
import * as Protocol from "./protocol/page.ts"

/** The generated pages by file name. */
const pages: ReadonlyArray<readonly [file: string, render: () => Promise<string>]> = [
  ["dsl.md", Dsl.render],
  ["metrics.md", Metrics.render],
  ["protocol.md", Protocol.render]
]

for (const [file, render] of pages) {
  const path = NodePath.join(import.meta.dirname, "../docs", file)
  const text = await render()
  if (!process.argv.includes("--check")) {
    NodeFs.mkdirSync(NodePath.dirname(path), { recursive: true })
    NodeFs.writeFileSync(path, text)
  } else if (!NodeFs.existsSync(path) || NodeFs.readFileSync(path, "utf8") !== text) {
    console.error(`docs/${file} is stale: run \`npx -y pnpm@12 run docs\``)
    process.exitCode = 1
  }
}
