import { expect, test } from 'vitest'
import { ERRORS, EXIT } from '../../../engine/protocol/errorTable.js'

test('every entry has an exit code of the contract, a title without a full stop and a next step with one', () => {
  for (const { exitCode, title, next } of Object.values(ERRORS)) {
    expect(Object.values(EXIT)).toContain(exitCode)
    expect(title).toMatch(/[^.]$/)
    expect(next).toMatch(/\.$/)
  }
})
