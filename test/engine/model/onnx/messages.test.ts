import fc from 'fast-check'
import protobuf from 'protobufjs/minimal.js'
import { expect, test } from 'vitest'
import { int, message, readFields, readPair, text } from '../../../../engine/model/onnx/messages.js'

test('the fields that are asked for are read, and all others are passed over with their places', () => {
  const bytes = protobuf.Writer.create()
    .uint32(10)
    .string('a')
    .uint32(16)
    .int64(7)
    .uint32(26)
    .bytes(Buffer.from('xy'))
    .uint32(10)
    .string('b')
    .finish()
  const seen: unknown[] = []
  const others: string[] = []
  readFields(bytes, { 1: text((value) => seen.push(value)), 2: int((value) => seen.push(value)) }, (start, end) =>
    others.push(Buffer.from(bytes.subarray(start + 2, end)).toString()),
  )
  expect(seen).toEqual(['a', 7, 'b'])
  expect(others).toEqual(['xy'])
})

test('a field of another wire type than it should have is not read', () => {
  const bytes = protobuf.Writer.create().uint32(8).int32(5).finish()
  readFields(bytes, { 1: message(() => expect.unreachable()) })
})

test('of whatever bytes the fields follow each other from the first byte on, to the last or to where they are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const places: [start: number, end: number][] = []
      let whole = true
      try {
        readFields(bytes, {}, (...place) => places.push(place))
      } catch {
        whole = false
      }
      for (const [index, [start, end]] of places.entries()) {
        expect(start).toBe(places[index - 1]?.[1] ?? 0)
        expect(end).toBeGreaterThan(start)
      }
      if (whole) expect(places.at(-1)?.[1] ?? 0).toBe(bytes.length)
    }),
    { numRuns: 1000 },
  )
})

test('a pair is a key and its value, either of which may be missing', () => {
  const pair = (write: (writer: protobuf.Writer) => protobuf.Writer) => readPair(write(protobuf.Writer.create()).finish())
  expect(pair((writer) => writer.uint32(10).string('k').uint32(18).string('v'))).toEqual(['k', 'v'])
  expect(pair((writer) => writer.uint32(18).string('v'))).toEqual(['', 'v'])
})
