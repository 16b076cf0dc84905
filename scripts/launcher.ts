/**
 * Ends a program with the package runner that launched it.
 *
 * `npx -y pnpm@12 NAME` is a chain of processes; npx dies of a SIGTERM without passing it on to the end of the chain, and
 * the program would live on unseen. So a program that runs until SIGTERM watches the first process of its chain, and
 * takes that one's end for its own SIGTERM. Needs Linux's /proc; elsewhere a signal has to reach the program itself.
 */
import * as NodeFs from "node:fs"

const watchIntervalMs = 200

interface Process {
  readonly parent: number
  readonly startTime: string
  readonly command: string
}

const inspect = (pid: number): Process | undefined => {
  try {
    const stat = NodeFs.readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    const command = NodeFs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
    return { parent: Number(fields[1]), startTime: fields[19]!, command }
  } catch {
    return undefined
  }
}

const isRunner = (command: string): boolean => /\b(npm|npx|pnpm)\b/.test(command)

/** The first process of the chain of package runners above this one. */
const findLauncher = (): { readonly pid: number; readonly startTime: string } | undefined => {
  let found: { readonly pid: number; readonly startTime: string } | undefined
  for (let pid = process.ppid; pid > 1;) {
    const { command, parent, startTime } = inspect(pid) ?? { command: "", parent: 0, startTime: "" }
    const isShell = /^(\S*\/)?sh -c /.test(command)
    if (!isRunner(command) && !isShell) break
    if (isRunner(command)) found = { pid, startTime }
    pid = parent
  }
  return found
}

/** From now on, the end of the launching package runner is a SIGTERM to this process. */
export const endWithLauncher = (): void => {
  const launcher = findLauncher()
  if (launcher === undefined) return
  const timer = setInterval(() => {
    if (inspect(launcher.pid)?.startTime === launcher.startTime) return
    clearInterval(timer)
    process.kill(process.pid, "SIGTERM")
  }, watchIntervalMs)
  timer.unref()
}
