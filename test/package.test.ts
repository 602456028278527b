import { expect } from 'chai'
import { readFileSync } from 'node:fs'

interface Manifest {
  readonly [field: string]: unknown
  readonly name: string
  readonly version: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as Manifest

describe('package.json', () => {
  it('is an ES module that runs on Node 20.19 and later', () => {
    expect(manifest.name).to.equal('kmend')
    expect(manifest['type']).to.equal('module')
    expect(manifest['engines']).to.deep.equal({ node: '>=20.19' })
    expect(manifest['license']).to.equal('Apache-2.0')
  })

  it('exports the library with its types, and nothing from within it', () => {
    expect(manifest['exports']).to.deep.equal({
      '.': { types: './dist/src/kmend.d.ts', default: './dist/src/kmend.js' },
      './package.json': './package.json',
    })
    expect(manifest['main']).to.equal(undefined)
    expect(manifest['sideEffects']).to.equal(false)
  })

  it('installs one command and its manual page', () => {
    expect(manifest['bin']).to.deep.equal({ kmend: 'dist/cli.js' })
    expect(manifest['man']).to.equal('./man/kmend.1')
  })

  it('publishes what was built and what is to be read, no sources and no tests', () => {
    expect(manifest['files']).to.deep.equal(['dist', 'schema', 'docs', 'man', 'CHANGELOG.md'])
  })

  it('needs these seven packages at run time, at exact versions', () => {
    expect(Object.keys(manifest.dependencies).sort()).to.deep.equal([
      'avsc',
      'fflate',
      'fzstd',
      'hyparquet-writer',
      'lz4js',
      'snappyjs',
      'yargs',
    ])
    for (const [name, version] of Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    }))
      expect(version, name).to.match(/^\d+\.\d+\.\d+$/)
    expect(manifest['peerDependencies']).to.equal(undefined)
    expect(manifest['optionalDependencies']).to.equal(undefined)
  })

  it('runs nothing on the machine that installs it', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).to.not.have.property(script)
  })
})
