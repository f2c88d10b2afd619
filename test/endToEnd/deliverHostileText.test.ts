/**
 * Text that wants to be more than text stands in every place that a file or a definition can put it: it must stay text wherever people
 * read it.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { openInboxes } from '../../worker/dev/inbox/inboxes.js'
import { DATE, install } from '../setup/installation.js'

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '<!channel> <http://evil.example|click>',
  '\u001b[2J\u001b[31mred',
  '\u202eexe.txt\u200b',
  "=cmd|'/c calc'!A0",
  '__proto__',
  `long ${'x'.repeat(5000)}`,
]
const UNSEEN = ['\u001b', '\u202e', '\u200b']
const WORDS = JSON.stringify(HOSTILE.slice(0, 5).join(' '))

const unseenIn = (text: string) => UNSEEN.filter((sign) => text.includes(sign))

describe.concurrent('hostile text', () => {
  test('in cells, keys, headers and a definition reaches pages, messages, terminal and log as text', {
    timeout: 60_000,
  }, async (context) => {
    const inboxes = await openInboxes()
    context.onTestFinished(() => inboxes.stop())
    const channels = "[{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }, { channel: 'email' }]"
    const here = await install(
      context,
      `description: ${WORDS}, owner: ${WORDS}, notify: { success: ${channels}, anomaly: ${channels} }, input: { ...base.input, rejects: { maxRows: 100 } }`,
      {
        SLACK_WEBHOOK_URL: inboxes.slackUrl,
        SMTP_URL: inboxes.smtpUrl,
        DAYBREAK_MAIL_FROM: 'a@example.com',
        DAYBREAK_MAIL_TO: 'b@example.com',
      },
    )
    await here.deliver()
    const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    for (const [index, text] of HOSTILE.entries()) {
      const cells = rows[index]!.split(',')
      rows[index] = [quoted(text), quoted(text), ...cells.slice(2), quoted(text)].join(',')
      rows[index + 20] = [`K${index}`, quoted(text), ...cells.slice(2), ''].join(',')
      rows[index + 40] = [quoted(`${text}-key`), ...cells.slice(1), ''].join(',')
    }
    const whole = rows.map((row, index) => (index < 8 || (index >= 20 && index < 28) || (index >= 40 && index < 48) ? row : `${row},`))
    await writeFile(here.inputPath(), `${header},${quoted(HOSTILE[1]!)}\n${whole.join('\n')}\n`)

    const run = await here.command('run', 'churn', '--date', DATE, '--local')
    expect(run.code).toBe(0)
    const status = await here.command('status', 'churn')
    const failed = await here.command('check', 'churn', '--input', here.inputPath())
    for (const { stdout, stderr } of [run, status, failed]) expect(unseenIn(`${stdout}${stderr}`)).toEqual([])

    const folder = join(here.settings.home, 'churn', 'attempts', DATE, 'a001')
    for (const page of [join(folder, 'report.html'), join(here.settings.home, 'churn', 'reports', 'index.html')]) {
      const html = await readFile(page, 'utf8')
      expect(html).not.toMatch(/<script|<img|<[a-z][^>]*\son\w+=/i)
      expect(unseenIn(html)).toEqual([])
      expect(html.length).toBeLessThan(400_000)
    }
    expect(inboxes.messages).toHaveLength(2)
    for (const { body } of inboxes.messages) {
      expect(body).not.toMatch(/<!channel>|<http:\/\/evil|<script|<img/)
      expect(unseenIn(body)).toEqual([])
    }

    const rejects = parse(await readFile(join(folder, 'rejects.csv')), { columns: true }) as Record<string, string>[]
    expect(rejects.length).toBeGreaterThan(10)
    for (const cell of rejects.flatMap((row) => Object.values(row))) expect(cell).not.toMatch(/^[=@+\t\r]/)
    const predictions = parse(await readFile(join(folder, 'predictions.csv')), { columns: true }) as Record<string, string>[]
    expect(predictions.length + rejects.length).toBe(rows.length)
    // Keys come out as they went in: the file is for machines.
    expect(predictions.some(({ customer_id: id }) => id === `${HOSTILE[0]}-key`)).toBe(true)
    expect(await readdir(here.folder)).toEqual(['cache', 'project'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})
