/**
 * Runs one of the programs of a folder by its name: what `compat NAME` and `bench NAME` do.
 */
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"

const root = NodePath.join(import.meta.dirname, "..")

const programsIn = (folder: string): Array<string> =>
  NodeFs.readdirSync(NodePath.join(root, folder))
    .filter((name) => name.endsWith(".ts") && name !== "vitest.config.ts")
    .map((name) => name.slice(0, -".ts".length))
    .sort()

/** Runs `folder/NAME.ts` with the arguments after the name, and exits as it does; lists the names if there is none. */
export const runProgram = (folder: string): void => {
  const [name, ...rest] = process.argv.slice(2)
  const names = programsIn(folder)
  if (name === undefined || !names.includes(name)) {
    console.error(`usage: ${folder} NAME, where NAME is one of: ${names.join(", ")}`)
    process.exit(2)
  }
  const child = NodeChild.spawn(process.execPath, [NodePath.join(root, folder, `${name}.ts`), ...rest], {
    stdio: "inherit",
    cwd: root
  })
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)))
}
