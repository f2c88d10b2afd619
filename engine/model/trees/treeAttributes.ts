/**
 * Reads the attributes of an ensemble of trees as an ONNX file has them: lists of numbers by name, of which there may be millions. They go
 * into typed arrays as they come; what they mean is for `layOutTrees.ts` and `treeEnsemble.ts`.
 */
import protobuf from 'protobufjs/minimal.js'
import { BYTES, FIELD, FIXED32, readFields, VARINT } from '../onnx/messages.js'

/** What is read of a node: lists of numbers by attribute, texts but for modes, and the modes of the nodes. */
export interface TreeAttributes {
  readonly numbers: Map<string, Int32Array>
  readonly floats: Map<string, Float32Array>
  readonly texts: Map<string, string>
  /** Indexes into `MODES`; -1 for another one. */
  modes: Int8Array
}

export const NO_NUMBERS = new Int32Array()
export const NO_FLOATS = new Float32Array()

const MODES = ['LEAF', 'BRANCH_LEQ', 'BRANCH_LT'].map((mode) => Buffer.from(mode))
/** Places among the modes, for those that are asked for one by one. */
export const LEAF = 0
export const LESS = 2

/** Reads the attributes of the node of this operator. */
export function readTreeAttributes(bytes: Uint8Array, operator: string): TreeAttributes {
  const found: TreeAttributes = { numbers: new Map(), floats: new Map(), texts: new Map(), modes: new Int8Array() }
  const node = (part: Uint8Array) => {
    let name = ''
    const setName = (reader: protobuf.Reader) => {
      name = reader.string()
    }
    readFields(part, { 4: [BYTES, setName] })
    if (name === operator) readFields(part, { 5: [BYTES, (reader) => readAttribute(reader.bytes(), found)] })
  }
  const graph = (reader: protobuf.Reader) => readFields(reader.bytes(), { [FIELD.graphNode]: [BYTES, (inner) => node(inner.bytes())] })
  readFields(bytes, { [FIELD.modelGraph]: [BYTES, graph] })
  return found
}

/** Reads one attribute. Lists stand packed or value by value: both are legal, and there may be millions. */
function readAttribute(part: Uint8Array, found: TreeAttributes): void {
  const name = nameOf(part)
  if (name === 'nodes_hitrates') return
  let numbers = NO_NUMBERS
  let floats = NO_FLOATS
  let modes = new Int8Array()
  let [count, texts, text] = [0, 0, '']
  const reader = protobuf.Reader.create(part)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const field = tag >>> 3
    const wire = tag & 7
    if ((field === 3 || field === 8) && wire === VARINT) {
      // The array has room for all there can be, and is made when the first one is seen.
      if (count === 0) numbers = new Int32Array(part.length >> 1)
      numbers[count++] = reader.int32()
    } else if ((field === 2 || field === 7) && wire === FIXED32) {
      if (count === 0) floats = new Float32Array(part.length >> 2)
      floats[count++] = reader.float()
    } else if (field === 9 && wire === BYTES && name === 'nodes_modes') {
      if (count === 0) modes = new Int8Array(part.length >> 1)
      const length = reader.uint32()
      modes[count++] = modeOf(part, reader.pos, length)
      reader.skip(length)
    } else if ((field === 4 || field === 9) && wire === BYTES) {
      text = reader.string()
      texts += 1
    } else if (field === 8 && wire === BYTES) {
      const length = reader.uint32()
      numbers = new Int32Array(Math.min(length, part.length))
      for (const end = reader.pos + length; reader.pos < end; ) numbers[count++] = reader.int32()
    } else if (field === 7 && wire === BYTES) {
      const length = reader.uint32()
      floats = new Float32Array(Math.min(length, part.length) >> 2)
      for (const end = reader.pos + length; reader.pos < end; ) floats[count++] = reader.float()
    } else reader.skipType(wire, 0, field)
  }
  if (numbers.length > 0) found.numbers.set(name, numbers.subarray(0, count))
  if (floats.length > 0) found.floats.set(name, floats.subarray(0, count))
  if (name === 'nodes_modes') found.modes = modes.subarray(0, count)
  else if (name === 'classlabels_strings') found.numbers.set(name, new Int32Array(texts))
  else if (texts === 1) found.texts.set(name, text)
}

/** Reads the name of an attribute, which comes first. */
function nameOf(part: Uint8Array): string {
  const reader = protobuf.Reader.create(part)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === ((1 << 3) | BYTES)) return reader.string()
    reader.skipType(tag & 7, 0, tag >>> 3)
  }
  return ''
}

function modeOf(bytes: Uint8Array, at: number, length: number): number {
  for (let mode = 0; mode < MODES.length; mode += 1) {
    const name = MODES[mode]!
    let same = name.length
    if (same === length) while (same > 0 && name[same - 1] === bytes[at + same - 1]) same -= 1
    if (same === 0) return mode
  }
  return -1
}
