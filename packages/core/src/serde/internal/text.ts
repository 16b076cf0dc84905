/**
 * UTF-8 as Kafka has it (`protocol/Utf8`), with the runtime's own coder for long text that is well-formed: short text
 * costs less than a call of it, and what is malformed it treats differently.
 *
 * @since 0.1.0
 */
import * as Utf8 from "../../protocol/Utf8.ts"

const shortMaxLength = 64
const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })

/**
 * The UTF-8 bytes of text.
 *
 * @since 0.1.0
 */
export const encode = (text: string): Uint8Array =>
  text.length <= shortMaxLength || !text.isWellFormed() ? Utf8.encode(text) : encoder.encode(text)

/**
 * The text of UTF-8 bytes; what is no UTF-8 reads as U+FFFD.
 *
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array): string => {
  if (bytes.length <= shortMaxLength) return Utf8.read(bytes)
  try {
    return decoder.decode(bytes)
  } catch {
    return Utf8.read(bytes)
  }
}
