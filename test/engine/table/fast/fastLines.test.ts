import { expect, test } from 'vitest'
import { FastFields } from '../../../../engine/table/fast/fastFields.js'
import { FastLines, lineBytes } from '../../../../engine/table/fast/fastLines.js'
import { float32Text } from '../../../../engine/table/numberText.js'

test('float32 as bytes is the shortest text that reads back', () => {
  const capacity = 4096
  const pieces = [{ kind: 'score' }, { kind: 'literal', text: '\n' }] as const
  const options = {
    width: 1,
    positions: [0],
    format: { kind: 'csv', delimiter: ',' } as const,
    capacity,
    more: lineBytes(capacity, pieces),
    windowBytes: 1 << 16,
  }
  const fields = new FastFields(options)
  const lines = new FastLines(fields, pieces)
  fields.bytes.fill('x\n', fields.from, fields.from + 2 * capacity)
  fields.split(capacity, fields.from, fields.from + 2 * capacity, true, 1)
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  const bits = new Uint32Array(lines.score.buffer, lines.score.byteOffset, capacity)
  let byHand = 0
  for (let round = 0; round < 250; round += 1) {
    for (let record = 0; record < capacity; record += 1) {
      const which = record % 6
      if (which === 0) bits[record] = random()
      else if (which === 1) lines.score[record] = random() / 2 ** 32
      else if (which === 2) lines.score[record] = Math.round((random() / 2 ** 32) * 10 ** (1 + (round % 9))) / 10 ** (1 + (round % 9))
      else if (which === 3) lines.score[record] = (random() % 4096) / 4096
      else if (which === 4) lines.score[record] = (random() / 2 ** 31 - 1) * 10 ** (round % 10)
      else lines.score[record] = random() % 20_000_000
    }
    const written: Buffer[] = []
    const sink = (full: Buffer) => written.push(Buffer.from(full))
    lines.write(sink, true, (record) => {
      byHand += 1
      const text = `${float32Text(lines.score[record]!)}\n`
      return { full: text, steady: text }
    })
    lines.flush(sink)
    const texts = Buffer.concat(written).toString().split('\n')
    for (let record = 0; record < capacity; record += 1) {
      const expected = float32Text(lines.score[record]!)
      if (texts[record] !== expected) expect([lines.score[record], texts[record]]).toEqual([lines.score[record], expected])
    }
  }
  // Most of the random bits need an exponent; of all others next to none is left to the hand.
  expect(byHand).toBeLessThan(0.3 * 250 * capacity)
})
