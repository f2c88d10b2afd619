import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importSource } from '../../../engine/loader/importSource.js'
import { projectOf } from './definitions.js'

test('a module in TypeScript gives its exports, with what it imports beside it', async () => {
  const root = await projectOf({
    'rows.ts': "import { header } from './header'\nexport const rows = (count: number): string => header + '\\n1'.repeat(count)\n",
    'header.ts': "export const header: string = 'id'\n",
  })
  const { rows } = (await importSource(join(root, 'rows.ts'))) as { rows: (count: number) => string }
  expect(rows(2)).toBe('id\n1\n1')
})

test('a module that changed is read anew; one that does not compile says where', async () => {
  const root = await projectOf({ 'module.ts': 'export const value = 1' })
  const file = join(root, 'module.ts')
  expect((await importSource(file)).value).toBe(1)
  await writeFile(file, 'export const value = 2')
  expect((await importSource(file)).value).toBe(2)
})
