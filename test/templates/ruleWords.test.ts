import { expect, test } from 'vitest'
import { REJECT_RULES } from '../../engine/protocol/rejectRules.js'
import { ruleWords } from '../../templates/ruleWords.js'

test.each(REJECT_RULES)('%s is told in words', (rule) => {
  expect(ruleWords(rule)).not.toBe(rule)
  expect(ruleWords(rule)).toMatch(/^[a-z].* /)
})
