import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['out', 'node_modules', 'test-results', '.bench'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      // export default is for configuration files and .vue files only
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'no-console': ['error', { allow: ['error', 'log'] }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // an optional prop without a default is undefined, which TypeScript already says
      'vue/require-default-prop': 'off',
      'vue/multi-word-component-names': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  { files: ['**/*.config.{js,ts}', '**/*.vue', 'e2e/electron-standin/*.mjs', '**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
  // AssemblyScript, which is not TypeScript: its operators and annotations are its own
  { ignores: ['**/*.simd.ts', '**/assembly/**'] },
  prettier,
)
