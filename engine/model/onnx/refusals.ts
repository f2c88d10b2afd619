/**
 * Why a file cannot be used as a model, in plain words and with what to do. What the bytes themselves tell comes first; the
 * runtime's own sentence is kept as a detail, never parsed for a reason that the file can give.
 */
import { DaybreakError } from '../../protocol/errors.js'
import { elementTypeName, passesThrough } from './elements.js'
import type { OnnxFile } from './onnxFile.js'

const EXPORT_AGAIN = 'Export the model to ONNX and point model.file at that file.'

/** A file of another kind, by how it starts. */
const OTHER_KINDS: readonly (readonly [start: RegExp | string, what: string, next: string])[] = [
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer, not the model itself', 'Run git lfs pull, then try again.'],
  [/^\s*<(!doctype|html|head|body|\?xml)/i, 'a web page, not a model', 'Download the raw file: the link led to a page about it.'],
  ['PK\x03\x04', 'a zip archive (PyTorch and Keras files are such)', EXPORT_AGAIN],
  [/^\x80[^ -~]/, 'a Python pickle (joblib and scikit-learn files are such)', EXPORT_AGAIN],
  ['\x89HDF', 'an HDF5 file (Keras files are such)', EXPORT_AGAIN],
  ['\x1f\x8b', 'compressed with gzip', 'Unpack it first.'],
  [/^....ORTM/s, "a model in onnxruntime's own ORT format", 'Use the ONNX file it was made from.'],
  [/^....TFL3/s, 'a TensorFlow Lite model', EXPORT_AGAIN],
  [/^\s*[[{]/, 'a JSON text', EXPORT_AGAIN],
]

/** @throws ModelUnusable when the bytes are plainly something else than a model */
export function refuseOtherKinds(bytes: Uint8Array, file: string): void {
  if (bytes.length === 0) throw unusable(file, `${file} is empty`, 'Copy or export the model again.')
  const start = Buffer.from(bytes.subarray(0, 512)).toString('latin1')
  const other = OTHER_KINDS.find(([mark]) => (typeof mark === 'string' ? start.startsWith(mark) : mark.test(start)))
  if (other) throw unusable(file, `${file} is ${other[1]}`, other[2])
}

/** Domains whose operators onnxruntime brings along. */
const KNOWN_DOMAINS = /^(|ai\.onnx\.ml|ai\.onnx\.preview|ai\.onnx\.preview\.training|ai\.onnx\.training|com\.microsoft(\..*)?)$/

/** Why the runtime did not take the model: what the file tells, else what the runtime said. */
export function explainRefusal(file: string, onnx: OnnxFile, cause: unknown): DaybreakError {
  if (cause instanceof DaybreakError) return cause
  const said = cause instanceof Error ? cause.message.trim() : String(cause)
  const refuse = (message: string, next: string) => unusable(file, message, next, [`The runtime says: ${said}`], cause)
  for (const [role, values] of [
    ['input', onnx.inputs],
    ['output', onnx.outputs],
  ] as const) {
    const odd = values.find((value) => value.kind === 'tensor' && !passesThrough(value.elementType))
    if (odd) {
      const type = elementTypeName(odd.elementType)
      return refuse(
        `${file}: ${role} ${JSON.stringify(odd.name)} is of ${type}, which cannot be used from Node`,
        `Export the model with float32 instead of ${type}.`,
      )
    }
  }
  const foreign = [...onnx.operators].filter((name) => !onnx.functions.has(name) && !KNOWN_DOMAINS.test(name.slice(0, name.indexOf(':'))))
  if (foreign.length > 0) {
    const names = foreign.map((name) => `${name.slice(name.indexOf(':') + 1)} of ${name.slice(0, name.indexOf(':'))}`)
    return refuse(
      `${file} needs operators that onnxruntime does not have: ${names.join(', ')}`,
      'Export the model with standard operators only.',
    )
  }
  if (onnx.operators.has(':StringNormalizer') && /locale/i.test(said)) {
    return refuse(
      `${file} works on text (StringNormalizer), and this machine lacks the locale it asks for`,
      'Install the locale, usually en_US.UTF-8 (on Debian: the package locales-all), then try again.',
    )
  }
  const versions = opsetText(onnx)
  return refuse(
    `${file} was refused by onnxruntime: ${said}`,
    `Export it again and try it with onnxruntime where it is made; its operator sets are ${versions}.`,
  )
}

/** `ai.onnx 15, ai.onnx.ml 1`. */
export const opsetText = (onnx: OnnxFile): string =>
  [...new Set(onnx.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`))].join(', ')

/** A `ModelUnusable` about a file. */
export function unusable(file: string, message: string, next: string, details: readonly string[] = [], cause?: unknown): DaybreakError {
  return new DaybreakError('ModelUnusable', message, { next, details, place: { file }, cause })
}
