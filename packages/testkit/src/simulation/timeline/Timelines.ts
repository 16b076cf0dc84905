/**
 * The ways to show a timeline, by the name of the file that it is for.
 *
 * @since 0.1.0
 */
import * as HtmlTimeline from "./HtmlTimeline.ts"
import * as TextTimeline from "./TextTimeline.ts"
import type { Timeline } from "./Timeline.ts"

/**
 * Text for a file whose name ends with `.txt`, otherwise a page.
 *
 * @since 0.1.0
 */
export const render = (timeline: Timeline, file: string): string =>
  file.endsWith(".txt") ? TextTimeline.render(timeline) : HtmlTimeline.render(timeline)
