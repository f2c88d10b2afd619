import { expect, test } from 'vitest'
import { build, dismissBundler } from '../../../engine/loader/bundler.js'

const bundle = async (text: string) => {
  const { outputFiles } = await build({ stdin: { contents: text, loader: 'ts' }, write: false })
  return outputFiles[0]?.text
}

test('whoever sends the bundler away leaves no build unanswered, and the next build has one', async () => {
  const building = Promise.all([bundle('let one: number = 1'), bundle('let two: number = 2')])
  await dismissBundler()
  expect(await building).toEqual(['let one = 1;\n', 'let two = 2;\n'])
  await dismissBundler()
  expect(await bundle('let three: number = 3')).toBe('let three = 3;\n')
})

test('a build that fails counts as answered', async () => {
  await expect(build({ stdin: { contents: 'let let' }, write: false, logLevel: 'silent' })).rejects.toThrow('let')
  await dismissBundler()
  expect(await bundle('1')).toBe('1;\n')
})
