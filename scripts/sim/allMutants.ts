/**
 * Runs the simulation once with each planted bug, each in a process of its own, and tells which were found and as what.
 */
import * as NodeChild from "node:child_process"
import * as NodePath from "node:path"
import { mutants } from "./mutants.ts"

const script = NodePath.join(import.meta.dirname, "..", "sim.ts")

/** What the run with one bug says: after how many seeds, and as what; undefined if it was not found. */
const hunt = (
  name: string,
  seed: number,
  runs: number
): { readonly seeds: number; readonly as: string } | undefined => {
  const words = [script, "--mutant", name, "--seed", String(seed), "--runs", String(runs), "--shrink", "no"]
  const { status, stdout } = NodeChild.spawnSync(process.execPath, words, { encoding: "utf8" })
  const match = /^mutant \S+ found after (\d+) seeds, as ([\w-]+)/m.exec(stdout)
  return status === 1 && match !== null ? { seeds: Number(match[1]), as: match[2]! } : undefined
}

/** Looks for all bugs from a seed on, each within as many seeds as it states; answers whether each was found as it should. */
export const huntAll = (seed: number): boolean => {
  let areFound = true
  for (const { causes, name, seedsMax } of mutants) {
    const found = hunt(name, seed, seedsMax)
    const isExpected = found !== undefined && causes.some((cause) => cause === found.as)
    areFound &&= isExpected
    const what = found === undefined ? "NOT FOUND" : `${found.as}${isExpected ? "" : " (UNEXPECTED)"}`
    const seeds = found === undefined ? "" : `after ${found.seeds}`
    console.log(`${name.padEnd(36)} ${what.padEnd(24)} ${seeds.padEnd(12)} of ${seedsMax} seeds`)
  }
  return areFound
}
