/**
 * `npx -y pnpm@12 check`: types, lint, format and the architecture rules. Exits with 1 if one of them is broken.
 */
import * as NodeChild from "node:child_process"
import * as Architecture from "./check/architecture.ts"

const steps: ReadonlyArray<readonly [name: string, command: string, ...arguments_: ReadonlyArray<string>]> = [
  ["types", "tsc", "-b"],
  ["lint", "oxlint", "--deny-warnings", "packages", "examples", "bench", "compat", "scripts"],
  ["format", "dprint", "check"]
]

let broken = false

for (const [name, command, ...arguments_] of steps) {
  const { status } = NodeChild.spawnSync(command, arguments_, { stdio: "inherit" })
  console.log(`${name}: ${status === 0 ? "ok" : "broken"}`)
  broken ||= status !== 0
}

const problems = Architecture.check()
for (const problem of problems) console.error(problem)
console.log(`architecture: ${problems.length === 0 ? "ok" : `broken in ${problems.length} places`}`)

process.exitCode = broken || problems.length > 0 ? 1 : 0
