/** Writes a model anew in memory with some fields of its graph changed; all others keep their bytes. */
import protobuf from 'protobufjs/minimal.js'
import { BYTES, FIELD, type Fields, FLOAT, readFields } from './messages.js'

/** Writes the model with another graph. @param change the new fields of the graph, in order */
export function withGraph(bytes: Uint8Array, change: (graph: Uint8Array) => readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = []
  const graph: Fields[number] = [
    BYTES,
    (reader) => {
      const changed = change(reader.bytes())
      const length = changed.reduce((sum, part) => sum + part.length, 0)
      parts.push(head(FIELD.modelGraph).uint32(length).finish(), ...changed)
    },
  ]
  readFields(bytes, { [FIELD.modelGraph]: graph }, (start, end) => parts.push(bytes.subarray(start, end)))
  return Buffer.concat(parts)
}

const head = (number: number) => protobuf.Writer.create().uint32((number << 3) | BYTES)

/** Writes a field that holds a message. */
export const field = (number: number, bytes: Uint8Array): Uint8Array => head(number).bytes(bytes).finish()

/** Writes a ValueInfoProto of a float tensor whose shape the runtime works out. */
export function floatTensor(name: string): Uint8Array {
  const tensor = protobuf.Writer.create().uint32(8).int32(FLOAT).finish()
  return protobuf.Writer.create().uint32(10).string(name).uint32(18).bytes(field(1, tensor)).finish()
}
