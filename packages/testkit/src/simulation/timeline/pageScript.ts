/**
 * What draws the page of a timeline, in the reader's browser.
 *
 * @since 0.1.0
 */

/**
 * The script: plain JavaScript, without dependencies.
 *
 * @since 0.1.0
 */
export const script = `
"use strict"
const data = JSON.parse(document.getElementById("data").textContent)
const canvas = document.getElementById("lanes")
const context = canvas.getContext("2d")
const tip = document.getElementById("tip")
const gutter = 112, top_ = 34, laneHeight = Math.max(46, Math.min(84, 520 / data.processes.length)), bottom = 16
const height = top_ + laneHeight * data.processes.length + bottom
const laneOf = new Map(data.processes.map((name, index) => [name, top_ + laneHeight * (index + .5)]))
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name)
const end = Math.max(data.endUs, 1)
let from = 0, to = end

// Kinds of messages, each with a colour and a switch; what only keeps connections busy is off at first.
const kindOf = ({ name }) => name.replace(/ answer$/, "").replace(/ v\\d+$/, "").replace(/^(GET|POST|PUT|DELETE|PATCH|HTTP).*/, "HTTP")
const counts = new Map()
for (const message of data.messages) counts.set(kindOf(message), (counts.get(kindOf(message)) ?? 0) + 1)
const quiet = new Set(["Fetch", "Heartbeat", "ApiVersions", "Metadata", "ListGroups", "DescribeGroups", "ListOffsets", "OffsetFetch", "bytes"])
const kinds = [...counts.keys()].sort((a, b) => quiet.has(a) - quiet.has(b) || a.localeCompare(b))
const hues = new Map(kinds.map((kind, index) => [kind, (index * 137.5 + 210) % 360]))
const inkOf = (kind) => "hsl(" + hues.get(kind) + " 62% " + (matchMedia("(prefers-color-scheme: dark)").matches ? 66 : 44) + "%)"
const shown = new Set(kinds.filter((kind) => !quiet.has(kind)))
const apis = document.getElementById("apis")
for (const kind of kinds) {
  const label = document.createElement("label"), box = document.createElement("input"), dot = document.createElement("i")
  box.type = "checkbox"
  box.checked = shown.has(kind)
  label.className = box.checked ? "" : "off"
  dot.style.background = inkOf(kind)
  box.onchange = () => {
    box.checked ? shown.add(kind) : shown.delete(kind)
    label.className = box.checked ? "" : "off"
    draw()
  }
  label.append(box, dot, kind + " " + counts.get(kind))
  apis.append(label)
}

// How each process was: spans of time, from its states.
const spans = []
for (const process of data.processes) {
  let last
  for (const state of data.states.filter((state) => state.process === process)) {
    if (last) spans.push({ ...last, toUs: state.atUs })
    last = state
  }
  if (last) spans.push({ ...last, toUs: end })
}

const clock = (us) => {
  const minutes = Math.floor(us / 6e7), seconds = (us - minutes * 6e7) / 1e6
  return String(minutes).padStart(2, "0") + ":" + seconds.toFixed(3).padStart(6, "0")
}
const x = (us) => gutter + (us - from) / (to - from) * (canvas.clientWidth - gutter - 12)
const timeAt = (pixel) => from + (pixel - gutter) / (canvas.clientWidth - gutter - 12) * (to - from)

const drawAxis = (width) => {
  const wanted = (to - from) / Math.max(2, (width - gutter) / 110)
  const power = 10 ** Math.floor(Math.log10(wanted))
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= wanted)
  context.fillStyle = colour("soft")
  context.strokeStyle = colour("line")
  context.lineWidth = 1
  context.font = "11px ui-monospace, Menlo, monospace"
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const left = Math.round(x(at)) + .5
    context.beginPath()
    context.moveTo(left, top_ - 6)
    context.lineTo(left, height - bottom)
    context.stroke()
    context.fillText(clock(at), left + 4, 18)
  }
}

const drawBands = () => {
  for (const { fromUs, processes, toUs } of data.bands) {
    for (const process of processes) {
      const middle = laneOf.get(process)
      if (middle === undefined) continue
      const left = x(fromUs), right = Math.max(x(toUs), left + 3)
      context.fillStyle = colour("fault-fill")
      context.fillRect(left, middle - laneHeight / 2 + 2, right - left, laneHeight - 4)
      context.fillStyle = colour("fault")
      context.fillRect(left, middle - laneHeight / 2 + 2, 2, laneHeight - 4)
    }
  }
}

// What a band is, over everything else, and no further than the next band of its lane.
const drawBandTexts = (width) => {
  context.font = "10.5px ui-sans-serif, system-ui, sans-serif"
  context.strokeStyle = colour("panel")
  context.fillStyle = colour("fault")
  context.lineWidth = 3
  context.lineJoin = "round"
  for (const process of data.processes) {
    const bands = data.bands.filter((band) => band.processes.includes(process)).sort((a, b) => a.fromUs - b.fromUs)
    bands.forEach(({ fromUs, text, toUs }, index) => {
      const begin = x(fromUs), end = bands[index + 1] ? x(bands[index + 1].fromUs) : width
      const left = x(toUs) > gutter + 60 ? Math.max(begin, gutter) : begin
      const top = laneOf.get(process) - laneHeight / 2
      context.save()
      context.beginPath()
      context.rect(left, top, end - left, laneHeight)
      context.clip()
      context.strokeText(text.replace(/^[\\d.]+ s:? /, ""), left + 6, top + 14)
      context.fillText(text.replace(/^[\\d.]+ s:? /, ""), left + 6, top + 14)
      context.restore()
    })
  }
}

const drawLanes = (width) => {
  for (const { atUs, process, state, toUs } of spans) {
    const middle = laneOf.get(process)
    if (state !== "down") {
      context.strokeStyle = state === "paused" ? colour("pause") : colour("lane")
      context.lineWidth = state === "paused" ? 2 : 5
      context.setLineDash(state === "paused" ? [4, 4] : [])
      context.beginPath()
      context.moveTo(Math.max(x(atUs), gutter), middle)
      context.lineTo(Math.min(x(toUs), width), middle)
      if (x(toUs) > gutter && x(atUs) < width) context.stroke()
      context.setLineDash([])
    } else if (x(atUs) > gutter && atUs < end) {
      context.strokeStyle = colour("fault")
      context.lineWidth = 2
      context.beginPath()
      const left = x(atUs)
      context.moveTo(left - 4, middle - 4); context.lineTo(left + 4, middle + 4)
      context.moveTo(left - 4, middle + 4); context.lineTo(left + 4, middle - 4)
      context.stroke()
    }
  }
}

let drawn = []
const drawMessages = (width) => {
  drawn = []
  for (const message of data.messages) {
    const kind = kindOf(message), above = laneOf.get(message.from), below = laneOf.get(message.to)
    if (!shown.has(kind) || above === undefined || below === undefined) continue
    const down = below > above ? 1 : -1
    const isLost = message.arrivedUs === undefined
    const left = x(message.sentUs), right = isLost ? left + 14 : x(message.arrivedUs)
    if (right < gutter || left > width) continue
    const y1 = above + 4 * down, y2 = isLost ? above + (below - above) * .35 : below - 4 * down
    context.strokeStyle = context.fillStyle = isLost ? colour("fault") : inkOf(kind)
    context.lineWidth = / answer$/.test(message.name) ? 1 : 1.6
    context.setLineDash(isLost ? [3, 3] : [])
    context.beginPath()
    context.moveTo(left, y1)
    context.lineTo(right, y2)
    context.stroke()
    context.setLineDash([])
    const angle = Math.atan2(y2 - y1, right - left), tipSize = 6
    context.beginPath()
    context.moveTo(right, y2)
    context.lineTo(right - tipSize * Math.cos(angle - .4), y2 - tipSize * Math.sin(angle - .4))
    context.lineTo(right - tipSize * Math.cos(angle + .4), y2 - tipSize * Math.sin(angle + .4))
    context.fill()
    drawn.push({ message, left, right, y1, y2 })
  }
}

const drawNames = () => {
  context.fillStyle = colour("panel")
  context.fillRect(0, 0, gutter - 4, height)
  context.fillStyle = colour("ink")
  context.font = "600 12px ui-sans-serif, system-ui, sans-serif"
  for (const [name, middle] of laneOf) context.fillText(name, 14, middle + 4, gutter - 26)
}

// The event that was chosen last.
let marked
const drawMark = () => {
  if (marked === undefined) return
  context.strokeStyle = colour("accent")
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(x(marked), top_ - 6)
  context.lineTo(x(marked), height - bottom)
  context.stroke()
}

const draw = () => {
  const width = canvas.clientWidth, ratio = devicePixelRatio
  canvas.width = width * ratio
  canvas.height = height * ratio
  canvas.style.height = height + "px"
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  drawAxis(width)
  drawBands()
  drawLanes(width)
  drawMessages(width)
  drawBandTexts(width)
  drawMark()
  drawNames()
}

const show = (left, right) => {
  const span = Math.min(end, Math.max(200, right - left))
  from = Math.max(0, Math.min(left, end - span))
  to = from + span
  draw()
}
const zoom = (factor, at) => {
  const span = (to - from) * factor
  show(at - (at - from) * factor, at - (at - from) * factor + span)
}
document.getElementById("in").onclick = () => zoom(.5, (from + to) / 2)
document.getElementById("out").onclick = () => zoom(2, (from + to) / 2)
const showAll = () => show(0, end)
// The faults and what comes right before and after, where they are a small part of the run.
const showFaults = () => {
  const first = Math.min(...data.bands.map((band) => band.fromUs)), last = Math.max(...data.bands.map((band) => band.toUs))
  const around = Math.max(1e6, (last - first) / 10)
  return last - first + 2 * around < end / 2 ? show(first - around, last + around) : showAll()
}
document.getElementById("all").onclick = showAll
document.getElementById("faults").onclick = showFaults
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return
  const by = (to - from) / 4, middle = (from + to) / 2
  const does = {
    ArrowLeft: () => show(from - by, to - by),
    ArrowRight: () => show(from + by, to + by),
    "+": () => zoom(.5, middle),
    "-": () => zoom(2, middle),
    a: showAll,
    f: showFaults
  }[event.key]
  if (does) { event.preventDefault(); does() }
})
canvas.addEventListener("wheel", (event) => {
  event.preventDefault()
  zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, timeAt(event.offsetX))
}, { passive: false })

// Pointing tells what is there; dragging moves.
const distance = (px, py, { left, right, y1, y2 }) => {
  const along = Math.max(0, Math.min(1, ((px - left) * (right - left) + (py - y1) * (y2 - y1)) / ((right - left) ** 2 + (y2 - y1) ** 2 || 1)))
  return Math.hypot(px - left - along * (right - left), py - y1 - along * (y2 - y1))
}
const tellOf = (px, py) => {
  let nearest, best = 7
  for (const one of drawn) {
    const away = distance(px, py, one)
    if (away < best) { best = away; nearest = one.message }
  }
  if (nearest) {
    const arrival = nearest.arrivedUs === undefined ? "never arrives" : "arrives " + clock(nearest.arrivedUs)
    return nearest.name + ", " + nearest.sizeBytes + " bytes\\n" + nearest.from + " → " + nearest.to + "\\nsent " + clock(nearest.sentUs) + ", " + arrival
  }
  const band = data.bands.find((band) => px >= x(band.fromUs) - 3 && px <= Math.max(x(band.toUs), x(band.fromUs) + 3)
    && band.processes.some((process) => Math.abs(py - laneOf.get(process)) < laneHeight / 2))
  return band && band.text
}
let dragged
canvas.onpointerdown = (event) => { dragged = { at: event.offsetX, from, to }; canvas.setPointerCapture(event.pointerId) }
canvas.onpointerup = () => { dragged = undefined }
canvas.onpointermove = (event) => {
  if (dragged) {
    const by = (event.offsetX - dragged.at) / (canvas.clientWidth - gutter - 12) * (dragged.to - dragged.from)
    return show(dragged.from - by, dragged.to - by)
  }
  const text = tellOf(event.offsetX, event.offsetY)
  tip.hidden = !text
  if (!text) return
  tip.textContent = text
  tip.style.left = Math.min(event.offsetX + 14, canvas.clientWidth - tip.offsetWidth - 8) + "px"
  tip.style.top = Math.min(event.offsetY + 14, height - tip.offsetHeight - 8) + "px"
}
canvas.onpointerleave = () => { tip.hidden = true }

const list = document.getElementById("events")
for (const { atUs, text } of data.events) {
  const item = document.createElement("li"), time = document.createElement("time"), words = document.createElement("span")
  time.textContent = clock(atUs)
  words.textContent = text
  if (/^(fault|all faults)/.test(text)) words.className = "fault"
  item.append(time, words)
  item.onclick = () => { marked = atUs; show(atUs - 250000, atUs + 250000); canvas.scrollIntoView({ behavior: "smooth", block: "center" }) }
  list.append(item)
}
addEventListener("resize", draw)
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw)
showFaults()
`
