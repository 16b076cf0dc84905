/**
 * The foreign JavaScript clients: installed on demand beside this folder, outside the workspace.
 */
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodeModule from "node:module"
import * as NodePath from "node:path"

const directory = NodePath.join(import.meta.dirname, "..", "peers")

/** Native clients are built against the Node that runs this, with the system's own libraries. */
const install = (): void => {
  const { status } = NodeChild.spawnSync("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: directory,
    stdio: "inherit",
    env: {
      ...process.env,
      CKJS_LINKING: "dynamic",
      npm_config_build_from_source: "true",
      npm_config_nodedir: NodePath.join(NodePath.dirname(process.execPath), "..")
    }
  })
  if (status !== 0) throw new Error("the foreign clients could not be installed")
}

/** Loads a foreign client, installing all of them if it is missing. */
export const loadPeer = async <A>(name: string): Promise<A> => {
  if (!NodeFs.existsSync(NodePath.join(directory, "node_modules", name))) install()
  const require = NodeModule.createRequire(NodePath.join(directory, "package.json"))
  return await import(require.resolve(name)) as A
}
