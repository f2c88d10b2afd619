import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Kernel, LineCounter } from '../../../../engine/table/fast/kernel.js'

test('lines and records are counted as somebody would by hand, up to a limit', () => {
  const counter = new LineCounter(1 << 12)
  const lines = fc.array(fc.constantFrom('', '\r', 'a', '{"x":1}', 'ü'.repeat(40)), { maxLength: 30 })
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 40 }), fc.nat(50), (all, limit, start) => {
      const bytes = Buffer.from(all.map((line) => `${line}\n`).join(''))
      counter.memory.set(bytes, start)
      const stopped = counter.count(start, start + bytes.length, limit)
      const isRecord = (line: string) => line.replace(/\r$/, '') !== ''
      const passed = bytes
        .subarray(0, stopped - start)
        .toString()
        .split('\n')
        .slice(0, -1)
      expect(counter.lines).toBe(passed.length)
      expect(counter.records).toBe(passed.filter(isRecord).length)
      const inAll = all.filter(isRecord).length
      expect(counter.records).toBe(Math.min(limit, inAll))
      if (inAll <= limit) expect(stopped - start).toBe(bytes.length)
    }),
    { numRuns: 1000 },
  )
})

test('what is placed is found where it was placed, whatever comes after it', () => {
  const kernel = new Kernel(1 << 12)
  const bytes = kernel.place(Buffer.from('abc'))
  const floats = kernel.placeFloats([0.5, -1])
  const texts = kernel.placeTexts(['ü', '', 'yes'])
  kernel.place(Buffer.alloc(100, 0xff))
  expect(Buffer.from(kernel.bytesAt(bytes, 3)).toString()).toBe('abc')
  expect([...kernel.floatsAt(floats, 2)]).toEqual([0.5, -1])
  const list = kernel.integersAt(texts, 6)
  const found = [0, 1, 2].map((index) => Buffer.from(kernel.bytesAt(list[2 * index + 1]!, list[2 * index]!)).toString())
  expect(found).toEqual(['ü', '', 'yes'])
})
