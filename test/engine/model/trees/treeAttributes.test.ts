import protobuf from 'protobufjs/minimal.js'
import { expect, test } from 'vitest'
import { LEAF, LESS, readTreeAttributes } from '../../../../engine/model/trees/treeAttributes.js'

const field = (number: number, bytes: Uint8Array) =>
  protobuf.Writer.create()
    .uint32((number << 3) | 2)
    .bytes(bytes)
    .finish()
const named = (name: string, write: (writer: protobuf.Writer) => protobuf.Writer) =>
  write(protobuf.Writer.create().uint32(10).string(name)).finish()

/** A model of one node with some attributes. */
function modelOf(operator: string, ...attributes: readonly Uint8Array[]): Uint8Array {
  const node = Buffer.concat([protobuf.Writer.create().uint32(34).string(operator).finish(), ...attributes.map((one) => field(5, one))])
  return field(7, field(1, node))
}

const packedNumbers = named('nodes_featureids', (writer) =>
  writer.uint32(66).bytes(protobuf.Writer.create().int32(7).int32(-1).int32(300).finish()),
)
const singleNumbers = named('nodes_featureids', (writer) => writer.uint32(64).int32(7).uint32(64).int32(-1).uint32(64).int32(300))
const packedFloats = named('nodes_values', (writer) => writer.uint32(58).bytes(protobuf.Writer.create().float(0.5).float(-2).finish()))
const singleFloats = named('nodes_values', (writer) => writer.uint32(61).float(0.5).uint32(61).float(-2))

test('lists read the same packed or value by value', () => {
  const read = [
    readTreeAttributes(modelOf('TreeEnsembleRegressor', packedNumbers, packedFloats), 'TreeEnsembleRegressor'),
    readTreeAttributes(modelOf('TreeEnsembleRegressor', singleNumbers, singleFloats), 'TreeEnsembleRegressor'),
  ]
  for (const { numbers, floats } of read) {
    expect([...numbers.get('nodes_featureids')!]).toEqual([7, -1, 300])
    expect([...floats.get('nodes_values')!]).toEqual([0.5, -2])
  }
})

test('modes are places among those that are known, -1 for any other; a text is a text', () => {
  const modes = named('nodes_modes', (writer) =>
    ['LEAF', 'BRANCH_LT', 'BRANCH_EQ'].reduce((all, mode) => all.uint32(74).string(mode), writer),
  )
  const text = named('post_transform', (writer) => writer.uint32(34).string('NONE'))
  const { modes: found, texts } = readTreeAttributes(modelOf('TreeEnsembleRegressor', modes, text), 'TreeEnsembleRegressor')
  expect([...found]).toEqual([LEAF, LESS, -1])
  expect(texts.get('post_transform')).toBe('NONE')
})

test('nodes of other operators are passed over', () => {
  const { numbers, floats } = readTreeAttributes(modelOf('Scaler', packedNumbers, packedFloats), 'TreeEnsembleRegressor')
  expect([numbers.size, floats.size]).toEqual([0, 0])
})
