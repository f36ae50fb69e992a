// Tests run as ES modules, like the services do: jest needs --experimental-vm-modules for that (see `pnpm test`).
export default {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  testMatch: ['**/*.test.ts'],
  testTimeout: 30_000,
};
