import js from '@eslint/js'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import { importX } from 'eslint-plugin-import-x'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

// What a folder of src may import, from the bottom up: a folder knows those of its own row and of the rows above it.
const LAYERS = [
  ['common', 'config'],
  ['infrastructure'],
  ['auth', 'users', 'credits', 'plans', 'payments', 'webhooks', 'idempotency', 'audit', 'logs', 'health'],
  ['datasets'],
  ['catalog', 'orders', 'ingestion', 'events'],
  ['analytics', 'boards', 'live', 'dashboard', 'backup'],
  ['app.module.ts', 'bootstrap'],
]
const NO_ARROW_UPWARD = LAYERS.slice(0, -1).flatMap((folders, row) =>
  folders.map((folder) => ({
    target: `./src/${folder}`,
    from: LAYERS.slice(row + 1)
      .flat()
      .map((higher) => `./src/${higher}`),
    message: 'This folder lies below the imported one: see "The rules" in ARCHITECTURE.md.',
  })),
)

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'data/**', 'clients/typescript/schema.ts'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['*.js', 'tools/scripts/*.mjs', 'tools/cli/*.mjs', 'test/support/*.mjs'],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Rewriting an injected class into `import type` erases it from the decorator metadata and breaks injection.
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
    },
  },
  {
    // JSON answers are looked at as they come; their shape is what is being tested.
    files: ['test/**', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'tools/**/*.ts'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            { target: './src', from: './tools', message: 'Tools are clients of the server.' },
            ...NO_ARROW_UPWARD,
            {
              // tools/demo and tools/backup are not among them: they work on the engines of their own machine.
              target: ['./tools/cli', './tools/generator/!(*.spec).ts'],
              from: './src',
              message: 'The types of the HTTP API are in clients/typescript.',
            },
          ],
        },
      ],
    },
  },
  { files: ['web/**'], ...reactHooks.configs.flat.recommended },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', fetch: 'readonly' } },
  },
)
