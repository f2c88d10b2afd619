/** The fast way of lines of JSON is held against the strict one, which has the word. */
import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../../definition/columns.js'
import { formatOf } from '../../../../engine/table/format.js'
import { temporaryFolder } from '../../../setup/temporaryFolder.js'
import { both, seen } from '../fastAndStrict.js'

const folder = temporaryFolder()
const jsonColumns: AnyColumns = {
  id: column.text({ maxLength: 8 }),
  x: column.number({ from: 'features.x', min: -5, max: 1000, nullable: true, nullValues: ['-1'] }),
  n: column.integer({ from: 'features.n', max: 50 }),
  d: column.date({ max: 'data-date', nullable: true }),
  b: column.boolean({ true: ['yes', '1'], false: ['no', '0'], nullable: true }),
  c: column.category(['a', 'ü', 'b b'], { nullable: true }),
}
const jsonFormat = formatOf({ format: 'jsonl', columns: jsonColumns })

/** Values as they are written, good ones and others. */
const jsonValues: Readonly<Record<string, fc.Arbitrary<string>>> = {
  id: fc.constantFrom(
    '"k"',
    '"k1"',
    '"日本"',
    '""',
    '" "',
    '"a,b"',
    '"a\\"b"',
    '"\\u0041"',
    '12',
    '-0',
    '1.5',
    '01',
    'null',
    '"k',
    '[1]',
    '{}',
    '"\u0001"',
  ),
  x: fc.constantFrom(
    '1',
    '-1',
    '2.50',
    '0.1',
    '1e3',
    '1001',
    '-5',
    '""',
    '"1"',
    'null',
    '0.0000001',
    '0.000001',
    '123456789012345678',
    '-0',
    '-0.5',
    '5.',
    '.5',
    '+1',
    '007',
    'true',
  ),
  n: fc.constantFrom('1', '50', '51', '3.0', '3.5', 'null', '"7"', '-7', '1E1', '9007199254740993'),
  d: fc.constantFrom('"2026-03-03"', '"2026-03-04"', '"2024-02-30"', 'null', '20260303', '""'),
  b: fc.constantFrom('true', 'false', '"yes"', '"no"', '1', '0', 'null', 'tru', '"ja"'),
  c: fc.constantFrom('"a"', '"ü"', '"b b"', '"b"', 'null', '1', '" a"'),
  more: fc.constantFrom('1', '"x"', 'null', 'true', '{"y":1.50}', '[1,2]', '1e400', '-', '"\\n"', '{"x":1,"x":2}'),
}
const goodJson: Readonly<Record<string, string>> = { id: '"k"', x: '1.5', n: '7', d: '"2026-01-31"', b: 'true', c: '"a"', more: '"x"' }

/** A line whose pattern most others fit. */
const GOOD_LINE = '{"id":"k","features":{"x":1.5,"n":7},"d":"2026-01-31","b":true,"c":"a","more":"x"}'

test('lines of JSON: every record, line, cell, value and refusal', async () => {
  const line = fc
    .record({
      odd: fc.record(jsonValues),
      which: fc.oneof(
        { weight: 6, arbitrary: fc.constant<string[]>([]) },
        { weight: 4, arbitrary: fc.array(fc.constantFrom(...Object.keys(jsonValues)), { maxLength: 2 }) },
      ),
      form: fc.constantFrom(...new Array<'plain'>(20).fill('plain'), 'spaced', 'flat', 'swapped', 'extra', 'doubled', 'cut'),
    })
    .map(({ odd, which, form }) => {
      const value = (name: string) => (which.includes(name) ? odd[name]! : goodJson[name]!)
      const [comma, colon] = form === 'spaced' ? [', ', ': '] : [',', ':']
      const pair = (name: string, written = value(name)) => `"${name}"${colon}${written}`
      const nested = `"features"${colon}{${[pair('x'), pair('n')].join(comma)}}`
      const features = form === 'flat' ? [pair('features.x', value('x')), pair('features.n', value('n'))].join(comma) : nested
      const pairs = [pair('id'), features, pair('d'), pair('b'), pair('c'), pair('more')]
      if (form === 'swapped') pairs.reverse()
      if (form === 'extra') pairs.push('"z":0')
      if (form === 'doubled') pairs.push(pair('id'))
      const text = `{${pairs.join(comma)}}`
      return form === 'cut' ? text.slice(0, -1) : text
    })
  const files = fc.record({
    lines: fc
      .tuple(fc.array(line, { minLength: 12, maxLength: 39 }), fc.boolean())
      .map(([lines, good]) => (good ? [GOOD_LINE, ...lines] : lines)),
    ends: fc.array(fc.constantFrom(...new Array<'\n'>(12).fill('\n'), '\r\n', '\n\n', ' \n', '\r\r\n'), { minLength: 40, maxLength: 40 }),
    last: fc.boolean(),
    capacity: fc.integer({ min: 1, max: 6 }),
    window: fc.integer({ min: 0, max: 600 }),
    change: fc.option(fc.tuple(fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.constantFrom(10, 34, 44, 48, 58, 92, 123, 125))),
  })
  const before = { ...seen }
  await fc.assert(
    fc.asyncProperty(files, async ({ lines, ends, last, capacity, window, change }) => {
      const content = Buffer.from(lines.map((one, index) => `${one}${index === lines.length - 1 && !last ? '' : ends[index]}`).join(''))
      if (change) content[Math.floor(change[0] * content.length)] = change[1]
      fc.pre(isUtf8(content))
      const longest = Math.max(
        ...content
          .toString()
          .split('\n')
          .map((one) => Buffer.byteLength(one)),
      )
      const cut = { capacity, targetRecords: capacity, windowBytes: longest + 4 + window }
      const { strict, fast } = await both(folder.path('in.csv'), content, jsonColumns, jsonFormat, cut)
      expect(fast).toEqual(strict)
    }),
    { numRuns: 1500 },
  )
  expect([seen.plain - before.plain, seen.careful - before.careful, seen.refused - before.refused].map((many) => many > 1000)).toEqual([
    true,
    true,
    true,
  ])
}, 120_000)
