/**
 * Walks the messages of an ONNX file field by field, as protobuf lays them out, for whoever reads a few of them or writes a file anew.
 * Nothing here trusts a length in the file, and what nobody asks for is skipped unread.
 */
import protobuf from 'protobufjs/minimal.js'

/** Protobuf wire types. */
export const VARINT = 0
export const BYTES = 2
export const FIXED32 = 5

/** TensorProto.DataType of float32. */
export const FLOAT = 1

type Reader = protobuf.Reader
/** What to do with a field, by field number; a field of another wire type, or not named, is skipped. */
export type Fields = Readonly<Record<number, readonly [wire: number, read: (reader: Reader, start: number) => void]>>

/** Walks the fields of one message. @throws any error when the bytes are no message */
export function readFields(bytes: Uint8Array, fields: Fields, other?: (start: number, end: number) => void): void {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.uint32()
    const field = fields[tag >>> 3]
    if (field && field[0] === (tag & 7)) field[1](reader, start)
    else {
      reader.skipType(tag & 7, 0, tag >>> 3)
      other?.(start, reader.pos)
    }
  }
}

/** These read a field of a type and hand it to `set`. */
export const text = (set: (value: string) => void): Fields[number] => [BYTES, (reader) => set(reader.string())]
export const int = (set: (value: number) => void): Fields[number] => [VARINT, (reader) => set(Number(String(reader.int64())))]
export const message = (set: (bytes: Uint8Array) => void): Fields[number] => [BYTES, (reader) => set(reader.bytes())]

/** The field numbers of onnx.proto that Daybreak reads or writes. */
export const FIELD = {
  modelGraph: 7,
  graphNode: 1,
  graphName: 2,
  graphWeights: 5,
  graphInput: 11,
  graphOutput: 12,
  graphSparseWeights: 15,
} as const

/** Reads a key and its value, as metadata and places of weights are written. */
export function readPair(bytes: Uint8Array): [key: string, value: string] {
  const pair: [string, string] = ['', '']
  readFields(bytes, {
    1: text((value) => {
      pair[0] = value
    }),
    2: text((value) => {
      pair[1] = value
    }),
  })
  return pair
}
