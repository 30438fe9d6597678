import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const documented = {
  'jsdoc/require-jsdoc': [
    'error',
    {
      publicOnly: true,
      require: { ClassDeclaration: true, FunctionDeclaration: true, MethodDefinition: false },
      contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSEnumDeclaration'],
      checkConstructors: false,
    },
  ],
};

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', '.data/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { jsdoc },
    languageOptions: { parserOptions: { projectService: true, emitDecoratorMetadata: true } },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 50, skipComments: true, skipBlankLines: true }],
      complexity: ['error', 15],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  { files: ['libs/**/*.ts', 'apps/**/*.ts'], ignores: ['**/*.spec.ts'], rules: documented },
  { files: ['**/*.spec.ts', 'test/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    // The core decides from its arguments alone: no clock, no dice, no I/O.
    files: ['libs/pool-core/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'Date',
        'process',
        'setTimeout',
        'setInterval',
        'performance',
        'fetch',
        'Buffer',
        'crypto',
        'queueMicrotask',
        'setImmediate',
        'console',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Take random as an argument.' },
      ],
    },
  },
);
