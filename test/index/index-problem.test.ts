import { expect } from 'chai'
import { createProblemList, PROBLEM_LIST_LIMIT } from '../../src/index/index-problem.ts'

describe('createProblemList', () => {
  const filled = (count: number): ReturnType<typeof createProblemList> => {
    const problems = createProblemList('timeIndex')
    for (let entry = 0; entry < count; entry++) problems.add(entry, entry * 12, () => `p${entry}`)
    return problems
  }

  it('lists problems as they come', () => {
    expect(filled(1).list()).to.deep.equal([
      { file: 'timeIndex', entry: 0, position: 0, message: 'p0' },
    ])
  })

  for (const { count, last } of [
    { count: PROBLEM_LIST_LIMIT, last: 'p19' },
    {
      count: PROBLEM_LIST_LIMIT + 1,
      last: '1 more problem in this file, not listed one by one',
    },
    {
      count: PROBLEM_LIST_LIMIT + 500,
      last: '500 more problems in this file, not listed one by one',
    },
  ]) {
    it(`ends the list of ${count} with: ${last}`, () => {
      const list = filled(count).list()
      expect(list.at(-1)?.message).to.equal(last)
      expect(list.length).to.be.at.most(PROBLEM_LIST_LIMIT + 1)
    })
  }

  it('builds no message that it will not list', () => {
    const problems = filled(PROBLEM_LIST_LIMIT)
    problems.add(99, 0, () => expect.fail('message was built'))
    expect(problems.list().at(-1)).to.deep.include({ entry: null, position: 0 })
  })
})
