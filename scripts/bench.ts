/**
 * `npx -y pnpm@12 bench NAME`: a measurement; JSON lines, and a table for people.
 */
import { runProgram } from "./programs.ts"

runProgram("bench")
