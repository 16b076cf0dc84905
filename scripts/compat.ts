/**
 * `npx -y pnpm@12 compat NAME`: a foreign peer against us, or us against a foreign broker.
 */
import { runProgram } from "./programs.ts"

runProgram("compat")
