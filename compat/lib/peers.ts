/**
 * The foreign JavaScript clients: installed on demand beside this folder, outside the workspace.
 */
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodeModule from "node:module"
import * as NodePath from "node:path"

const directory = NodePath.join(import.meta.dirname, "..", "peers")

/** The clients that are built on this machine, which takes minutes. */
const native = ["@confluentinc/kafka-javascript"]

const npm = (...words: ReadonlyArray<string>): void => {
  const { status } = NodeChild.spawnSync("npm", words, {
    cwd: directory,
    stdio: "inherit",
    env: {
      ...process.env,
      CKJS_LINKING: "dynamic",
      npm_config_build_from_source: "true",
      npm_config_nodedir: NodePath.join(NodePath.dirname(process.execPath), "..")
    }
  })
  if (status !== 0) throw new Error(`a foreign client could not be installed: npm ${words.join(" ")}`)
}

/** Whether a client is there, and was built if it has to be. */
const isThere = (name: string): boolean => {
  const folder = NodePath.join(directory, "node_modules", name)
  return NodeFs.existsSync(native.includes(name) ? NodePath.join(folder, "build", "Release") : folder)
}

/** Loads a foreign client, installing it if it is missing; it is built against the Node that runs this. */
export const loadPeer = async <A>(name: string): Promise<A> => {
  if (!isThere(name)) {
    npm("install", "--no-audit", "--no-fund", "--ignore-scripts")
    if (native.includes(name)) npm("rebuild", name)
  }
  const require = NodeModule.createRequire(NodePath.join(directory, "package.json"))
  return await import(require.resolve(name)) as A
}
