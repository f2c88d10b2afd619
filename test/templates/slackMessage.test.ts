import fc from 'fast-check'
import { expect, test } from 'vitest'
import { slackMessage } from '../../templates/slackMessage.js'

const hostile = fc.string({ unit: fc.constantFrom('a', '&', '<', '>', '|', '*', '`', '😀', '!', '@'), maxLength: 4000 })

test('whatever stands in a message, it is within the limits of Slack, and nothing in it links or mentions', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const { text: subject, blocks } = slackMessage(text, [
        { type: 'title', tone: 'bad', word: 'Failed', text },
        { type: 'sentence', text },
        { type: 'figures', figures: [{ label: text, value: text, note: text }] },
        { type: 'findings', title: 'Needs attention', findings: [text, text], more: 2 },
        { type: 'next', text, command: text },
        { type: 'report', path: text },
        { type: 'small', text },
      ])
      const texts: { type: string; text: string }[] = []
      JSON.stringify(blocks, (_key, value) => {
        if (typeof value?.text === 'string') texts.push(value)
        return value
      })
      expect(texts).toHaveLength(7)
      expect(subject.length).toBeLessThanOrEqual(3000)
      for (const { type, text: each } of texts) {
        expect(each.length).toBeLessThanOrEqual(type === 'plain_text' ? 150 : 3000)
        if (type === 'mrkdwn') expect(each).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
        // Half a character would be another one in Slack.
        expect(each).not.toMatch(/\p{Surrogate}/u)
      }
    }),
    { numRuns: 200 },
  )
})

test('a report that is served is a link, and no address ends it early', () => {
  const { blocks } = slackMessage('x', [{ type: 'report', path: '/r.html', url: 'https://r.example/a|b>c?d=1&e=2' }])
  expect(blocks).toMatchObject([{ text: { text: '<https://r.example/a%7Cb%3Ec?d=1&amp;e=2|Open the report>' } }])
})
