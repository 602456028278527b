/**
 * What the page can do beside being read: zoom, keys, what is under the pointer in words, buttons to copy. Everything
 * it adds it makes itself, so that a page without scripts has no dead buttons. No requests, no storage, no markup out
 * of text.
 */
export const SCRIPT = `
(() => {
  'use strict'
  const WIDTH = 1000, MIN_WIDTH = 3, SMALLEST = 16
  const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const bytes = (value, unit = 0) =>
    value >= 1024 && unit < 4 ? bytes(value / 1024, unit + 1) : (unit === 0 ? Math.round(value) : value.toFixed(1)) + ' ' + UNITS[unit]
  const make = (name, className, text) => {
    const element = document.createElement(name)
    element.className = className
    element.textContent = text
    return element
  }
  const button = (text, label, action) => {
    const element = make('button', '', text)
    element.type = 'button'
    if (label !== '') element.setAttribute('aria-label', label)
    element.addEventListener('click', action)
    return element
  }
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value))

  const setUpSegment = (segment) => {
    const size = Number(segment.dataset.size)
    const track = segment.querySelector('.track')
    const marks = [...segment.querySelectorAll('.mark')]
    const drawn = [...segment.querySelectorAll('[data-from]')].map((element) => ({
      rects: [...element.querySelectorAll('rect')], from: Number(element.dataset.from), to: Number(element.dataset.to),
    }))
    const ticks = [...segment.querySelectorAll('.axis span')]
    const readout = make('p', 'readout', '')
    readout.setAttribute('role', 'status')
    let from = 0, span = size
    const draw = () => {
      const scale = WIDTH / Math.max(1, span)
      for (const one of drawn) {
        const width = Math.max(MIN_WIDTH, (one.to - one.from) * scale)
        const x = (one.from - from) * scale
        for (const rect of one.rects) {
          rect.setAttribute('width', width)
          rect.setAttribute('x', span === size ? Math.min(WIDTH - width, x) : x)
        }
      }
      ticks.forEach((tick, index) => { tick.textContent = bytes(from + (span * index) / 4) })
      segment.dataset.zoomed = String(span < size)
    }
    const show = (start, length) => {
      span = clamp(length, Math.min(size, SMALLEST), size)
      from = clamp(start, 0, size - span)
      draw()
    }
    const zoom = (factor, centre) => {
      const share = span === 0 ? 0 : (centre - from) / span
      const length = clamp(span / factor, Math.min(size, SMALLEST), size)
      show(centre - share * length, length)
    }
    const whole = () => show(0, size)
    const middleOf = (mark) => (Number(mark.dataset.from) + Number(mark.dataset.to)) / 2
    const centre = () => marks.includes(document.activeElement) ? middleOf(document.activeElement) : from + span / 2
    const at = (event) => {
      const box = track.getBoundingClientRect()
      return from + (span * (event.clientX - box.left)) / Math.max(1, box.width)
    }
    const tell = (mark) => { readout.textContent = mark === null ? '' : mark.getAttribute('aria-label') }
    const current = () => marks.includes(document.activeElement) ? document.activeElement : null
    for (const mark of marks) {
      mark.addEventListener('pointerenter', () => tell(mark))
      mark.addEventListener('pointerleave', () => tell(current()))
      mark.addEventListener('blur', () => tell(null))
      mark.addEventListener('focus', () => {
        tell(mark)
        const middle = middleOf(mark)
        if (middle < from || middle > from + span) show(middle - span / 2, span)
      })
    }
    const moveTo = (index) => { marks[clamp(index, 0, marks.length - 1)]?.focus() }
    const keys = {
      '+': () => zoom(2, centre()), '=': () => zoom(2, centre()), '-': () => zoom(0.5, centre()), '0': whole, Escape: whole,
      ArrowRight: (index) => moveTo(index + 1), ArrowLeft: (index) => moveTo(index - 1),
      Home: () => moveTo(0), End: () => moveTo(marks.length - 1),
    }
    track.addEventListener('keydown', (event) => {
      const act = keys[event.key]
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      act(marks.indexOf(document.activeElement))
    })
    track.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      zoom(event.deltaY < 0 ? 1.4 : 1 / 1.4, at(event))
    }, { passive: false })
    track.addEventListener('dblclick', (event) => zoom(4, at(event)))
    let grip = null
    track.addEventListener('pointerdown', (event) => { if (span < size) grip = { x: event.clientX, from } })
    window.addEventListener('pointermove', (event) => {
      if (grip !== null) show(grip.from - (span * (event.clientX - grip.x)) / Math.max(1, track.clientWidth), span)
    })
    window.addEventListener('pointerup', () => { grip = null })
    if (marks.length > 0) {
      const tools = make('span', 'tools', '')
      tools.append(
        button('+', 'zoom in', () => zoom(2, centre())),
        button('\\u2212', 'zoom out', () => zoom(0.5, centre())),
        button('whole file', '', whole),
      )
      segment.querySelector('.segment-head').append(tools)
      segment.append(readout)
    }
  }
  for (const segment of document.querySelectorAll('.segment')) setUpSegment(segment)

  const hint = document.querySelector('.keys')
  if (hint !== null) hint.hidden = false

  const copy = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent)
    } catch {
      const range = document.createRange()
      range.selectNodeContents(source)
      getSelection().removeAllRanges()
      getSelection().addRange(range)
      document.execCommand('copy')
    }
  }
  for (const source of document.querySelectorAll('pre.copy')) {
    const frame = make('div', 'copying', '')
    source.replaceWith(frame)
    const copier = button('Copy', '', async () => {
      await copy(source)
      copier.textContent = 'Copied'
      setTimeout(() => { copier.textContent = 'Copy' }, 1500)
    })
    frame.append(source, copier)
  }
  const follow = () => { document.getElementById(location.hash.slice(1))?.focus({ preventScroll: true }) }
  addEventListener('hashchange', follow)
})()
`
