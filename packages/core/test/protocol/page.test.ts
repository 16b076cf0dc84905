import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Api from "@millrace/core/protocol/Api"
import { render } from "../../../../scripts/protocol/page.ts"
import { messages } from "./tables.ts"

it("docs/protocol.md says what the tables say; `npx -y pnpm@12 run docs` writes it anew", async () => {
  const page = await render()
  assert.isTrue(readFileSync(join(import.meta.dirname, "../../../../docs/protocol.md"), "utf8") === page, "it is stale")
  for (const { name } of messages) assert.include(page, `**${name}**, versions `)
  for (const { key, name } of Api.all) assert.include(page, `| ${key} | [${name}](#${name.toLowerCase()}) |`)
})
