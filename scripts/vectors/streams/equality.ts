/**
 * `node scripts/vectors/streams/equality.ts --on simulation|embedded|HOST:PORT [--seed S] [--count N]`: that many topologies of
 * a seed, on the test driver and as apps on that broker, which have to give the same answers as far as they do not depend on
 * which task is first. Exits with 1 if one does not. Topics of a broker that is up are deleted before each.
 */
import { readArguments } from "../../arguments.ts"
import * as Target from "../live/target.ts"
import { compose } from "./generate/compose.ts"
import { Random } from "./generate/random.ts"
import { runOne } from "./onCluster.ts"
import { Tally } from "./report.ts"

const usage = "equality.ts --on simulation|embedded|HOST:PORT [--seed S] [--count N]"
const given = readArguments(["on", "seed", "count"], usage)
const [on = "simulation", seed = 1, count = 100] = ["on", "seed", "count"].map((name) => given.get(name)?.at(-1))
const target = Target.named(String(on))
if (target === undefined) throw new Error(`usage: ${usage}`)

const random = new Random(Number(seed))
const tally = new Tally()
for (let index = 0; index < Number(count); index++) {
  const spec = compose(random, `generated/${seed}/${index}`)
  tally.add(spec, await runOne(spec, target, "millrace"))
}
const { failed, failures } = tally.report()
process.stdout.write(failures.map((failure) => `✗ ${failure}\n`).join(""))
process.exit(failed === 0 ? 0 : 1)
