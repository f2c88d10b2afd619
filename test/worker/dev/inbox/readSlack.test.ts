import { expect, test } from 'vitest'
import { renderSample } from '../../../../templates/sampleMessages.js'
import { readSlack } from '../../../../worker/dev/inbox/readSlack.js'

test('a message of ours is read as it was written: its subject, and its blocks in their order', () => {
  const { slack, subject } = renderSample('success', { info: { name: 'churn' }, key: 'the key', indexPath: '/index.html' })
  const read = readSlack(JSON.stringify(slack))!
  expect(read.subject).toBe(subject)
  expect(read.parts.length).toBe(slack.blocks.length)
  expect(read.parts[0]).toMatchObject({ style: 'header' })
  expect(JSON.stringify(read.parts.at(-1))).toContain('the key')
})

test('a message without blocks is its text, and its subject the first line of that', () => {
  expect(readSlack('{"text":"one &lt;&amp; two\\nmore"}')).toEqual({
    subject: 'one <& two',
    parts: [{ style: 'body', texts: ['one &lt;&amp; two\nmore'] }],
  })
})

test.each(['', 'no json', '[]', 'null', '{"text":1}', '{}'])('%j is no message', (body) => {
  expect(readSlack(body)).toBeUndefined()
})

test('what cannot be read as a block is passed over, not thrown at', () => {
  const blocks = [1, null, {}, { text: 'flat' }, { elements: 'no list' }, { text: { text: 2 } }, { fields: [null, { text: 'kept' }] }]
  expect(readSlack(JSON.stringify({ text: 'x', blocks }))?.parts).toEqual([{ style: 'fields', texts: ['kept'] }])
})
