import js from '@eslint/js'
import tseslint from 'typescript-eslint'

// The layers, lowest first. A folder may import from those before it, never from those after it.
const layers = [
  'errors',
  'words',
  'bytes',
  'codec',
  'segment',
  'topics',
  'index',
  'recover',
  'dump',
  'summaries',
  'html',
  'metrics',
  'commands',
]

const fileSystem = ['node:fs', 'node:fs/promises', 'fs', 'fs/promises']

/** One block a folder: its imports point downwards only, and only the named files touch the file system. */
const layerRules = layers.slice(1).map((layer, position) => ({
  files: [`src/${layer}/**/*.ts`],
  ignores: ['src/bytes/file-*.ts', 'src/recover/apply.ts', 'src/commands/write-file.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: fileSystem.map((name) => ({
          name,
          message: 'Only bytes/file-*.ts, recover/apply.ts and commands/write-file.ts touch files.',
        })),
        patterns: [
          ...layers.slice(position + 2).map((above) => ({
            group: [`**/${above}/*`],
            message: `${layer}/ lies below ${above}/: imports point downwards only.`,
          })),
          { group: ['**/kmend.ts', '**/cli.ts'], message: 'Entry points are imported by nobody.' },
        ],
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'examples/', 'test/kafka/target/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.test.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
    },
  },
  ...layerRules,
  {
    // Only the outermost layer talks to the process.
    files: ['src/**/*.ts'],
    ignores: ['src/commands/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'console'] },
  },
  {
    files: ['test/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', WebAssembly: 'readonly' },
    },
  },
)
