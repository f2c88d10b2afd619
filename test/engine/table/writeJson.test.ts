import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLine } from '../../../engine/table/writeJson.js'

test('a line is one object, with any names in their order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.array(fc.jsonValue()), (names, values) => {
      fc.pre(!names.includes('__proto__'))
      const shown = names.map((_, index) => JSON.stringify(values[index] ?? null))
      const line = jsonLine(names, shown)
      expect(line.match(/\n/g)).toHaveLength(1)
      expect(JSON.parse(line)).toEqual(Object.fromEntries(names.map((name, index) => [name, JSON.parse(shown[index]!)])))
    }),
  )
  expect(jsonLine(['b', 'a'], ['1', '"x"'])).toBe('{"b":1,"a":"x"}\n')
})
