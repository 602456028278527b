/** The page in a real browser: needs Debian's chromium, and says so loudly where there is none. */
import { expect } from 'chai'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { renderPage } from '../../src/html/page.ts'
import { damageOf, rangeOf, reportOf, segmentOf } from '../commands/sample-report.ts'
import { newFolder } from '../commands/support.ts'

const CHROMIUM = '/usr/bin/chromium'

const damage = [
  damageOf({ attempt: { why: 'no flipped bit; no moved sector', falseMatchTried: 6.7e-5 } }),
  damageOf({ position: 4000, sizeInBytes: 10, outcome: 'repaired', baseOffset: 70n }),
  damageOf({ position: 5000, message: '<b id="injected">&', outcome: 'dropped' }),
]
const page = renderPage(
  reportOf([
    segmentOf({ damage, skippedOffsetRanges: [rangeOf()] }),
    segmentOf({ source: 'orders-0/1.log' }),
  ]),
)
const healthy = renderPage(reportOf([segmentOf({ checked: 'records' })]))

describe('the page in Chromium', function () {
  this.timeout(60_000)
  let browser: Browser
  const path = join(newFolder(), 'report.html')
  const healthyPath = join(newFolder(), 'healthy.html')

  before(async function () {
    if (!existsSync(CHROMIUM)) {
      console.error(
        `${CHROMIUM} is not there: the page is NOT tested in a browser (apt-get install chromium)`,
      )
      this.skip()
    }
    writeFileSync(path, page)
    writeFileSync(healthyPath, healthy)
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  after(async () => {
    // Not there where the suite was skipped.
    await (browser as Browser | undefined)?.close()
  })

  /** Opens the page, and gathers what it should not do: errors, and requests for anything but itself. */
  async function open(
    options: BrowserContextOptions = {},
    file = path,
  ): Promise<{ opened: Page; odd: string[] }> {
    const opened = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
    const odd: string[] = []
    opened.on('console', (message) => odd.push(message.text()))
    opened.on('pageerror', (error) => odd.push(error.message))
    opened.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) odd.push(request.url())
    })
    await opened.goto(`file://${file}`)
    return { opened, odd }
  }

  for (const [name, options] of [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['without scripts', { javaScriptEnabled: false }],
  ] as const)
    it(`shows the map and the table, quietly: ${name}`, async () => {
      const { opened, odd } = await open(options)
      expect(await opened.locator('.mark').count()).to.equal(3)
      for (const mark of await opened.locator('.mark rect').all())
        expect((await mark.boundingBox())!.width).to.be.greaterThan(2)
      expect(
        await opened
          .getByRole('region', { name: 'Offsets that are missing' })
          .locator('tbody td')
          .allInnerTexts(),
      ).to.deep.equal([
        'orders-0',
        '50',
        '59',
        '10',
        '10',
        'exact',
        '60',
        '2023-11-14 22:13:20 UTC',
        '2023-11-14 22:14:20 UTC',
        'not known',
        'crc-mismatch',
      ])
      expect(await opened.locator('#injected').count()).to.equal(0)
      expect(await opened.getByText('<b id="injected">&').count()).to.be.greaterThan(0)
      const buttons = await opened.getByRole('button').count()
      expect(buttons > 0).to.equal(name !== 'without scripts')
      expect(odd).to.deep.equal([])
      await opened.close()
    })

  it('says why nothing was undone, in the row of the damage', async () => {
    const { opened } = await open()
    const row = opened.locator('#d1')
    expect(await row.locator('.why li').allInnerTexts()).to.deep.equal([
      'no flipped bit',
      'no moved sector',
    ])
    expect(await row.innerText())
      .to.include('6.7e-5')
      .and.include('kmend explain orders-0/')
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`shows of whole segments what was checked, and no empty map: ${colorScheme}`, async () => {
      const { opened, odd } = await open({ colorScheme }, healthyPath)
      expect(await opened.locator('h2').allInnerTexts()).to.deep.equal([
        'What was checked',
        'Every segment',
      ])
      expect(await opened.locator('.legend').count()).to.equal(0)
      expect(await opened.getByText('Every record was decoded').isVisible()).to.equal(true)
      const cut = `(() => {
        const table = document.querySelector('[aria-label="Every segment"]')
        return table.scrollWidth - table.clientWidth
      })()`
      expect(await opened.evaluate(cut)).to.equal(0)
      expect(odd).to.deep.equal([])
      await opened.close()
    })

  it('has another ground in the dark', async () => {
    const grounds = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const { opened } = await open({ colorScheme })
        return await opened.evaluate('getComputedStyle(document.documentElement).backgroundColor')
      }),
    )
    expect(grounds[0]).not.to.equal(grounds[1])
  })

  it('is used with keys: from mark to mark, nearer, back, and to the row', async () => {
    const { opened, odd } = await open()
    const first = opened.locator('.mark').first()
    const width = async (): Promise<number> => (await first.locator('rect').boundingBox())!.width
    await first.focus()
    expect(await opened.locator('.readout').first().innerText()).to.include('offsets 50 to 59')
    const before = await width()
    await opened.keyboard.press('+')
    // The outline of the focus is part of both widths.
    expect(await width()).to.be.closeTo(before * 2, 8)
    expect(await opened.locator('.axis').first().innerText()).not.to.include('5.9 KiB')
    await opened.keyboard.press('0')
    expect(await width()).to.be.closeTo(before, 1)
    await opened.keyboard.press('ArrowRight')
    expect(await opened.locator('.readout').first().innerText()).to.include('repaired')
    await opened.keyboard.press('Enter')
    expect(opened.url()).to.match(/#d2$/)
    expect(odd).to.deep.equal([])
  })

  it('is zoomed with the pointer, and says what is under it', async () => {
    const { opened } = await open()
    const mark = opened.locator('.mark').first()
    await mark.hover()
    expect(await opened.locator('.readout').first().innerText()).to.include(
      'position 3,000 to 3,600',
    )
    const before = (await mark.locator('rect').boundingBox())!.width
    await opened.getByRole('button', { name: 'zoom in' }).first().click()
    expect((await mark.locator('rect').boundingBox())!.width).to.be.greaterThan(before * 1.9)
  })
})
