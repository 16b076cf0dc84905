/**
 * A timeline as text: one line for each thing that happened, in order of time.
 *
 * @since 0.1.0
 */
import type { Message, Timeline } from "./Timeline.ts"

const timeOf = (us: number): string => {
  const minutes = String(Math.floor(us / 60_000_000)).padStart(2, "0")
  return `${minutes}:${((us % 60_000_000) / 1_000_000).toFixed(6).padStart(9, "0")}`
}

const messageLine = ({ arrivedUs, from, name, sizeBytes, to }: Message): string => {
  const end = arrivedUs === undefined ? "never arrives" : `arrives at ${timeOf(arrivedUs)}`
  return `${from} → ${to}: ${name}, ${sizeBytes} bytes, ${end}`
}

/**
 * The lines of a timeline.
 *
 * @since 0.1.0
 */
export const render = ({ bands, endUs, events, findings, hash, messages, title }: Timeline): string => {
  const lines: Array<readonly [atUs: number, text: string]> = [
    ...events.map(({ atUs, text }) => [atUs, text] as const),
    ...messages.map((message) => [message.sentUs, messageLine(message)] as const),
    ...bands.filter(({ toUs, fromUs }) => toUs > fromUs).map(({ text, toUs }) => [toUs, `over: ${text}`] as const)
  ]
  return [
    title,
    ...findings.map((finding) => `  ${finding}`),
    `  trace ${hash}`,
    "",
    ...lines.sort(([left], [right]) => left - right).map(([atUs, text]) => `${timeOf(atUs)} ${text}`),
    `${timeOf(endUs)} the end`,
    ""
  ].join("\n")
}
