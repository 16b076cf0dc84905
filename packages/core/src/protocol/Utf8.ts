/**
 * Strings as Kafka writes and reads them: UTF-8 with Java's treatment of what is not UTF-8.
 *
 * Keeps true: reading never fails (each malformed piece becomes one U+FFFD, counted as Java counts), a leading BOM
 * stays, and a lone surrogate is written as `?`. A `TextDecoder` differs in all three.
 * Leaves to others: lengths and limits.
 *
 * @since 0.1.0
 */

const replacement = 0xfffd

/**
 * How many bytes a string takes.
 *
 * @since 0.1.0
 */
export const byteLength = (text: string): number => {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else if (unit < 0xd800 || unit > 0xdfff) length += 2
    else if (isPair(text, i)) {
      length += 2
      i++
    }
  }
  return length
}

const isPair = (text: string, i: number): boolean => {
  if (text.charCodeAt(i) > 0xdbff) return false
  const next = text.charCodeAt(i + 1)
  return next >= 0xdc00 && next <= 0xdfff
}

/**
 * Writes a string into `bytes` from `at` on, where there must be room for `byteLength(text)`; returns the end.
 *
 * @since 0.1.0
 */
export const write = (text: string, bytes: Uint8Array, at: number): number => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes[at++] = unit
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else if (isPair(text, i)) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff)
      bytes[at++] = 0xf0 | (point >> 18)
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
      bytes[at++] = 0x80 | (point & 0x3f)
    } else bytes[at++] = 0x3f
  }
  return at
}

/**
 * The bytes of a string.
 *
 * @since 0.1.0
 */
export const encode = (text: string): Uint8Array => {
  const bytes = new Uint8Array(byteLength(text))
  write(text, bytes, 0)
  return bytes
}

/**
 * The string in `bytes[start, end)`.
 *
 * @since 0.1.0
 */
export const read = (bytes: Uint8Array, start = 0, end = bytes.length): string => {
  for (let i = start; i < end; i++) if (bytes[i]! > 0x7f) return readGeneral(bytes, start, end)
  return readAscii(bytes, start, end)
}

// Measured: up to about 64 bytes a call of eight characters at a time beats the decoder's fixed cost of 100 ns.
const decoderBytesMin = 64
const asciiDecoder = new TextDecoder("latin1")

const readAscii = (bytes: Uint8Array, start: number, end: number): string => {
  if (end - start >= decoderBytesMin) return asciiDecoder.decode(bytes.subarray(start, end))
  let text = ""
  let i = start
  for (; i + 8 <= end; i += 8) {
    text += String.fromCharCode(
      bytes[i]!,
      bytes[i + 1]!,
      bytes[i + 2]!,
      bytes[i + 3]!,
      bytes[i + 4]!,
      bytes[i + 5]!,
      bytes[i + 6]!,
      bytes[i + 7]!
    )
  }
  for (; i < end; i++) text += String.fromCharCode(bytes[i]!)
  return text
}

const unitsPerCall = 4096

const fromUnits = (units: Uint16Array): string => {
  let text = ""
  for (let i = 0; i < units.length; i += unitsPerCall) {
    text += Reflect.apply(String.fromCharCode, undefined, units.subarray(i, i + unitsPerCall))
  }
  return text
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80

/** How many bytes of a malformed sequence of three one replacement stands for. */
const malformed3 = (lead: number, second: number): number =>
  (lead === 0xe0 && (second & 0xe0) === 0x80) || !isContinuation(second) ? 1 : 2

/** Whether the second byte can't follow the lead of a sequence of four. */
const isMalformed4Second = (lead: number, second: number): boolean =>
  lead > 0xf4 || (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && (second & 0xf0) !== 0x80) ||
  !isContinuation(second)

// Follows the decoder of java.lang.String step by step: what it takes at the end of the input differs from the middle.
const readGeneral = (bytes: Uint8Array, start: number, end: number): string => {
  const units = new Uint16Array(end - start)
  let length = 0
  let at = start
  while (at < end) {
    const lead = bytes[at]!
    if (lead < 0x80) {
      units[length++] = lead
      at++
    } else if (lead >= 0xc2 && lead <= 0xdf) {
      if (at + 1 < end && isContinuation(bytes[at + 1]!)) {
        units[length++] = ((lead & 0x1f) << 6) | (bytes[at + 1]! & 0x3f)
        at += 2
      } else {
        units[length++] = replacement
        at++
      }
    } else if (lead >= 0xe0 && lead <= 0xef) {
      at += read3(bytes, at, end, lead, units, length++)
    } else if (lead >= 0xf0 && lead <= 0xf7) {
      const point = point4(bytes, at, end, lead)
      if (point < 0) {
        units[length++] = replacement
        at -= point
      } else {
        units[length++] = 0xd800 + ((point - 0x10000) >> 10)
        units[length++] = 0xdc00 + (point & 0x3ff)
        at += 4
      }
    } else {
      units[length++] = replacement
      at++
    }
  }
  return fromUnits(units.subarray(0, length))
}

/** Puts what a sequence of three stands for, and returns how many bytes it takes. */
const read3 = (bytes: Uint8Array, at: number, end: number, lead: number, units: Uint16Array, index: number): number => {
  units[index] = replacement
  if (at + 2 >= end) {
    return at + 1 < end && malformed3(lead, bytes[at + 1]!) === 1 ? 1 : end - at
  }
  const second = bytes[at + 1]!
  const third = bytes[at + 2]!
  if (malformed3(lead, second) === 1) return 1
  if (!isContinuation(third)) return 2
  const unit = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
  if (unit < 0xd800 || unit > 0xdfff) units[index] = unit
  return 3
}

/** The code point of a sequence of four, or minus the number of bytes that one replacement stands for. */
const point4 = (bytes: Uint8Array, at: number, end: number, lead: number): number => {
  if (lead > 0xf4) return -1
  if (at + 1 >= end) return -1
  const second = bytes[at + 1]!
  if (isMalformed4Second(lead, second)) return -1
  if (at + 2 >= end) return -2
  const third = bytes[at + 2]!
  if (!isContinuation(third)) return -2
  if (at + 3 >= end) return -3
  const fourth = bytes[at + 3]!
  if (!isContinuation(fourth)) return -3
  return ((lead & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f)
}
